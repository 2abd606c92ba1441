"""Points of orders: what they bring, when, and what refunds take back."""

from datetime import timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.refused import Refused
from portal.loyalty.card import card
from portal.loyalty.jobs import mature_due
from portal.loyalty.models import LedgerEntry, PointsAccount, PointsLot, Voucher
from portal.loyalty.points import book_all, book_orders, mature, member_changed
from portal.loyalty.rules import offers, step
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Event, Member
from portal.members.timeline import timeline
from portal.orders.events import orders_changed
from portal.orders.models import Order
from portal.shop.models import change_settings

LONG_AGO = timedelta(days=60)


@pytest.fixture(autouse=True)
def programme(app):
    change_settings(points_per_unit=2, point_worth=1, return_days=14)
    yield
    assert problems() == []


def bought(member, total=8740, *, ago=LONG_AGO, **values):
    order = make_order(member, total=total, placed_at=now() - ago, **values)
    book_orders([order.id])
    return order


def change(order, **values):
    with write_tx():
        Order.update(**values).where(Order.id == order.id).execute()
        orders_changed.send(None, order_ids=[order.id])


def held(member):
    account = PointsAccount.get(PointsAccount.member == member)
    return account.balance, account.pending, account.owed


def whys(member):
    rows = LedgerEntry.select().where(LedgerEntry.member == member).order_by(LedgerEntry.id)
    return [(row.why, row.available, row.pending, row.owed) for row in rows]


def test_an_order_brings_whole_points_for_what_its_things_cost(app):
    alice = make_member()
    order = bought(alice, 8749, shipping=490)
    assert held(alice) == (165, 0, 0)  # 82.59 × 2, rounded down
    assert whys(alice) == [(f"Order {order.number}, €82.59", 165, 0, 0)]


def test_points_wait_until_the_return_window_has_ended(app):
    alice = make_member()
    order = bought(alice, ago=timedelta(days=3))
    assert held(alice) == (0, 174, 0)
    assert card(alice).until == order.placed_at + timedelta(days=14)
    assert mature() == 0
    PointsLot.update(available_at=now()).execute()
    mature_due.call_local()
    assert held(alice) == (174, 0, 0)
    assert mature() == 0
    assert whys(alice)[1] == (
        f"Order {order.number}, its return window has ended", 174, -174, 0,
    )  # fmt: skip


def test_the_window_counts_from_the_day_the_order_was_sent(app):
    alice = make_member()
    order = bought(alice, ago=timedelta(days=20), fulfilled_at=now() - timedelta(days=2))
    assert held(alice) == (0, 174, 0)
    assert card(alice).until == order.fulfilled_at + timedelta(days=14)


def test_the_window_moves_when_the_order_is_sent_later(app):
    alice = make_member()
    order = bought(alice, ago=timedelta(days=10))
    sent = now() - timedelta(days=1)
    change(order, fulfilled_at=sent)
    assert card(alice).until == sent + timedelta(days=14)
    assert len(whys(alice)) == 1


def test_an_old_order_can_be_spent_at_once(app):
    alice = make_member()
    bought(alice)
    assert held(alice) == (174, 0, 0)
    assert PointsLot.get().matured_at is not None


def test_news_that_comes_twice_changes_nothing(app):
    alice = make_member()
    order = bought(alice)
    before = Member.get_by_id(alice.id).version
    book_orders([order.id, order.id])
    orders_changed.send(None, order_ids=[order.id])
    assert len(whys(alice)) == 1
    assert Member.get_by_id(alice.id).version == before


@pytest.mark.parametrize(
    "values",
    [
        {"paid": False},
        {"currency": "GBP"},
        {"cancelled_at": now()},
        {"refunded": 8740},
        {"total": 49},
    ],
)
def test_what_is_not_paid_in_the_shops_currency_brings_nothing(app, values):
    alice = make_member()
    bought(alice, **values)
    assert LedgerEntry.select().count() == 0


def test_an_order_without_a_member_brings_points_once_it_is_claimed(app):
    alice = make_member()
    order = bought(None)
    assert LedgerEntry.select().count() == 0
    change(order, member=alice)
    assert held(alice) == (174, 0, 0)


def test_orders_before_the_start_date_bring_nothing(app):
    change_settings(points_since=(now() - timedelta(days=30)).date().isoformat())
    alice = make_member()
    bought(alice, ago=timedelta(days=40))
    bought(alice, 1000, ago=timedelta(days=20))
    assert held(alice) == (20, 0, 0)


def test_without_a_programme_nothing_is_earned_but_refunds_still_count(app):
    alice = make_member()
    order = bought(alice)
    change_settings(points_per_unit=0)
    bought(alice)
    assert held(alice) == (174, 0, 0)
    assert card(alice) is None
    change(order, refunded=8740)
    assert held(alice) == (0, 0, 0)


def test_a_lot_keeps_the_rate_it_was_promised(app):
    alice = make_member()
    order = bought(alice)
    change_settings(points_per_unit=5)
    change(order, refunded=1000)
    assert held(alice) == (154, 0, 0)
    assert PointsLot.get().rate == 2


def test_a_programme_switched_on_later_books_what_counts(app):
    change_settings(points_per_unit=0)
    alice = make_member()
    for _order in range(3):
        bought(alice, 1000)
    change_settings(points_per_unit=1)
    assert book_all() == 3
    assert held(alice) == (30, 0, 0)


def test_a_refund_takes_pending_points_back(app):
    alice = make_member()
    order = bought(alice, ago=timedelta(days=3))
    change(order, refunded=4000)
    assert held(alice) == (0, 94, 0)
    assert whys(alice)[1] == (f"Refund on order {order.number}", 0, -80, 0)


def test_a_refund_takes_the_orders_own_points_first_then_others(app):
    alice = make_member()
    older, order = bought(alice, 10_000, ago=timedelta(days=90)), bought(alice, 5000)
    redeem(alice, 200, "k" * 16)  # all of the older lot
    change(order, refunded=2500)
    assert held(alice) == (50, 0, 0)
    change(older, refunded=2000)  # 40 points, of which its own lot has none left
    assert held(alice) == (10, 0, 0)
    assert PointsLot.get(PointsLot.order == order).remaining == 10


def test_what_a_refund_cannot_take_back_is_owed_and_settled_from_the_next_points(app):
    alice = make_member()
    order = bought(alice, 10_000)
    redeem(alice, 200, "k" * 16)
    change(order, refunded=4000)
    assert held(alice) == (0, 0, 80)
    bought(alice, 1000)
    assert held(alice) == (0, 0, 60)
    bought(alice, 10_000, ago=timedelta(days=3))
    assert held(alice) == (0, 200, 60)
    PointsLot.update(available_at=now()).where(PointsLot.matured_at.is_null()).execute()
    mature(alice)
    assert held(alice) == (140, 0, 0)
    assert [why for why, *_rest in whys(alice)].count(
        "Settled what an earlier refund had left owed"
    ) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cancelled_at": now()}, "Order {} was called off"),
        ({"pay_status": "voided"}, "Order {} is not paid any more"),
        ({"items": 1000, "refunded": 0}, "Order {} has changed"),
        ({"refunded": 8740, "pay_status": "refunded"}, "Refund on order {}"),
    ],
)
def test_every_loss_says_why(app, values, words):
    alice = make_member()
    order = bought(alice)
    change(order, **values)
    assert whys(alice)[-1][0] == words.format(order.number)


def test_a_first_sight_of_a_refunded_order_tells_both_sums(app):
    alice = make_member()
    order = bought(alice, 4120, refunded=2900)
    assert whys(alice) == [(f"Order {order.number}, €41.20 less €29.00 given back", 24, 0, 0)]


def test_points_follow_an_order_to_another_member(app):
    alice, bob = make_member(), make_member("Bob Maes")
    order = bought(alice)
    with write_tx():
        Order.update(member=bob).where(Order.id == order.id).execute()
        member_changed([order.id])
    assert (held(alice), held(bob)) == ((0, 0, 0), (174, 0, 0))
    assert whys(alice)[-1][0] == f"Order {order.number} is not in this account any more"
    change(order, member=alice)
    assert (held(alice), held(bob)) == ((174, 0, 0), (0, 0, 0))
    change(order, member=None)
    assert held(alice) == (0, 0, 0)


def test_an_order_called_off_and_taken_up_again_has_its_points_again(app):
    alice = make_member()
    order = bought(alice)
    change(order, cancelled_at=now())
    change(order, cancelled_at=None)
    assert held(alice) == (174, 0, 0)


def test_the_timeline_reads_the_ledger_itself(app):
    alice = make_member()
    order = bought(alice, 1000)
    assert Event.select().count() == 0
    told = timeline(alice, group="points").rows
    assert [entry.at for entry in told] == [order.placed_at]


def test_a_batch_takes_the_same_statements_whatever_its_size(app, statements):
    counts = []
    for size in (1, 40):
        orders = [
            make_order(make_member(), total=1000 + n, placed_at=now() - LONG_AGO)
            for n in range(size)
        ]
        step()  # the settings are read before
        with statements() as seen:
            book_orders([order.id for order in orders])
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9


# What staff do


def test_staff_give_points_with_a_reason(app):
    alice, agent = make_member(), make_member("Ann", role="agent")
    adjust(alice, 150, "  for the   late parcel ", by=agent, key="form-1")
    adjust(alice, 150, "for the late parcel", by=agent, key="form-1")
    assert held(alice) == (150, 0, 0)
    assert whys(alice) == [("for the late parcel", 150, 0, 0)]
    event = Event.get(Event.kind == "points.adjusted")
    assert (event.actor_id, event.data) == (
        agent.id, {"change": "+150", "reason": "for the late parcel"},
    )  # fmt: skip


def test_staff_take_at_most_what_is_there(app):
    alice, agent = make_member(), make_member("Ann", role="agent")
    adjust(alice, 150, "a gift", by=agent)
    with pytest.raises(Refused, match="only 150 points"):
        adjust(alice, -151, "a slip", by=agent)
    adjust(alice, -150, "a slip", by=agent)
    assert held(alice) == (0, 0, 0)


@pytest.mark.parametrize(("points", "reason"), [(10, " "), (0, "why"), (1_000_001, "why")])
def test_an_adjustment_without_sense_is_refused(app, points, reason):
    alice = make_member()
    with pytest.raises(Refused):
        adjust(alice, points, reason, by=alice)
    assert LedgerEntry.select().count() == 0


# Vouchers


def test_the_points_that_came_first_go_first(app):
    alice = make_member()
    newer = bought(alice, 5000, ago=timedelta(days=30))
    older = bought(alice, 5000, ago=timedelta(days=90))
    redeem(alice, 100, "k" * 16)
    left = {lot.order_id: lot.remaining for lot in PointsLot.select()}
    assert left == {older.id: 0, newer.id: 100}


def test_a_voucher_code_can_be_read_aloud(app):
    alice = make_member()
    bought(alice, 50_000)
    voucher = redeem(alice, 100, "k" * 16)
    assert [len(part) for part in voucher.code.split("-")] == [4, 4, 4]
    assert set(voucher.code) & set("01IO") == set()


def test_pending_points_cannot_be_spent(app):
    alice = make_member()
    bought(alice, 50_000, ago=timedelta(days=1))
    with pytest.raises(Refused, match="fewer points"):
        redeem(alice, 100, "k" * 16)


@pytest.mark.parametrize(
    ("currency", "worth", "smallest"),
    [("EUR", 1, 100), ("EUR", 5, 20), ("EUR", 3, 100), ("EUR", 250, 2), ("JPY", 1, 1)],
)
def test_vouchers_are_over_whole_amounts(app, currency, worth, smallest):
    change_settings(currency=currency, point_worth=worth)
    assert step() == smallest
    assert all(points % smallest == 0 for points in offers(12_345))


def test_offers_end_with_nearly_all(app):
    assert offers(1240) == [500, 1000, 1200]
    assert offers(100) == [100]
    assert offers(99) == []


# When the numbers do not add up


def test_verify_finds_a_balance_that_is_not_its_ledger(app):
    alice = make_member()
    bought(alice)
    db.execute_sql("UPDATE points_account SET balance = balance + 1")
    assert problems() == [
        f"{alice.number}: the balance is 175, its ledger says 174",
        f"{alice.number}: the balance is 175, its lots hold 174",
    ]
    db.execute_sql("UPDATE points_account SET balance = balance - 1")


def test_verify_finds_a_voucher_that_nobody_paid_for(app):
    alice = make_member()
    Voucher.create(member=alice, code="X", points=5, worth=5, currency="EUR", key="k")
    assert problems() == [f"{alice.number}: vouchers took 5 points, the ledger says 0"]
    Voucher.delete().execute()


def test_the_database_itself_refuses_a_balance_below_zero(app):
    from peewee import IntegrityError

    alice = make_member()
    bought(alice)
    with pytest.raises(IntegrityError), write_tx():
        PointsAccount.update(balance=PointsAccount.balance - 1000).execute()
