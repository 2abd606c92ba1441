"""Orders in their members' timelines: when they were placed, sent, or called off."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from peewee import Case

from portal.lib.money import format_money
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source
from portal.orders.listing import shared_number
from portal.orders.models import Fulfilment, Order
from portal.orders.status import is_parcel
from portal.orders.tracking import parcel

#: What names an order in addresses: its number, behind the shop only where two shops share it.
ORDER_KEY = Case(
    None, [(shared_number.unalias(), Order.shop.concat("-").concat(Order.number))], Order.number
)
_FIRST_PARCEL = (
    Fulfilment.select(Fulfilment.carrier.concat("\n").concat(Fulfilment.tracking_number))
    .where(Fulfilment.order == Order.id)
    .order_by(Case(None, [(Fulfilment.source == "staff", 0)], 1), Fulfilment.id)
    .limit(1)
)


def key_if_of(member: Any) -> Case:
    """The order's key where the order is that member's still, else NULL: no link leads to a 404."""
    return Case(None, [(Order.member == member, ORDER_KEY)])


def _placed_for_member(values: Values) -> str:
    return _(
        "You placed order %(order)s, %(money)s.", order=values["subject"], money=_total(values)
    )


def _placed_for_staff(values: Values) -> str:
    words = _("Placed order %(order)s, %(money)s", order=values["subject"], money=_total(values))
    return f"{words}: {values['summary']}." if values["summary"] else f"{words}."


def _total(values: Values) -> str:
    return format_money(values["total"], values["currency"])


def _sent_for_member(values: Values) -> str:
    order = values["subject"]
    if values["ship_status"] == "partial":
        return _("A part of order %(order)s left the shop.", order=order)
    if not is_parcel(_row(values)):
        return _("Order %(order)s is complete.", order=order)
    carrier, _number = _parcel(values)
    if carrier:
        return _("Order %(order)s left the shop with %(carrier)s.", order=order, carrier=carrier)
    return _("Order %(order)s left the shop.", order=order)


def _sent_for_staff(values: Values) -> str:
    _carrier, number = _parcel(values)
    words = _sent_for_member(values)
    return (
        _("%(words)s Tracking number %(number)s.", words=words, number=number) if number else words
    )


def _parcel(values: Values) -> tuple[str, str]:
    if not values["parcel"]:
        return "", ""
    carrier, _line, number = values["parcel"].partition("\n")
    return parcel(number, carrier).carrier, number


def _row(values: Values) -> Any:
    return SimpleNamespace(
        placed_at=datetime.fromisoformat(values["placed_at"]),
        fulfilled_at=datetime.fromisoformat(values["fulfilled_at"]),
        shipping_method=values["shipping_method"],
    )


def _cancelled_for_staff(values: Values) -> str:
    return _("Order %(order)s was cancelled, %(money)s.", order=values["subject"],
             money=_total(values))  # fmt: skip


def _tell(kind: str, rank: int, at: Any, data: Mapping[str, Any]) -> None:
    add_source(Source(kind, rank, at, Order.member, Order.number, {"order": ORDER_KEY, **data}))


_SUM = {"total": Order.total, "currency": Order.currency}
register(
    "orders.placed",
    group="orders",
    staff=_placed_for_staff,
    member=_placed_for_member,
    own=True,
)
register("orders.sent", group="orders", staff=_sent_for_staff, member=_sent_for_member)
register(
    "orders.cancelled",
    group="orders",
    staff=_cancelled_for_staff,
    member="The shop cancelled order %(subject)s.",
)
_tell("orders.placed", 10, Order.placed_at, {**_SUM, "summary": Order.summary})
_tell(
    "orders.sent",
    30,
    Order.fulfilled_at,
    {
        "ship_status": Order.ship_status,
        "placed_at": Order.placed_at,
        "fulfilled_at": Order.fulfilled_at,
        "shipping_method": Order.shipping_method,
        "parcel": _FIRST_PARCEL,
    },
)
_tell("orders.cancelled", 40, Order.cancelled_at, _SUM)
