"""One order with everything that is known of it: lines, parcels, money, and its story so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from portal.catalog.link import product_link
from portal.lib.clock import now
from portal.lib.db import Compiled
from portal.lib.money import format_money
from portal.lib.text import _
from portal.members.models import Member
from portal.orders.address import addresses
from portal.orders.listing import COLUMNS, key_of
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.orders.movements import Movement, movements_of
from portal.orders.status import Status, is_parcel, is_sent, status
from portal.orders.totals import BillRow, afterwards, parts, tax_included, total
from portal.orders.tracking import Parcel, parcel

LONGEST_KEY = 121  # a shop, a hyphen and a number, as long as their columns
LINES = 100  # lines on one page; a shop's wholesale order can have hundreds


class Line(NamedTuple):
    """A line of the order; `again` is the product's page or "", `sent` None for no word on it."""

    title: str
    sku: str
    quantity: int
    unit_price: int
    discount: int
    total: int
    again: str
    sent: bool | None


class Moment(NamedTuple):
    """Something that happened to the order."""

    at: datetime
    words: str
    tone: str = ""


@dataclass(frozen=True)
class Detail:
    """All that the page of one order prints."""

    order: Any  # a row with the columns of the list and those below
    key: str
    status: Status
    lines: list[Line]
    next_line: int | None
    parcels: list[Parcel]
    parts: list[BillRow]
    total: BillRow
    afterwards: list[BillRow]
    tax_included: int
    story: list[Moment]
    addresses: list[tuple[str, str]]


def detail(member: Member, key: str, after: int = -1) -> Detail | None:
    """The member's order that the key of an address names, or None; lines after a position."""
    order = find(member, key)
    return _whole(order, after) if order else None


def detail_of(order_id: int, after: int = -1) -> Detail | None:
    """One order, whose-ever it is, for who may see it otherwise; lines after a position."""
    order = _BY_ID.first(order=order_id)
    return _whole(order, after) if order else None


def find(member: Member, key: str) -> Any | None:
    """The order row: by its number, or by shop and number where two shops share it."""
    if len(key) > LONGEST_KEY:
        return None
    found = _BY_NUMBER.all(member=member.id, number=key)
    if len(found) == 1:
        return found[0]
    # "north-west-1048": every hyphen may be the one between the shop and the number.
    for place, sign in enumerate(key):
        if sign == "-" and not found:
            named = _BY_NUMBER.all(member=member.id, number=key[place + 1 :])
            found = [order for order in named if order.shop == key[:place]]
    return found[0] if len(found) == 1 else None


def is_shared(member: Member, number: str) -> bool:
    """Whether two shops gave this number to orders of this member."""
    return len(_BY_NUMBER.all(member=member.id, number=number)) > 1


def _whole(order: Any, after: int) -> Detail:
    rows = _LINES.all(order=order.id, after=after)
    shown = rows[:LINES]
    parcels = _parcels(order.id)
    moves = movements_of(order.id)
    return Detail(
        order=order,
        key=key_of(order),
        status=status(order, now()),
        lines=[_line(row, order) for row in shown],
        next_line=shown[-1].position if len(rows) > LINES else None,
        parcels=[p for p, _at in parcels],
        parts=parts(order),
        total=total(order, _paid_with(order, moves)),
        afterwards=afterwards(order),
        tax_included=tax_included(order),
        story=_story(order, parcels, moves),
        addresses=addresses(order),
    )


def _line(row: Any, order: Any) -> Line:
    partly = order.ship_status == "partial" and not is_sent(order)
    return Line(
        title=row.title,
        sku=row.sku,
        quantity=row.quantity,
        unit_price=row.unit_price,
        discount=row.discount,
        total=row.total,
        again=product_link(row.sku),
        sent=row.ship_status == "fulfilled" if partly else None,
    )


def _parcels(order_id: int) -> list[tuple[Parcel, datetime | None]]:
    """The order's parcels; a number that staff set stands for all that the files say."""
    rows = _PARCELS.all(order=order_id)
    rows = [row for row in rows if row.source == "staff"] or rows
    return [(parcel(row.tracking_number, row.carrier), row.shipped_at) for row in rows]


def _story(
    order: Any, parcels: list[tuple[Parcel, datetime | None]], moves: list[Movement]
) -> list[Moment]:
    """What happened, newest first; only what carries a time of its own."""
    story = [Moment(order.placed_at, _("Ordered."))]
    story += [_moved(move) for move in moves]
    if order.paid_at and not any(move.kind == "payment" for move in moves):
        story.append(Moment(order.paid_at, _("Paid.")))
    if order.fulfilled_at:
        story.append(Moment(order.fulfilled_at, _sent_words(order, parcels)))
    if order.cancelled_at:
        story.append(Moment(order.cancelled_at, _("The shop cancelled the order."), "stop"))
    return sorted(story, key=lambda moment: moment.at)[::-1]


def _sent_words(order: Any, parcels: list[tuple[Parcel, datetime | None]]) -> str:
    if order.ship_status == "partial":
        return _("Part of it left the shop.")
    if not is_parcel(order):
        return _("Complete.")
    carriers = {sent.carrier for sent, _at in parcels if sent.carrier}
    if len(carriers) == 1:
        return _("It left the shop with %(carrier)s.", carrier=carriers.pop())
    return _("It left the shop.")


def _paid_with(order: Any, moves: list[Movement]) -> str:
    """How the one payment was made that covers the order, as far as the shop's files tell."""
    paid = [move for move in moves if move.kind == "payment" and move.status == "success"]
    return paid[0].words if len(paid) == 1 and paid[0].amount == order.total else ""


def _moved(move: Movement) -> Moment:
    money = format_money(move.amount, move.currency)
    if move.kind == "refund":
        if move.status == "pending":
            return Moment(move.at, _("%(money)s is on its way back.", money=money))
        if move.status != "success":
            return Moment(
                move.at, _("A refund of %(money)s did not go through.", money=money), "stop"
            )
        return Moment(move.at, _("%(money)s paid back.", money=money), "up")
    if move.status == "pending":
        return Moment(move.at, _("A payment of %(money)s was begun.", money=money))
    if move.status != "success":
        return Moment(move.at, _("A payment of %(money)s did not go through.", money=money), "stop")
    if move.words:
        words = _("%(money)s paid with %(method)s.", money=money, method=move.words)
        return Moment(move.at, words)
    return Moment(move.at, _("%(money)s paid.", money=money))


_BY_NUMBER = Compiled(
    lambda p: (
        Order.select(*COLUMNS, Order.billing, Order.delivery, Order.note)
        .where((Order.member == p("member")) & (Order.number == p("number")))
        .order_by(Order.id)
        .limit(3)
    )
)
_BY_ID = Compiled(
    lambda p: Order.select(*COLUMNS, Order.billing, Order.delivery, Order.note).where(
        Order.id == p("order")
    )
)
_LINES = Compiled(
    lambda p: (
        OrderLine.select(
            OrderLine.position,
            OrderLine.title,
            OrderLine.sku,
            OrderLine.quantity,
            OrderLine.unit_price,
            OrderLine.discount,
            OrderLine.total,
            OrderLine.ship_status,
        )
        .where((OrderLine.order == p("order")) & (OrderLine.position > p("after")))
        .order_by(OrderLine.position)
        .limit(LINES + 1)
    )
)
_PARCELS = Compiled(
    lambda p: (
        Fulfilment.select(
            Fulfilment.tracking_number,
            Fulfilment.carrier,
            Fulfilment.source,
            Fulfilment.shipped_at,
        )
        .where(Fulfilment.order == p("order"))
        .order_by(Fulfilment.id)
        .limit(50)
    )
)
