"""The sums of an order, row by row, so that anybody can add them up."""

from typing import Any, NamedTuple

from portal.lib.text import _

_SOFTWARE = {"", "manual", "custom", "shopify payments", "stripe", "other", "summary"}
_PLAINER = {"paypal express checkout": "PayPal", "bank deposit": "bank transfer", "cash": "cash"}


class BillRow(NamedTuple):
    """A row of the bill in minor units; `kind` is sum, up (came back), stop (still owed) or ""."""

    words: str
    minor: int
    note: str = ""
    kind: str = ""


def parts(order: Any) -> list[BillRow]:
    """What stands between the lines and the total: with the lines they add up to it exactly.

    Tax that the prices hold already comes from the shop's file as tax and the same amount not
    itemised; it is a note at the total then, not two rows that cancel each other out.
    """
    rows = []
    if order.discount:
        rows.append(BillRow(_("Discount"), -order.discount, order.discount_code))
    if order.shipping:
        rows.append(BillRow(_("Shipping"), order.shipping, order.shipping_method))
    if order.tax and not tax_included(order):
        rows.append(BillRow(_("Tax"), order.tax))
    if order.not_itemised and not tax_included(order):
        rows.append(BillRow(_("Not itemised by the shop"), order.not_itemised))
    return rows


def total(order: Any, paid_with: str = "") -> BillRow:
    """The total, with the way it was paid where that is known by a name that people use."""
    if order.outstanding > 0 or order.pay_status != "paid":
        return BillRow(_("Total"), order.total, kind="sum")
    method = readable_method(paid_with) or readable_method(order.pay_method)
    words = _("Paid with %(method)s", method=method) if method else _("Paid")
    return BillRow(words, order.total, kind="sum")


def readable_method(method: str) -> str:
    """A way to pay as people call it; "" for what only tells which software took the money."""
    plain = method.replace("_", " ").strip()
    if plain.casefold() in _SOFTWARE:
        return ""
    return _PLAINER.get(plain.casefold(), plain)


def afterwards(order: Any) -> list[BillRow]:
    """What happened to the total later: money that went back, what it came to, what is owed."""
    rows = []
    if order.refunded:
        rows.append(BillRow(_("Back with you"), -order.refunded, kind="up"))
        words = _("What it came to") if order.outstanding > 0 else _("What you paid in the end")
        rows.append(BillRow(words, order.total - order.refunded, kind="sum"))
    if order.outstanding > 0:
        rows.append(BillRow(_("Still to pay"), order.outstanding, kind="stop"))
    return rows


def tax_included(order: Any) -> int:
    """The tax that the prices hold already, or 0."""
    return order.tax if order.tax and order.not_itemised == -order.tax else 0
