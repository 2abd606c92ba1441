"""The newest order and where it is, with the few before it: the heart of the dashboard."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from portal.lib.clock import now
from portal.lib.db import Compiled
from portal.members.models import Member
from portal.orders.listing import COLUMNS, OrderRow, key_of, row_of
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.orders.status import SENT, WAITING, Status, is_open, status
from portal.orders.totals import BillRow, afterwards, parts, total
from portal.orders.tracking import Parcel, parcel

EARLIER = 4  # rows below the slip
LINES = 5  # lines on the slip; a longer order says how many more


@dataclass(frozen=True)
class Slip:
    """The newest order as it lies on the dashboard."""

    key: str
    number: str
    placed_at: datetime
    currency: str
    status: Status
    lines: list[Any]
    more_lines: int
    rest: int  # what those lines come to
    parts: list[BillRow]
    total: BillRow
    afterwards: list[BillRow]
    parcel: Parcel | None


@dataclass(frozen=True)
class OpenOrder:
    """An order that waits for somebody: for the member's money (`owed` > 0) or for the shop."""

    key: str
    number: str
    placed_at: datetime
    owed: int
    currency: str


@dataclass(frozen=True)
class Card:
    """What the orders say at a glance. `latest` is None for somebody who bought nothing yet."""

    latest: Slip | None = None
    earlier: list[OrderRow] = field(default_factory=list)
    count: int = 0
    open: list[OpenOrder] = field(default_factory=list)

    @property
    def waiting(self) -> list[OpenOrder]:
        """The open orders but the one on the slip, whose headline says it already."""
        return [order for order in self.open if self.latest and order.key != self.latest.key]


def card(member: Member) -> Card:
    """The card of a member, with two statements whatever they bought."""
    moment = now()
    orders = _RECENT.all(member=member.id, since=moment - WAITING)
    if not orders:
        return Card()
    newest = orders[0]
    return Card(
        latest=_slip(newest, _LINES.all(order=newest.id), moment),
        earlier=[row_of(order, moment) for order in orders[1 : EARLIER + 1]],
        count=newest.count,
        open=open_of(orders, moment),
    )


def waiting(member: Member) -> list[OpenOrder]:
    """The orders before the newest one that wait for somebody, with one statement."""
    moment = now()
    return open_of(_RECENT.all(member=member.id, since=moment - WAITING)[1:], moment)


def open_of(orders: list[Any], moment: datetime) -> list[OpenOrder]:
    """Those of the fetched orders that wait for somebody."""
    return [
        OpenOrder(key_of(o), o.number, o.placed_at, max(o.outstanding, 0), o.currency)
        for o in orders
        if is_open(o, moment)
    ]


def _slip(order: Any, lines: list[Any], moment: datetime) -> Slip:
    shown = lines[:LINES]
    hidden = max(order.line_count - len(shown), 0)
    parcels = [parcel(line.tracking_number, line.carrier) for line in lines if line.tracking_number]
    return Slip(
        key=key_of(order),
        number=order.number,
        placed_at=order.placed_at,
        currency=order.currency,
        status=status(order, moment),
        lines=shown,
        more_lines=hidden,
        rest=order.items - sum(line.total for line in shown),
        parts=parts(order),
        total=total(order),
        afterwards=afterwards(order),
        parcel=parcels[0] if parcels else None,
    )


def _recent(p: Any) -> Any:
    newest, counted = Order.alias(), Order.alias()
    mine = (
        newest.select(newest.id)
        .where(newest.member == p("member"))
        .order_by(newest.placed_at.desc(), newest.id.desc())
        .limit(EARLIER + 1)
    )
    waits = Order.cancelled_at.is_null() & (
        (Order.outstanding > 0) | ((Order.placed_at > p("since")) & (Order.ship_status != SENT))
    )
    count = counted.select(fn.COUNT(counted.id)).where(counted.member == p("member"))
    return (
        Order.select(*COLUMNS, count.alias("count"))
        .where((Order.member == p("member")) & (Order.id.in_(mine) | waits))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(EARLIER + 8)
    )


def _lines(p: Any) -> Any:
    sent = Fulfilment.alias()
    # The newest parcel, the one that staff named before any other.
    newest = (
        sent.select(sent.id)
        .where(sent.order == OrderLine.order)
        .order_by((sent.source == "staff").desc(), sent.id.desc())
        .limit(1)
    )
    return (
        OrderLine.select(
            OrderLine.title,
            OrderLine.quantity,
            OrderLine.total,
            Fulfilment.tracking_number,
            Fulfilment.carrier,
        )
        .join(Fulfilment, JOIN.LEFT_OUTER, on=(Fulfilment.id == newest))
        .where(OrderLine.order == p("order"))
        .order_by(OrderLine.position)
        .limit(LINES + 1)
    )


_RECENT = Compiled(_recent)
_LINES = Compiled(_lines)
