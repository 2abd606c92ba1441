"""The nightly check: what it finds, whom it tells, and what the owner sees of it."""

from datetime import timedelta

import pytest
from factories import make_member, make_order
from flask import Flask

from portal.imports.models import Upload
from portal.lib.clock import now, set_back
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.ops import check
from portal.orders.models import Order
from portal.shop.models import SelfCheck, change_settings
from portal.staff import health


def spoil(number: str) -> None:
    with write_tx():
        Order.update(total=Order.total + 1).where(Order.number == number).execute()


@pytest.fixture
def owner(app: Flask):
    return make_member("Marit De Smet", role="owner", email="marit@shop.example")


def mailed() -> list[str]:
    return [mail.text for mail in Mail.select().where(Mail.kind == "self_check").order_by(Mail.id)]


def test_a_sound_shop_is_said_to_be_sound_and_nobody_is_mailed(sign_in, owner) -> None:
    make_order(make_member(), "1048")
    assert check.check().problems == []
    assert mailed() == []
    assert "All is as it must be" in sign_in(owner).get("/staff").text


def test_what_is_wrong_is_kept_shown_and_mailed_once(sign_in, owner) -> None:
    member = make_member()
    make_order(member, "1048"), make_order(member, "1049")
    spoil("1048")
    found = check.check().problems
    assert found == ["order 1048 of default: its parts come to 8740, its total is 8741"]
    assert check.check().problems == found
    assert len(mailed()) == 1
    assert f"- {found[0]}\n" in mailed()[0]
    spoil("1049")
    check.check()
    assert len(mailed()) == 2
    assert "1049" in mailed()[1]
    assert "1048" not in mailed()[1]
    page = sign_in(owner).get("/staff").text
    assert "2 things are not as they must be" in page
    assert "order 1049 of default" in page


def test_an_agent_sees_nothing_of_it(sign_in, owner) -> None:
    make_order(make_member(), "1048")
    spoil("1048")
    check.check()
    page = sign_in(make_member("Ines Peeters", role="agent")).get("/staff").text
    assert "1048" not in page
    assert "own check" not in page


def test_money_without_an_order_is_no_finding(app: Flask) -> None:
    from portal.payments.models import Payment

    with write_tx():
        Payment.create(
            order=None, member=make_member(), key="stripe:ch_1", at=now(), amount=100,
            currency="EUR", method="Card", kind="sale",
        )  # fmt: skip
    assert check.check().problems == []


def test_a_mail_that_should_have_gone_is_found_only_with_a_mail_server(app: Flask) -> None:
    late = now() - timedelta(minutes=20)
    values = {
        "to": "a@example.com",
        "subject": "A",
        "text": "A",
        "html": "A",
        "kind": "x",
        "why": "x",
    }
    with write_tx():
        Mail.create(**values, next_try_at=late)
        Mail.create(**values, next_try_at=now())
        Mail.create(**values, next_try_at=late, status="sent")
    assert check.stuck() == []
    app.config["MAIL_URL"] = "smtp://localhost"
    assert check.stuck() == [
        "1 mail has been due for more than 15 minutes; is the shop being served?"
    ]


def test_an_import_that_stands_still_is_found(app: Flask) -> None:
    late = now() - timedelta(minutes=20)
    rows = [
        ("still.csv", "importing", late), ("going.csv", "importing", now()),
        ("unlooked.csv", "looking", None), ("waiting.csv", "looked", late),
        ("in.csv", "done", late),
    ]  # fmt: skip
    with write_tx():
        for name, state, beat in rows:
            Upload.create(token=name, name=name, size=1, state=state, beat_at=beat, created_at=late)
    assert [sentence.split("”")[0] for sentence in check.stuck()] == [
        "The file “still.csv", "The file “unlooked.csv",
    ]  # fmt: skip


def test_thousands_of_findings_are_counted_not_kept(owner, monkeypatch) -> None:
    monkeypatch.setattr(check, "problems", lambda: [f"order {n} is wrong" for n in range(3000)])
    kept = check.check().problems
    assert (len(kept), kept[-1]) == (101, "2900 more")
    assert "And 81 more." in mailed()[0]
    check.check()
    assert len(mailed()) == 1


def test_it_runs_once_a_night_and_catches_up(app: Flask) -> None:
    change_settings(timezone="America/New_York")
    moment = now()
    at_four = moment.replace(hour=9, minute=30)  # 4:30 or 5:30 there
    at_noon = moment.replace(hour=17, minute=30)
    runs = [at_noon, at_noon + timedelta(hours=1), at_four + timedelta(days=1) - timedelta(hours=1),
            at_four + timedelta(days=1), at_four + timedelta(days=1, hours=1),
            at_four + timedelta(days=2, hours=1)]  # fmt: skip
    counts = []
    for run in runs:
        with set_back(moment - run):
            check.check_tonight.call_local()
        counts.append(SelfCheck.select().count())
    # The first at once, one in the night, none an hour later, one the next night.
    assert (counts[0], counts[1], counts[4], counts[5]) == (1, 1, 2, 3)


def test_old_checks_are_forgotten(app: Flask) -> None:
    with write_tx():
        SelfCheck.create(at=now() - timedelta(days=91))
    check.check()
    assert SelfCheck.select().count() == 1


def test_the_owner_is_told_before_the_disk_is_full(sign_in, owner, monkeypatch) -> None:
    monkeypatch.setattr(health, "FULL", 0)
    used, left = health.disk()
    page = sign_in(owner).get("/staff").text
    assert f"The disk is {used} % full." in page
    monkeypatch.setattr(health, "FULL", 101)
    assert "% full" not in sign_in(owner).get("/staff").text
    assert left > 0
