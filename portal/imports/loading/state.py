"""Which of two accounts of an order is the later one, and how an order's sum is made up.

An export carries no time of its own. The state of an order is as new as the newest moment it tells
of (placed, paid, fulfilled, cancelled; last changed, where the file says so); at the same moment
the state further along is the later one (pending, authorised, paid, refunded; then unfulfilled,
partial, fulfilled), then the one with more refunded. A state that is earlier than the one that is
known changes nothing, and rows that came in before and were followed by others of their order never
come back.
"""

from datetime import datetime
from typing import Any

from portal.imports.records import OrderRecord
from portal.lib.text import ngettext

PAY = ("", "pending", "expired", "authorized", "partially_paid", "paid", "voided",
       "partially_refunded", "refunded")  # fmt: skip
SHIP = ("", "unfulfilled", "partial", "fulfilled", "restocked")

#: A column of Order, and the reader's name for what it comes from.
COLUMNS = {
    "external_id": "id",
    "email": "email",
    "phone": "phone",
    "placed_at": "created",
    "placed_offset": "created",
    "currency": "number",
    "items": "number",
    "discount": "discount",
    "shipping": "shipping",
    "tax": "taxes",
    "not_itemised": "number",
    "total": "number",
    "refunded": "refunded",
    "outstanding": "outstanding",
    "pay_status": "financial",
    "ship_status": "fulfilment",
    "paid_at": "paid",
    "fulfilled_at": "fulfilled",
    "cancelled_at": "cancelled",
    "summary": "number",
    "line_count": "number",
    "discount_code": "discount_code",
    "shipping_method": "shipping_method",
    "pay_method": "method",
    "billing": "billing",
    "delivery": "delivery",
    "note": "note",
    "tags": "tags",
    "state_at": "number",
}
LINE = ("product", "sku", "title", "vendor", "quantity", "unit_price", "discount", "total",
        "ship_status")  # fmt: skip


def line_rows(order: OrderRecord) -> list[tuple[Any, ...]]:
    """The order's lines as `LINE` has them, the product still to be filled in."""
    rows = []
    for line in order.lines:
        price = line.price or 0
        total = line.quantity * price - line.discount
        title = line.title or line.sku
        status = line.fulfilment_status
        rows.append(
            (line.sku, title, line.vendor, line.quantity, price, line.discount, total, status)
        )
    return rows


def newest(*moments: datetime | None) -> datetime:
    """The latest of the moments that are known."""
    return max(moment for moment in moments if moment is not None)


def columns(order: OrderRecord) -> dict[str, Any]:
    """An order's record as the columns of its row."""
    items = sum(line.quantity * (line.price or 0) - line.discount for line in order.lines)
    discount = order.discount
    off_lines = sum(line.discount for line in order.lines)
    rest = order.shipping + order.taxes - order.total
    if off_lines and items - discount + rest and not items - (discount - off_lines) + rest:
        discount -= off_lines  # this file's order discount holds the discounts of the lines
    return {
        "external_id": order.external_id or None,
        "email": order.email,
        "phone": order.phone or order.billing.get("phone", "")[:40],
        "placed_at": order.placed_at,
        "placed_offset": order.offset,
        "currency": order.currency,
        "items": items,
        "discount": discount,
        "shipping": order.shipping,
        "tax": order.taxes,
        "not_itemised": order.total - (items - discount + order.shipping + order.taxes),
        "total": order.total,
        "refunded": order.refunded,
        "outstanding": order.outstanding,
        "pay_status": order.financial_status,
        "ship_status": order.fulfilment_status,
        "paid_at": order.paid_at,
        "fulfilled_at": order.fulfilled_at,
        "cancelled_at": order.cancelled_at,
        "summary": _summary([line.title or line.sku for line in order.lines]),
        "line_count": len(order.lines),
        "discount_code": order.discount_code,
        "shipping_method": order.shipping_method,
        "pay_method": order.payment_method,
        "billing": order.billing,
        "delivery": order.delivery,
        "note": order.note,
        "tags": order.tags,
        "state_at": newest(
            order.placed_at, order.paid_at, order.fulfilled_at, order.cancelled_at,
            order.modified_at,
        ),
    }  # fmt: skip


def _summary(titles: list[str]) -> str:
    shown, more = ", ".join(title[:120] for title in titles[:2]), len(titles) - 2
    if more <= 0:
        return shown
    return ngettext(
        "%(shown)s and %(count)s more", "%(shown)s and %(count)s more", more, shown=shown
    )


def lateness(values: dict[str, Any]) -> tuple[datetime, int, int]:
    """What decides which of two states is the later."""
    pay, ship = values["pay_status"], values["ship_status"]
    rank = (PAY.index(pay) if pay in PAY else 0) * 10 + (SHIP.index(ship) if ship in SHIP else 0)
    return values["state_at"], rank, values["refunded"]


def merged(
    new: dict[str, Any], old: dict[str, Any], absent: frozenset[str], keep_lines: bool
) -> dict[str, Any]:
    """A newer account of an order, with what its file can't tell taken from the older one."""
    values = {
        name: old[name] if COLUMNS[name] in absent or _lost(name, value) else value
        for name, value in new.items()
    }
    if keep_lines:
        values |= {name: old[name] for name in ("items", "summary", "line_count", "discount")}
    if "total" in absent:
        values["total"] = old["total"]
    values["not_itemised"] = values["total"] - (
        values["items"] - values["discount"] + values["shipping"] + values["tax"]
    )
    values["state_at"] = newest(
        new["state_at"], values["paid_at"], values["fulfilled_at"], values["cancelled_at"]
    )
    return values


def _lost(name: str, value: Any) -> bool:
    """An id that a spreadsheet rounded, or an address that a layout has no columns for."""
    return name in ("external_id", "billing", "delivery") and not value
