"""Payments and refunds as one list by time: of a member, and of one order."""

from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Case

from portal.lib.db import Compiled
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.orders import movements
from portal.orders.listing import key_of, shared_number
from portal.orders.models import Order
from portal.orders.movements import Movement
from portal.orders.totals import readable_method
from portal.payments.doubles import is_double, may_be_double
from portal.payments.models import Payment, Refund

SIZE = 25
_NEWEST_FIRST = (SQL("at").desc(), SQL("id").desc())


class PaymentRow(NamedTuple):
    """A payment or a refund in the member's list; `words` say how it was paid.

    Where no order is known `number` and `key` are blank, and `what` may say what it was for; it is
    not `counted` where it may be the money of an order.
    """

    kind: str
    at: datetime
    amount: int
    currency: str
    words: str
    status: str
    number: str
    key: str
    what: str
    counted: bool


def page_of(member_id: int, after: str | None) -> Page:
    """One page of the money a member paid and got back, newest first, with one statement."""
    cursor = read_cursor(after)
    if cursor:
        rows = _NEXT.all(member=member_id, at=cursor[0], place=cursor[1])
    else:
        rows = _FIRST.all(member=member_id)
    found = slice_after(rows, SIZE, "at")
    return Page([_row(row) for row in found.rows], found.next)


def of_order(order_id: int) -> list[Movement]:
    """What was paid for an order and what went back, oldest first, with one statement."""
    return [
        Movement(_kind(row), row.at, row.amount, row.currency, words_of(row), row.status)
        for row in _OF_ORDER.all(order=order_id)
    ]


movements.use(of_order)


def words_of(row: Any) -> str:
    """How it was paid, as a person says it: `Visa 4242`, else what the shop's file names."""
    if row.card_brand and row.card_last4:
        return f"{row.card_brand} {row.card_last4}"
    return row.card_brand or readable_method(row.method) or readable_method(row.gateway)


def _kind(row: Any) -> str:
    return "refund" if row.id % 2 else "payment"


def _row(row: Any) -> PaymentRow:
    return PaymentRow(
        kind=_kind(row),
        at=row.at,
        amount=row.amount,
        currency=row.currency,
        words=words_of(row),
        status=row.status,
        number=row.number or "",
        key=key_of(row) if row.number else "",
        what=row.description,
        counted=not row.doubtful,
    )


def _columns(model: Any, place: int) -> list[Any]:
    # Two tables in one order: even places are payments, odd ones refunds.
    return [
        (model.id * 2 + place).alias("id"),
        model.at,
        model.amount,
        model.currency,
        model.method,
        model.gateway,
        model.card_brand,
        model.card_last4,
        model.status,
        model.description,
    ]


def _newest(model: Any, place: int, p: Any, later: bool) -> Any:
    """The newest of one table from its index; each half is cut before the two are merged."""
    query = (
        model.select(
            *_columns(model, place),
            Order.number,
            Order.shop,
            shared_number,
            Case(None, [(may_be_double(model), 1)], 0).alias("doubtful"),
        )
        .join(Order, JOIN.LEFT_OUTER)
        .where((model.member == p("member")) & ~is_double(model))
        .order_by(model.at.desc(), model.id.desc())
        .limit(SIZE + 1)
    )
    if later:
        before = (model.at < p("at")) | (model.id * 2 + place < p("place"))
        query = query.where((model.at <= p("at")) & before)
    return query


def _merged(p: Any, later: bool = False) -> Any:
    paid, back = _newest(Payment, 0, p, later), _newest(Refund, 1, p, later)
    return paid.union_all(back).order_by(*_NEWEST_FIRST).limit(SIZE + 1)


def _of_order(p: Any) -> Any:
    paid = Payment.select(*_columns(Payment, 0)).where(Payment.order == p("order"))
    back = Refund.select(*_columns(Refund, 1)).where(Refund.order == p("order"))
    return paid.union_all(back).order_by(SQL("at"), SQL("id"))


_FIRST = Compiled(lambda p: _merged(p))
_NEXT = Compiled(lambda p: _merged(p, later=True))
_OF_ORDER = Compiled(_of_order)
