"""Points of orders: always the difference between what an order should bring and what is booked.

So it does not matter in which order news arrives, or how often: the newest state decides.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.text import _
from portal.loyalty import rules
from portal.loyalty.books import Books, Lot
from portal.loyalty.bulk import among, chunks
from portal.loyalty.models import PointsLot
from portal.members.models import Member
from portal.orders.models import Order
from portal.shop.models import settings

_NEEDED = (
    Order.id, Order.member.alias("member_id"), Order.number, Order.currency, Order.items,
    Order.discount, Order.refunded, Order.pay_status, Order.paid_at, Order.placed_at,
    Order.fulfilled_at, Order.cancelled_at,
)  # fmt: skip
_AT_ONCE = 2000


def book_orders(order_ids: Iterable[int]) -> None:
    """Bring the points of orders in line with their newest state, in sets."""
    with write_tx():
        for some in chunks(order_ids):
            _book(some)


#: An order that was claimed, or moved to another member, is an order that changed.
member_changed = book_orders


def withdraw(order_ids: Iterable[int], why: str) -> None:
    """Take back the points of orders that are about to go; what is spent already becomes owed.

    `why` stands behind the order's number in the ledger. The lots stay, without points.
    """
    with write_tx():
        for some in chunks(order_ids):
            _withdraw(some, why)


def _withdraw(ids: list[int], why: str) -> None:
    where = (among(PointsLot.order, ids), PointsLot.points > 0)
    holders = PointsLot.select(PointsLot.member_id).where(*where)
    books = Books(member_id for (member_id,) in holders.tuples())
    lots, moment = books.lots_where(*where), now()
    numbers = dict(Order.select(Order.id, Order.number).where(among(Order.id, ids)).tuples())
    books.load_spendable({lot.member_id for lot in lots if lot.matured_at is not None})
    for lot in lots:
        words = _("Order %(number)s: %(why)s", number=numbers[lot.order_id], why=why)[:300]
        if lot.matured_at is None:
            books.await_points(lot, -lot.points, "taken_back", words, moment)
        else:
            books.take_back(lot, lot.points, words, moment)
    books.write()


def book_all() -> int:
    """Book every order anew, after the owner switched the programme on; returns how many."""
    last, count = 0, 0
    while True:
        query = Order.select(Order.id).where(Order.id > last).order_by(Order.id)
        ids = [order_id for (order_id,) in query.limit(_AT_ONCE).tuples()]
        if not ids:
            return count
        book_orders(ids)
        last, count = ids[-1], count + len(ids)


def mature(member: Member | None = None) -> int:
    """Make points spendable whose return window has ended: of one member, or of everybody."""
    due = (PointsLot.matured_at.is_null()) & (PointsLot.available_at <= now())
    if member is not None:
        due &= PointsLot.member == member
    total = 0
    while True:
        query = PointsLot.select(PointsLot.id, PointsLot.member_id).where(due)
        found = list(query.order_by(PointsLot.available_at).limit(_AT_ONCE).tuples())
        if not found:
            return total
        with write_tx():
            books = Books(member_id for _lot, member_id in found)
            lots = books.lots_where(due, among(PointsLot.id, [lot_id for lot_id, _member in found]))
            total += _mature(books, lots)


def _mature(books: Books, lots: list[Lot]) -> int:
    order_ids = [lot.order_id for lot in lots if lot.order_id is not None]
    numbers = dict(Order.select(Order.id, Order.number).where(among(Order.id, order_ids)).tuples())
    moment = now()
    for lot in lots:
        number = numbers.get(lot.order_id, "")
        why = _("Order %(number)s, its return window has ended", number=number)
        books.mature(lot, why, moment)
    books.write()
    return len(lots)


def _book(ids: list[int]) -> None:
    owners = Order.select(Order.member_id).where(among(Order.id, ids) & Order.member.is_null(False))
    holders = PointsLot.select(PointsLot.member_id).where(among(PointsLot.order, ids))
    books = Books({member_id for (member_id,) in (*owners.tuples(), *holders.tuples())})
    # Read once the accounts are locked, so that the newest state is the one that is booked.
    orders = list(Order.select(*_NEEDED).where(among(Order.id, ids)).namedtuples())
    lots: dict[int, list[Lot]] = {}
    for lot in books.lots_where(among(PointsLot.order, ids)):
        lots.setdefault(lot.order_id or 0, []).append(lot)
    moment, less = now(), []
    for order in orders:
        less += _more(books, order, lots.get(order.id, []), moment)
    _less(books, less, moment)
    books.write()


def _more(books: Books, order: Any, lots: list[Lot], moment: datetime) -> list[tuple[Any, Lot]]:
    """Book what an order brings; returns the lots that points must be taken from."""
    less = []
    for lot in lots:
        if lot.matured_at is None and lot.available_at != rules.available_at(order):
            lot.available_at, lot.touched = rules.available_at(order), True
        change = rules.target(order, lot.member_id, lot.rate) - lot.points
        if change > 0:
            why = rules.reason(order, lot.member_id, change, first=lot.points == 0)
            _add(books, lot, change, why, moment)
        elif change < 0:
            less.append((order, lot))
    if order.member_id in books.purses and all(lot.member_id != order.member_id for lot in lots):
        _first(books, order, lots, moment)
    return less


def _first(books: Books, order: Any, lots: list[Lot], moment: datetime) -> None:
    """The first lot of an order, or of the member that it moved to, at the rate promised first."""
    if not lots and not rules.earns(order):
        return
    rate = lots[0].rate if lots else settings().points_per_unit
    points = rules.target(order, order.member_id, rate)
    if not points:
        return
    until = rules.available_at(order)
    lot = books.new_lot(
        order.id,
        member_id=order.member_id,
        rate=rate,
        earned_at=order.placed_at,
        available_at=until,
        matured_at=until if until <= moment else None,
    )
    why = rules.reason(order, order.member_id, points, first=True)
    _add(books, lot, points, why, min(order.placed_at, moment))


def _add(books: Books, lot: Lot, points: int, why: str, at: datetime) -> None:
    if lot.matured_at is None:
        books.await_points(lot, points, "earned", why, at)
    else:
        books.give(lot, points, "earned", why, at)


def _less(books: Books, less: list[tuple[Any, Lot]], moment: datetime) -> None:
    books.load_spendable({lot.member_id for _order, lot in less if lot.matured_at is not None})
    for order, lot in less:
        points = lot.points - rules.target(order, lot.member_id, lot.rate)
        why = rules.reason(order, lot.member_id, -points, first=False)
        if lot.matured_at is None:
            books.await_points(lot, -points, "taken_back", why, moment)
        else:
            books.take_back(lot, points, why, moment)
