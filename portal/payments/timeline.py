"""Payments and refunds in their members' timelines."""

from types import SimpleNamespace
from typing import Any

from portal.lib.money import format_money
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source
from portal.orders.models import Order
from portal.orders.timeline import key_if_of
from portal.payments.models import Payment, Refund
from portal.payments.movements import words_of

_PAID = {  # by what became of it: for the member, and for staff
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


def _words(values: Values, table: dict[str, tuple[str, str]], for_staff: int) -> str:
    method = words_of(SimpleNamespace(**values))
    status = values["status"]
    if status == "success" and method:
        status = "by"
    return _(
        table.get(status, table["failure"])[for_staff],
        money=format_money(values["amount"], values["currency"]),
        order=values["subject"],
        method=method or _("a way not named"),
    )


def _tell(kind: str, rank: int, model: Any) -> None:
    columns = ("amount", "currency", "method", "gateway", "card_brand", "card_last4", "status")
    add_source(
        Source(
            kind,
            rank,
            model.at,
            model.member,
            Order.number,
            {"order": key_if_of(model.member)} | {name: getattr(model, name) for name in columns},
            lambda query: query.join(Order),
        )
    )


register(
    "payments.paid",
    group="payments",
    staff=lambda values: _words(values, _PAID, True),
    member=lambda values: _words(values, _PAID, False),
    own=True,
)
register(
    "payments.refunded",
    group="payments",
    staff=lambda values: _words(values, _BACK, True),
    member=lambda values: _words(values, _BACK, False),
)
_tell("payments.paid", 20, Payment)
_tell("payments.refunded", 50, Refund)
