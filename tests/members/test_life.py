"""A member's whole life in one list: what stands in other tables is told beside the events."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import make_member, make_order
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import db, is_sqlite, write_tx
from portal.lib.mail import Mail, post
from portal.loyalty.models import LedgerEntry
from portal.loyalty.points import book_orders, mature
from portal.members.models import Event, Member
from portal.members.sources import merged
from portal.members.timeline import GROUPS, timeline
from portal.orders.models import Fulfilment, Order
from portal.payments.models import Payment, Refund
from portal.shop.models import change_settings

LONG_AGO = datetime(2025, 3, 4, 10, 0)


def words(member: Member, for_staff: bool = False, **asked: Any) -> list[str]:
    """A page of the timeline as it reads."""
    return [entry.words for entry in timeline(member, for_staff, **asked).rows]


def live(member: Member, count: int, at: datetime = LONG_AGO) -> None:
    """Everything at one moment, `count` times: order, parcel, money both ways, points, mail."""
    change_settings(points_per_unit=1)
    orders = [
        make_order(
            member, placed_at=at, fulfilled_at=at, cancelled_at=at, refunded=100, total=2000 + n
        )
        for n in range(count)
    ]
    with write_tx():
        for order in orders:
            LedgerEntry.create(
                member=member, key=f"test:{order.id}", kind="earned", available=20,
                order=order, why=f"Order {order.number}", at=at,
            )  # fmt: skip
            Mail.create(
                to="alice@example.com", subject=f"About {order.number}", text="", html="",
                kind="account_change", why="", member_id=member.id, created_at=at, status="sent",
            )  # fmt: skip
            member.record("passkey.added", label=f"key {order.number}", at=at)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_nothing_of_one_moment_is_lost_or_doubled_at_the_border_of_a_page(
    app: Flask, size: int
) -> None:
    alice = make_member()
    live(alice, 2)
    live(alice, 1, LONG_AGO + timedelta(seconds=1))
    whole = [(e.at, e.id, e.words) for e in timeline(alice, size=100).rows]
    assert (len(whole), len(set(whole))) == (3 * 8, 3 * 8)
    assert whole == sorted(whole, reverse=True)
    seen, after = [], None
    while True:
        page = timeline(alice, after=after, size=size)
        seen += [(e.at, e.id, e.words) for e in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == whole


def test_what_follows_from_another_thing_stands_above_it(app: Flask) -> None:
    alice = make_member()
    live(alice, 1)
    assert [entry.kind for entry in timeline(alice).rows] == [
        "mail.sent", "points.booked", "payments.refunded", "orders.cancelled", "orders.sent",
        "payments.paid", "orders.placed", "passkey.added",
    ]  # fmt: skip


def test_an_entry_that_comes_in_between_moves_no_border(app: Flask) -> None:
    alice = make_member()
    live(alice, 3)
    first = timeline(alice, size=5)
    rest = words(alice, after=first.next, size=100)
    make_order(alice, "9999", placed_at=LONG_AGO + timedelta(days=1))
    assert words(alice, after=first.next, size=100) == rest


def test_each_filter_shows_its_own_kinds_only(app: Flask) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    live(alice, 1)
    alice.record("sign_in.done", method="code", device="Firefox on Linux")
    alice.record("staff.looked", actor=ines)
    shown = {group: {e.kind for e in timeline(alice, True, group).rows} for group in GROUPS}
    assert shown == {
        "orders": {"orders.placed", "orders.sent", "orders.cancelled"},
        "payments": {"payments.paid", "payments.refunded"},
        "points": {"points.booked"},
        "sign-ins": {"sign_in.done"},
        "account": {"passkey.added"},
        "mails": {"mail.sent"},
        "looks": {"staff.looked"},
    }
    assert len(timeline(alice, True, "nonsense").rows) == 10


@pytest.mark.parametrize("cursor", ["garbled", "20250304T100000000000", "x-y", "-", "1-2-3", ""])
def test_a_garbled_cursor_is_the_start(app: Flask, cursor: str) -> None:
    alice = make_member()
    live(alice, 1)
    assert words(alice, after=cursor) == words(alice)


def test_nothing_of_another_member_is_ever_told(app: Flask) -> None:
    alice, bob = make_member(), make_member("Bob Maes")
    live(bob, 2)
    make_order(None, "2002", fulfilled_at=LONG_AGO)
    assert [words(alice, staff, group=g) for staff in (True, False) for g in ("", *GROUPS)] == (
        [[]] * 16
    )
    live(alice, 1)
    numbers = {order.number for order in bob.orders}
    assert {e.subject for e in timeline(alice, True, size=100).rows} & numbers == set()


def test_an_order_that_moved_is_told_to_its_new_member_and_links_nowhere_for_the_old(
    app: Flask,
) -> None:
    change_settings(points_per_unit=1)
    alice, bob = make_member(), make_member("Bob Maes")
    order = make_order(alice, "1048", total=2000, placed_at=LONG_AGO)
    book_orders([order.id])
    Order.update(member=bob).where(Order.id == order.id).execute()
    book_orders([order.id])
    assert words(alice, group="orders") == []
    assert [(e.words, e.order) for e in timeline(alice, group="points").rows] == [
        ("20 points taken back: Order 1048 is not in this account any more.", ""),
        ("20 points earned from order 1048.", ""),
    ]
    assert words(bob, group="orders") == ["You placed order 1048, €20.00."]


def test_an_order_reads_plain_for_the_member_and_complete_for_staff(app: Flask) -> None:
    alice = make_member()
    order = make_order(
        alice, "1048", placed_at=LONG_AGO, ship_status="fulfilled",
        fulfilled_at=LONG_AGO + timedelta(days=1), cancelled_at=LONG_AGO + timedelta(days=2),
    )  # fmt: skip
    Fulfilment.create(order=order, tracking_number="1Z4W8E276812345678")
    assert words(alice, group="orders") == [
        "The shop cancelled order 1048.",
        "Order 1048 left the shop with UPS.",
        "You placed order 1048, €87.40.",
    ]
    assert words(alice, True, group="orders") == [
        "Order 1048 was cancelled, €87.40.",
        "Order 1048 left the shop with UPS. Tracking number 1Z4W8E276812345678.",
        "Placed order 1048, €87.40: Sencha, first flush, 100 g.",
    ]


def test_a_number_that_staff_set_is_the_one_that_is_told(app: Flask) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    order = make_order(alice, "1048", placed_at=LONG_AGO, fulfilled_at=LONG_AGO + timedelta(days=1))
    Fulfilment.create(order=order, tracking_number="1Z4W8E276812345678")
    order.set_tracking("RR123456785GB", ines)
    assert words(alice, True, group="orders")[1] == (
        "Order 1048 left the shop with Royal Mail. Tracking number RR123456785GB."
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ship_status": "partial"}, "A part of order 1048 left the shop."),
        ({"ship_status": "fulfilled"}, "Order 1048 left the shop."),
        ({"fulfilled_at": LONG_AGO}, "Order 1048 is complete."),
    ],
)
def test_what_is_not_known_of_a_parcel_is_not_told(app: Flask, values: Any, sentence: str) -> None:
    alice = make_member()
    sent = {"fulfilled_at": LONG_AGO + timedelta(days=1), **values}
    make_order(alice, "1048", placed_at=LONG_AGO, **sent)
    assert words(alice, group="orders")[0] == sentence


def test_money_reads_with_how_it_was_paid_and_what_became_of_it(app: Flask) -> None:
    alice = make_member()
    make_order(alice, "1048", placed_at=LONG_AGO, refunded=2900)
    Payment.update(card_brand="Visa", card_last4="4242").execute()
    assert words(alice, group="payments") == [
        "€29.00 came back to you for order 1048.",
        "You paid €87.40 with Visa 4242, order 1048.",
    ]
    assert words(alice, True, group="payments") == [
        "€29.00 refunded for order 1048.",
        "Paid €87.40 with Visa 4242, order 1048.",
    ]
    Payment.update(status="failure").execute()
    Refund.update(status="pending").execute()
    assert words(alice, group="payments") == [
        "€29.00 is on its way back to you for order 1048.",
        "Your payment of €87.40 for order 1048 did not go through.",
    ]


def test_points_are_told_once_each_with_their_reason(app: Flask) -> None:
    change_settings(points_per_unit=1, return_days=30)
    alice = make_member()
    placed = now() - timedelta(days=20)
    order = make_order(alice, "1012", total=4100, placed_at=placed)
    book_orders([order.id])
    assert words(alice, group="points") == ["41 points pending from order 1012."]
    assert words(alice, True, group="points") == ["41 points pending: Order 1012, €41.00."]
    change_settings(return_days=10)
    book_orders([order.id])
    mature()
    Order.update(refunded=1100).where(Order.id == order.id).execute()
    book_orders([order.id])
    assert words(alice, group="points") == [
        "11 points taken back: Refund on order 1012.",
        "41 points are ready to spend: Order 1012, its return window has ended.",
        "41 points pending from order 1012.",
    ]
    assert [e.order for e in timeline(alice, group="points").rows] == ["1012"] * 3
    assert Event.select().where(Event.member == alice).count() == 0


def test_the_number_in_the_words_is_the_order_never_a_sum(app: Flask) -> None:
    change_settings(points_per_unit=1)
    alice = make_member()
    book_orders([make_order(alice, "5", total=500, placed_at=LONG_AGO).id])
    entry = timeline(alice, True, "points").rows[0]
    assert (entry.before, entry.subject, entry.after) == (
        "5 points earned: Order ",
        "5",
        ", €5.00.",
    )


def test_a_mail_is_told_by_its_subject_and_its_fate_and_never_by_what_it_says(
    app: Flask, sign_in: Any
) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    with app.test_request_context(), write_tx():
        post(
            "alice@example.com", "sign_in_code", subject="Your code", why="You asked.",
            secret="QZX7VW", member_id=alice.id,
        )  # fmt: skip
    assert words(alice) == ["Our mail “Your code” is on its way to you."]
    assert words(alice, True) == ["The mail “Your code” to alice@example.com waits in the outbox."]
    Mail.update(status="sent").execute()
    assert words(alice) == ["We mailed you “Your code”."]
    assert words(alice, True) == ["The mail “Your code” went to alice@example.com."]
    Mail.update(status="failed", error="550 no such person").execute()
    assert words(alice) == ["Our mail “Your code” could not be delivered."]
    assert words(alice, True) == [
        "The mail “Your code” to alice@example.com could not be delivered: 550 no such person."
    ]
    for page in (
        sign_in(alice).get("/account/activity"),
        sign_in(ines).get(f"/staff/members/{alice.number}"),
    ):
        assert ("could not be delivered" in page.text, "QZX7VW" in page.text) == (True, False)


def test_the_number_of_an_order_leads_to_it(app: Flask, sign_in: Any) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    make_order(alice, "1048", placed_at=LONG_AGO)
    make_order(alice, "1048", placed_at=LONG_AGO, shop="north")
    make_order(alice, "A/7 ?", placed_at=LONG_AGO)
    browser, desk = sign_in(alice), sign_in(ines)
    for key in ("default-1048", "north-1048", "A%2F7%20%3F"):
        plain, staff = f"/account/orders/{key}", f"/staff/members/{alice.number}/orders/{key}"
        assert f'href="{plain}"' in browser.get("/account/activity").text
        assert f'href="{staff}"' in desk.get(f"/staff/members/{alice.number}").text
        assert (browser.get(plain).status_code, desk.get(staff).status_code) == (200, 200)


def test_what_an_order_is_called_is_never_code(app: Flask, sign_in: Any) -> None:
    marker = "\"'><svg/onload=alert(1)>"
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    make_order(alice, marker[:60], placed_at=LONG_AGO, lines=[(marker, 1, 100)])
    Payment.update(method=marker).execute()
    for page in (
        sign_in(alice).get("/account/activity"),
        sign_in(ines).get(f"/staff/members/{alice.number}"),
    ):
        assert ("&lt;svg/onload" in page.text, "<svg/onload" in page.text) == (True, False)


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_a_page_is_one_statement_for_one_entry_and_for_thirty(
    app: Flask, statements: Any, group: str
) -> None:
    alice, bob = make_member(), make_member("Bob Maes")
    live(alice, 1)
    live(bob, 30)
    counts = []
    timeline(alice)  # the settings are read now
    for member in (alice, bob):
        with statements() as seen:
            timeline(member, True, group)
        counts.append(len(seen))
    assert counts == [1, 1]


def test_every_part_is_read_from_an_index_of_the_member(app: Flask) -> None:
    if not is_sqlite():  # on PostgreSQL a table of a test is always too small for an index
        return
    kinds = "orders.placed orders.sent orders.cancelled payments.paid payments.refunded"
    query = merged([*kinds.split(), "points.booked", "mail.sent", "passkey.added"], 31)
    sql = query.sql()
    plan = db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?")).fetchall()
    steps = [row[3] for row in plan]
    assert [step for step in steps if step.startswith("SCAN") and "subquery" not in step] == []
    # Each of the eight from its own index; payments also look for their like at an order.
    assert len([step for step in steps if "(member_id=? AND" in step]) >= 8
