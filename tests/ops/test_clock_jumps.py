"""The clock jumps: forward a month, back two hours, back a year, over the turns of summer time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import JobSlot
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.loyalty.points import book_orders, mature
from portal.loyalty.verify import problems
from portal.members import codes
from portal.members.models import OneTimeLink, Session, SignInCode
from portal.members.models.session import ABSOLUTE
from portal.members.proofs import DeadCode, WrongCode
from portal.ops import check
from portal.shop.models import change_settings

DAY = 86_400
JUMPS = {"a month on": 31 * DAY, "two hours back": -2 * 3600, "a year back": -400 * DAY}


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(datetime(2026, 6, 15, 12, tzinfo=UTC), tick=False) as moved:
        yield moved


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_a_page_comes_whatever_the_clock_says(app: Flask, clock, sign_in, jump: int) -> None:
    browser = sign_in(make_member())
    assert browser.get("/").status_code == 200
    clock.shift(jump)
    assert browser.get("/").status_code in (200, 303)
    assert app.test_client().get("/sign-in").status_code == 200


@pytest.mark.parametrize("role", [None, "agent", "owner"])
def test_no_session_lives_beyond_its_end_however_the_clock_jumps(clock, sign_in, role) -> None:
    browser = sign_in(make_member(role=role))
    limit = int(ABSOLUTE[role].total_seconds())
    page = "/staff" if role else "/"
    lived, step = 0, 11 * 3600 if role else 3 * DAY
    while lived < limit - step:  # used all the time, so that it is never idle
        clock.shift(step)
        lived += step
        if lived // step % 5 == 0:  # now and then the clock is set back a little and right again
            clock.shift(-2 * 3600)
            assert browser.get(page).status_code == 200
            clock.shift(2 * 3600)
        assert browser.get(page).status_code == 200
    clock.shift(limit - lived + 1)
    assert browser.get(page).status_code == 303
    clock.shift(-2 * limit)
    assert browser.get(page).status_code == 303


def test_a_session_from_the_future_is_none(clock, sign_in) -> None:
    browser = sign_in(make_member())
    clock.shift(-400 * DAY)
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("back", [3600, 2 * 3600, 400 * DAY])
def test_no_code_works_again_after_a_jump_back(app: Flask, clock, back: int) -> None:
    make_member("Ada", email="ada@example.com")
    with app.test_request_context():
        browser = codes.ask("ada@example.com")
        clock.shift(11 * 60)
        row = codes.waiting(browser)
        assert row is not None
        clock.shift(-back)
        with pytest.raises((DeadCode, WrongCode)):
            codes.use(browser, "AAAAAA")
    usable = SignInCode.select().where(
        (SignInCode.expires_at > now())
        & (SignInCode.created_at <= now() + timedelta(minutes=1))
        & SignInCode.used_at.is_null()
    )
    assert usable.count() == 0


def test_a_link_that_was_used_stays_used(app: Flask, clock) -> None:
    token = OneTimeLink.make("setup", make_member(role="agent"), timedelta(hours=24))
    link = OneTimeLink.find(token, "setup")
    assert link is not None
    assert link.use()
    clock.shift(-2 * 3600)
    assert not link.use()


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_points_ripen_once_however_the_clock_jumps(app: Flask, clock, jump: int) -> None:
    change_settings(points_per_unit=1, point_worth=1, return_days=14)
    member = make_member()
    order = make_order(member, total=10_000, placed_at=now())
    book_orders([order.id])
    clock.shift(jump)
    mature()
    clock.shift(-jump)
    mature()
    clock.shift(15 * DAY)
    mature()
    clock.shift(-20 * DAY)
    mature()
    book_orders([order.id])
    clock.shift(20 * DAY)
    mature()
    assert PointsAccount.get().balance == 100
    assert LedgerEntry.select().where(LedgerEntry.available > 0).count() == 1
    assert problems() == []


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # Brussels skips 02:00 to 03:00
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # and has that hour twice
        datetime(2028, 2, 29, 12, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),  # a leap second came after it
    ],
)
def test_pages_and_points_pass_the_odd_moments_of_the_calendar(sign_in, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False) as clock:
        change_settings(
            timezone="Europe/Brussels", points_per_unit=1, point_worth=1, return_days=14
        )
        member = make_member()
        browser = sign_in(member)
        order = make_order(member, total=10_000, placed_at=now())
        book_orders([order.id])
        for _quarter in range(12):
            assert browser.get("/").status_code == 200
            assert browser.get("/account/activity").status_code == 200
            mature()
            clock.shift(900)
        clock.shift(14 * DAY)
        mature()
        assert PointsAccount.get().balance == 100
        assert problems() == []


@pytest.mark.parametrize("month", [3, 10])
def test_the_nightly_check_runs_on_both_days_that_change_the_time(app: Flask, month: int) -> None:
    change_settings(timezone="Europe/Brussels")
    start = datetime(2026, month, 28 if month == 3 else 24, 12, 30, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        check.check_tonight.call_local()
        ran = []
        for _hour in range(48):
            clock.shift(3600)
            before = check.latest().id
            check.check_tonight.call_local()
            if check.latest().id != before:
                ran.append(now().day)
        assert ran == ([29, 30] if month == 3 else [25, 26])


def test_a_periodic_job_runs_once_in_a_minute_that_comes_twice(app: Flask, clock) -> None:
    for _time in range(2):
        check.check_tonight.call_local()
        clock.shift(3600)
        clock.shift(-3600)
    assert JobSlot.select().where(JobSlot.job == "ops.check").count() == 1


def test_events_of_one_person_stay_in_their_order_when_the_clock_lies(app: Flask, clock) -> None:
    member = make_member()
    with write_tx():
        member.record("role.given", role="agent")
        clock.shift(-2 * 3600)
        member.record("role.taken", role="agent")
    kinds = [row.kind for row in member.events.order_by(type(member.events.get()).id)]
    assert kinds[-2:] == ["role.given", "role.taken"]
    assert Session.select().count() == 0
