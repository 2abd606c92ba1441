"""The risk view: each reason with its evidence, nobody without one, and a fixed number of reads."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import make_member, make_order
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import db, is_sqlite
from portal.members.models import Member, Recovery, Session
from portal.members.models.member import FAILURES
from portal.payments.models import BalanceTransaction, Payment
from portal.risk import signs
from portal.risk.board import board, words
from portal.risk.deciding import Decision, decide, state_of


def ago(**span: float) -> datetime:
    """A time before now."""
    return now() - timedelta(**span)


def reasons(member: Member) -> list[str]:
    """Why somebody is listed, in words."""
    for entry in board("", None).page.rows:
        if entry.member.id == member.id:
            return [words(sign) for sign in entry.signs]
    return []


def session(member: Member, *, at: datetime | None = None, **values: Any) -> Session:
    """A session that began at a time."""
    values = {"device": "Firefox on Linux", "method": "code"} | values
    serial = Session.select().count()
    made = Session.create(member=member, token_hash=f"hash{serial}", **values)
    Session.update(created_at=at or now()).where(Session.id == made.id).execute()
    return made


def fail(member: Member, kind: str, times: int, at: datetime | None = None) -> None:
    """Wrong codes and the like."""
    for _time in range(times):
        member.record(kind, at=at or now(), channel="app", device="Firefox on Linux", label="Key")


def at_noon(days: int = 1) -> datetime:
    """Noon some days ago, far from midnight."""
    return (now() - timedelta(days=days)).replace(hour=12, minute=0)


def test_nothing_odd_is_nobody_and_said_calmly(app: Flask, ines, alice, sign_in) -> None:
    session(alice)
    fail(alice, "sign_in.code_wrong", 2)
    page = sign_in(ines).get("/staff/risk").text
    assert ("Nothing stands out" in page, "Back to the desk" in page) == (True, True)
    assert alice.name not in page


@pytest.mark.parametrize(("times", "listed"), [(9, False), (10, True)])
def test_ten_failures_in_one_day_are_a_reason(alice, times: int, listed: bool) -> None:
    fail(alice, "sign_in.code_wrong", times - 8, at_noon())
    for hour, kind in enumerate(FAILURES[1:], 1):
        fail(alice, kind, 2, at_noon() + timedelta(hours=hour / 10))
    assert reasons(alice) == [f"{times} wrong codes, passwords or passkeys in one day."] * listed


def test_failures_over_many_days_or_long_ago_are_none(alice) -> None:
    for days in range(1, 6):
        fail(alice, "sign_in.code_wrong", 3, at_noon(days))
    fail(alice, "sign_in.code_wrong", 30, at_noon(40))
    assert reasons(alice) == []


def test_a_copied_passkey_and_missed_claims_are_reasons(alice) -> None:
    fail(alice, "passkey.refused", 1)
    fail(alice, "orders.claim_missed", 5, at_noon())
    assert reasons(alice) == [
        "A passkey behaved like a copy, and was refused.",
        "Claimed 5 times in one day what did not fit.",
    ]


def test_a_report_is_a_reason_while_frozen_and_for_a_month_after(alice) -> None:
    alice.record("account.frozen", about="A new device", count=1)
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    frozen = "Is frozen: somebody said “this was not me”."
    assert reasons(alice) == [frozen, "Somebody said “this was not me”."]
    Member.update(frozen_at=None).where(Member.id == alice.id).execute()
    assert reasons(alice) == ["Somebody said “this was not me”."]


@pytest.mark.parametrize(("count", "listed"), [(4, False), (5, True)])
def test_five_devices_in_a_week_are_a_reason(alice, count: int, listed: bool) -> None:
    for serial in range(count):
        session(alice, device=f"Browser {serial}", at=ago(days=serial))
        session(alice, device=f"Browser {serial}", at=ago(days=serial))
        session(alice, device=f"Old browser {serial}", at=ago(days=9))
    assert reasons(alice) == ["5 devices signed in within a week."] * listed


def test_a_browser_that_is_known_again_is_one_device(alice) -> None:
    for serial in range(9):
        session(alice, device=f"Browser {serial}", browser_hash="one")
    assert reasons(alice) == []


def test_two_countries_within_two_hours_are_a_reason_and_two_towns_are_not(alice) -> None:
    bob = make_member("Bob Maes")
    slow = make_member("Carla Claes")
    for member, place, minutes in (
        (alice, "Ghent, Belgium", 200), (alice, "Lima, Peru", 160),
        (bob, "Ghent, Belgium", 200), (bob, "Bruges, Belgium", 160), (bob, "", 100),
        (slow, "Ghent, Belgium", 400), (slow, "Lima, Peru", 200),
    ):  # fmt: skip
        session(member, place=place, at=ago(minutes=minutes))
    assert reasons(alice) == [
        "Signed in from Ghent, Belgium, and 40 minutes later from Lima, Peru."
    ]
    assert reasons(bob) + reasons(slow) == []


def test_a_browser_of_four_accounts_is_a_reason_with_the_accounts_as_evidence(
    alice, ines, sign_in
) -> None:
    people = [alice, *(make_member(f"Person {serial}") for serial in range(3))]
    for member in people:
        session(member, browser_hash="shared")
    for member in (make_member("Dirk Maes"), make_member("Els Maes")):
        session(member, browser_hash="family")
    told = "Uses a browser that entered 4 accounts within a month."
    assert [reasons(member) for member in people] == [[told]] * 4
    desk = sign_in(ines)
    listed = desk.get("/staff/risk?reason=browsers").text
    link = listed.partition('href="/staff/risk/browsers/')[2].partition('"')[0]
    shown = desk.get(f"/staff/risk/browsers/{link}").text
    assert [name in shown for name in (*(p.name for p in people), "Dirk Maes")] == [
        *[True] * 4, False,
    ]  # fmt: skip
    assert desk.get("/staff/risk/browsers/999999").status_code == 404


def test_a_session_without_a_known_browser_leads_to_no_others(alice, ines, sign_in) -> None:
    made = session(alice)
    session(make_member("Bob Maes"))
    assert sign_in(ines).get(f"/staff/risk/browsers/{made.id}").status_code == 404


@pytest.mark.parametrize(("back", "listed"), [(40, False), (60, True)])
def test_refunds_of_half_of_what_was_paid_are_a_reason(alice, back: int, listed: bool) -> None:
    for _order in range(3):
        make_order(alice, total=10_000, refunded=back * 100)
    told = f"3 refunds in half a year: {back} % of what was paid went back."
    assert reasons(alice) == [told] * listed


def test_two_refunds_or_old_ones_are_no_reason(alice) -> None:
    for days in (5, 6, 200, 300):
        make_order(alice, total=10_000, refunded=10_000, placed_at=ago(days=days))
    assert reasons(alice) == []


def test_a_dispute_in_the_books_of_the_provider_is_a_reason(alice, ines, sign_in) -> None:
    bob = make_member("Bob Maes")
    for member, charge, reference in ((alice, "ch_1A", "pi_1"), (bob, "ch_2B", "pi_2")):
        order = make_order(member, paid=False)
        Payment.create(
            order=order, member=member, key=f"stripe:{charge}", at=ago(days=9), amount=100,
            currency="EUR", reference=reference,
        )  # fmt: skip
    line = {"shop": "default", "amount": -100, "net": -100, "currency": "EUR", "at": ago(days=2)}
    BalanceTransaction.create(
        external_id="txn_1", kind="adjustment",
        description="Chargeback withdrawal for ch_1A", **line,
    )  # fmt: skip
    BalanceTransaction.create(external_id="txn_2", kind="charge", source="ch_2B", **line)
    BalanceTransaction.create(external_id="txn_3", kind="adjustment", description="Odd", **line)
    assert (reasons(alice), reasons(bob)) == (["A bank took a payment back."], [])
    page = sign_in(ines).get("/staff/risk").text
    assert f"/staff/members/{alice.number}?group=payments#stream" in page


def test_what_holds_what_is_proposed_and_a_recovery_are_reasons(alice, ines, marit) -> None:
    bob, carla = make_member("Bob Maes"), make_member("Carla Claes")
    decide(alice, marit, Decision("restrict", "x", "y", None, ("points",)), state_of(alice))
    decide(bob, ines, Decision("suspend", "x", "y"), state_of(bob))
    for state, serial in (("waiting", 1), ("cancelled", 2), ("asked", 3)):
        whose = carla if state == "waiting" else make_member("Els Maes")
        Recovery.create(
            member=whose, token_hash=f"t{serial}", cancel_hash=f"c{serial}", state=state
        )
    assert [reasons(alice), reasons(bob), reasons(carla)] == [
        ["Is restricted."],
        ["Is to be suspended, once somebody else agrees."],
        ["A recovery of 48 hours is under way."],
    ]
    assert board("", None).total == 3


def test_the_heaviest_come_first_page_by_page_and_nobody_twice(alice, ines, sign_in) -> None:
    people = [make_member(f"Person {serial}") for serial in range(7)]
    for member in people:
        fail(member, "sign_in.code_wrong", 10, at_noon())
    fail(people[4], "passkey.refused", 1)
    seen, after = [], None
    for _page in range(3):
        page = board("", after, size=3).page
        seen += [entry.member.id for entry in page.rows]
        after = page.next
    assert after is None
    assert seen == [people[4].id, *(p.id for p in people if p is not people[4])]
    desk = sign_in(ines)
    for garbled in ("x", "-", "1-", "9" * 60, "１-２"):
        assert "Person 4" in desk.get(f"/staff/risk?after={garbled}").text


def test_a_filter_leaves_the_others_out_and_an_unknown_one_counts_as_none(
    alice, ines, sign_in
) -> None:
    bob = make_member("Bob Maes")
    fail(alice, "sign_in.code_wrong", 10, at_noon())
    fail(bob, "passkey.refused", 1)
    desk = sign_in(ines)
    shown = {
        reason: [name in desk.get(f"/staff/risk?reason={reason}").text for name in names]
        for names in [(alice.name, bob.name)]
        for reason in ("failures", "copied", "places", "nonsense")
    }
    assert shown == {
        "failures": [True, False], "copied": [False, True], "places": [False, False],
        "nonsense": [True, True],
    }  # fmt: skip


def test_who_was_merged_counts_for_the_one_kept_and_who_left_for_nobody(alice) -> None:
    bob, gone = make_member("Bob Maes"), make_member("Carla Claes")
    for member in (bob, gone):
        fail(member, "passkey.refused", 1)
    Member.update(merged_into=alice).where(Member.id == bob.id).execute()
    Member.update(closed_at=now()).where(Member.id == gone.id).execute()
    assert [entry.member.id for entry in board("", None).page.rows] == [alice.id]


def test_every_reason_leads_to_a_page_that_is_there(alice, ines, sign_in) -> None:
    fail(alice, "passkey.refused", 1)
    fail(alice, "orders.claim_missed", 5, at_noon())
    fail(alice, "password.wrong", 10, at_noon())
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    Recovery.create(member=alice, token_hash="t", cancel_hash="c", state="waiting", ready_at=now())
    desk = sign_in(ines)
    page = desk.get("/staff/risk").text
    links = [part.partition('"')[0] for part in page.split('href="/staff/')[1:]]
    links = [link for link in links if link.startswith("members/")]
    assert len(links) == 6
    answers = [desk.get(f"/staff/{link.replace('&amp;', '&')}").status_code for link in links]
    assert answers == [200] * 6


def test_one_account_or_thirty_cost_the_same_statements(alice, ines, sign_in, statements) -> None:
    desk, counts = sign_in(ines), []
    desk.get("/staff/risk")
    for more in (1, 29):
        for serial in range(more):
            member = make_member(f"Person {serial}")
            fail(member, "password.wrong", 10, at_noon())
            session(member, browser_hash="shared")
            make_order(member, refunded=100)
        with statements() as seen:
            assert desk.get("/staff/risk").status_code == 200
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))  # read anew at times
    assert counts[0] == counts[1] < 20


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (signs.events, "event_signs"),
        (signs.frozen, "member_frozen"),
        (signs.devices, "session_created_at"),
        (signs.places, "session_created_at"),
        (signs.browsers, "session_created_at"),
        (signs.refunds, "refund_at"),
        (signs.recoveries, "recovery_state"),
        (signs.disputes, "balance_transaction_disputes"),
    ],
)
def test_a_sign_finds_recent_rows_by_an_index(app: Flask, statements, look, index: str) -> None:
    if not is_sqlite():
        pytest.skip("an empty table is always read whole there")
    with statements() as seen:
        look()
    blanks = [None] * seen[0].count("?")
    plan = [step[3] for step in db.execute_sql(f"EXPLAIN QUERY PLAN {seen[0]}", blanks).fetchall()]
    reads = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
    assert f" USING INDEX {index} (" in " ".join(reads), plan
    assert [step for step in reads if step.startswith("SCAN") and " USING " in step] == [], plan
