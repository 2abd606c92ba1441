"""Payments and refunds in their members' timelines."""

from types import SimpleNamespace
from typing import Any

from peewee import JOIN, fn

from portal.lib.money import format_money
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source
from portal.orders.models import Order
from portal.orders.timeline import key_if_of
from portal.payments.doubles import is_double
from portal.payments.models import Payment, Refund
from portal.payments.movements import words_of

_PAID = {
    "success": (
        "You paid %(money)s for order %(order)s.",
        "Paid %(money)s for order %(order)s.",
    ),
    "by": (
        "You paid %(money)s with %(method)s, order %(order)s.",
        "Paid %(money)s with %(method)s, order %(order)s.",
    ),
    "pending": (
        "Your payment of %(money)s for order %(order)s has begun.",
        "A payment of %(money)s for order %(order)s has begun.",
    ),
    "failure": (
        "Your payment of %(money)s for order %(order)s did not go through.",
        "A payment of %(money)s with %(method)s for order %(order)s did not go through.",
    ),
}
#: The same of money that no order is known for.
_PAID_ALONE = {
    "success": ("You paid %(money)s%(what)s.", "Paid %(money)s%(what)s."),
    "by": (
        "You paid %(money)s with %(method)s%(what)s.",
        "Paid %(money)s with %(method)s%(what)s.",
    ),
    "pending": (
        "Your payment of %(money)s%(what)s has begun.",
        "A payment of %(money)s%(what)s has begun.",
    ),
    "failure": (
        "Your payment of %(money)s%(what)s did not go through.",
        "A payment of %(money)s with %(method)s%(what)s did not go through.",
    ),
}
_BACK = {
    "success": (
        "%(money)s came back to you for order %(order)s.",
        "%(money)s refunded for order %(order)s.",
    ),
    "by": (
        "%(money)s came back to you for order %(order)s.",
        "%(money)s refunded to %(method)s for order %(order)s.",
    ),
    "pending": (
        "%(money)s is on its way back to you for order %(order)s.",
        "%(money)s is on its way back for order %(order)s.",
    ),
    "failure": (
        "A refund of %(money)s for order %(order)s did not go through.",
        "A refund of %(money)s to %(method)s for order %(order)s did not go through.",
    ),
}
_BACK_ALONE = {
    "success": ("%(money)s came back to you%(what)s.", "%(money)s refunded%(what)s."),
    "by": ("%(money)s came back to you%(what)s.", "%(money)s refunded to %(method)s%(what)s."),
    "pending": (
        "%(money)s is on its way back to you%(what)s.",
        "%(money)s is on its way back%(what)s.",
    ),
    "failure": (
        "A refund of %(money)s%(what)s did not go through.",
        "A refund of %(money)s to %(method)s%(what)s did not go through.",
    ),
}
Words = dict[str, tuple[str, str]]  # by what became of it: for the member, and for staff


def _words(values: Values, of_order: Words, alone: Words, for_staff: int) -> str:
    table = of_order if values["subject"] else alone
    method = words_of(SimpleNamespace(**values))
    status = values["status"]
    if status == "success" and method:
        status = "by"
    return _(
        table.get(status, table["failure"])[for_staff],
        money=format_money(values["amount"], values["currency"]),
        order=values["subject"],
        what=f" ({values['description']})" if values.get("description") else "",
        method=method or _("a way not named"),
    )


def _tell(kind: str, rank: int, model: Any) -> None:
    columns = ("amount", "currency", "method", "gateway", "card_brand", "card_last4", "status",
               "description")  # fmt: skip
    add_source(
        Source(
            kind,
            rank,
            model.at,
            model.member,
            fn.COALESCE(Order.number, ""),
            {"order": key_if_of(model.member)} | {name: getattr(model, name) for name in columns},
            lambda query: query.join(Order, JOIN.LEFT_OUTER).where(~is_double(model)),
        )
    )


register(
    "payments.paid",
    group="payments",
    staff=lambda values: _words(values, _PAID, _PAID_ALONE, True),
    member=lambda values: _words(values, _PAID, _PAID_ALONE, False),
    own=True,
)
register(
    "payments.refunded",
    group="payments",
    staff=lambda values: _words(values, _BACK, _BACK_ALONE, True),
    member=lambda values: _words(values, _BACK, _BACK_ALONE, False),
)
_tell("payments.paid", 20, Payment)
_tell("payments.refunded", 50, Refund)
