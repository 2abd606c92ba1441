"""Sixteen browsers at one balance: nothing is spent twice, nothing is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.refused import Refused
from portal.loyalty.models import PointsAccount, PointsLot, Voucher
from portal.loyalty.points import book_orders, mature
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.orders.models import Order
from portal.shop.models import change_settings

CROWD = 16


@pytest.fixture
def alice(app):
    change_settings(points_per_unit=1, point_worth=1)
    member = make_member()
    orders = [
        make_order(member, total=10_000, placed_at=now() - timedelta(days=60 + n)) for n in range(5)
    ]
    book_orders([order.id for order in orders])
    return member


def crowd(app, work: Callable[[int], object]) -> list[object]:
    """Run `work(0)` to `work(15)` at the same instant, each on a connection of its own."""
    start, results = threading.Barrier(CROWD), []

    def run(number: int) -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            start.wait()
            try:
                results.append(work(number))
            except Refused as refusal:
                results.append(refusal)
            finally:
                db.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == CROWD
    return results


def balance() -> int:
    return PointsAccount.get().balance


def test_a_balance_is_never_spent_twice(app, alice):
    results = crowd(app, lambda n: redeem(alice, 100, f"browser-number-{n}"))
    assert sum(isinstance(result, Voucher) for result in results) == 5
    assert sum(isinstance(result, Refused) for result in results) == 11
    assert (balance(), Voucher.select().count()) == (0, 5)
    assert problems() == []


def test_one_key_is_one_voucher(app, alice):
    results = crowd(app, lambda _n: redeem(alice, 300, "the-same-form-twice"))
    assert len({voucher.code for voucher in results}) == 1
    assert (balance(), Voucher.select().count()) == (200, 1)
    assert problems() == []


def test_refunds_and_vouchers_at_once_add_up(app, alice):
    orders = list(Order.select().order_by(Order.id))

    def work(number: int) -> object:
        if number % 2:
            return redeem(alice, 100, f"browser-number-{number}")
        with write_tx():
            order = orders[number % 5]
            Order.update(refunded=5000).where(Order.id == order.id).execute()
            return book_orders([order.id])

    crowd(app, work)
    account = PointsAccount.get()
    spent = 100 * Voucher.select().count()
    assert account.balance - account.owed == 250 - spent
    assert problems() == []


def test_adjustments_and_vouchers_at_once_add_up(app, alice):
    def work(number: int) -> object:
        if number % 2:
            return redeem(alice, 100, f"browser-number-{number}")
        return adjust(alice, -50, "a slip", by=alice)

    results = crowd(app, work)
    refused = [result for result in results if isinstance(result, Refused)]
    taken = sum(isinstance(result, Voucher) for result in results) * 100
    adjusted = 50 * sum(result is None for result in results)
    assert taken + adjusted + balance() == 500
    assert refused != []
    assert problems() == []


def test_points_ripen_once(app, alice):
    order = make_order(alice, total=10_000)
    book_orders([order.id])
    PointsLot.update(available_at=now()).where(PointsLot.matured_at.is_null()).execute()
    crowd(app, lambda n: mature(Member.get_by_id(alice.id) if n % 2 else None))
    assert balance() == 600
    assert problems() == []


def test_news_of_one_order_from_everywhere_is_booked_once(app, alice):
    order = make_order(alice, total=10_000, placed_at=now() - timedelta(days=60))
    crowd(app, lambda _n: book_orders([order.id]))
    assert balance() == 600
    assert problems() == []
