"""Whatever happens to orders, in whatever order the news comes, the points end up the same."""

from datetime import timedelta

import pytest
from factories import make_member, make_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.loyalty.models import PointsAccount, PointsLot, Voucher
from portal.loyalty.points import book_orders, mature
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust, redeem
from portal.orders.models import Order
from portal.shop.models import change_settings

calm = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ORDERS = 3
states = st.fixed_dictionaries(
    {
        "items": st.integers(0, 30_000),
        "discount": st.integers(0, 3000),
        "refunded": st.one_of(st.just(0), st.integers(0, 30_000)),
        "pay_status": st.sampled_from(["paid", "pending", "partially_refunded", "voided"]),
        "cancelled_at": st.sampled_from([None, None, None, now()]),
    }
)
which = st.integers(0, ORDERS - 1)
deeds = st.one_of(
    st.tuples(st.just("change"), which, states),
    st.tuples(st.just("again"), which),
    st.tuples(st.just("ripen"), which),
    st.tuples(st.just("redeem"), st.integers(1, 4)),
    st.tuples(st.just("adjust"), st.integers(-300, 300).filter(bool)),
)


@pytest.fixture(autouse=True)
def programme(app):
    change_settings(points_per_unit=1, point_worth=1, return_days=14)


def basket(member):
    """Two orders whose window has ended, and one that waits."""
    days = (90, 40, 2)
    return [
        make_order(member, total=5000, paid=False, placed_at=now() - timedelta(days=ago))
        for ago in days
    ]


def deliver(order, state):
    with write_tx():
        Order.update(**state).where(Order.id == order.id).execute()
        book_orders([order.id])


def ripen(order):
    PointsLot.update(available_at=now()).where(PointsLot.order == order).execute()
    mature()


def due(orders):
    """What orders should bring, worked out the plain way."""
    total = 0
    for order in (Order.get_by_id(order.id) for order in orders):
        if order.pay_status in ("paid", "partially_refunded") and not order.cancelled_at:
            total += max(0, order.items - order.discount - order.refunded) // 100
    return total


def holds(member):
    account = PointsAccount.get_or_none(PointsAccount.member == member)
    return (account.balance, account.pending, account.owed) if account else (0, 0, 0)


@calm
@given(story=st.lists(deeds, max_size=14))
def test_points_add_up_after_every_deed(app, story):
    alice = make_member(email="")
    orders, adjusted = basket(alice), 0
    for number, (deed, *what) in enumerate(story):
        try:
            if deed == "change":
                deliver(orders[what[0]], what[1])
            elif deed == "again":
                book_orders([orders[what[0]].id] * 2)
            elif deed == "ripen":
                ripen(orders[what[0]])
            elif deed == "redeem":
                redeem(alice, what[0] * 100, f"a-form-with-number-{number}")
            else:
                adjust(alice, what[0], "a reason", by=alice)
                adjusted += what[0]
        except Refused:
            pass
        assert problems() == []
    balance, pending, owed = holds(alice)
    spent = sum(voucher.points for voucher in Voucher.select().where(Voucher.member == alice))
    assert balance + pending - owed == due(orders) - spent + adjusted


@calm
@given(
    story=st.lists(st.tuples(which, states), min_size=1, max_size=6),
    data=st.data(),
)
def test_the_newest_state_decides_whatever_the_order_of_the_news(app, story, data):
    news = list(enumerate(story))
    shuffled = data.draw(st.permutations(news + data.draw(st.lists(st.sampled_from(news)))))
    calmly, wildly = make_member(email=""), make_member(email="")
    ended = []
    for member, sequence in ((calmly, news), (wildly, shuffled)):
        orders, newest = basket(member), {}
        for version, (place, state) in sequence:
            if version >= newest.get(place, -1):  # an importer never takes a state back
                newest[place] = version
                deliver(orders[place], state)
            else:
                book_orders([orders[place].id])
        ended.append(holds(member))
        assert ended[-1][0] + ended[-1][1] - ended[-1][2] == due(orders)
    assert ended[0] == ended[1]
    assert problems() == []
