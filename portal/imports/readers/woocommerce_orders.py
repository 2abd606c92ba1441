"""WooCommerce's orders as its REST interface (version 3) answers them: one object, one order."""

import json
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import MOST, Trouble, email, empty, wrong
from portal.imports.reading.parcels import tracking_numbers
from portal.imports.reading.woocommerce import NO_ORDERS, bare, fee, known, priced, settle_states
from portal.imports.reading.woocommerce_json import Thing, as_text, records
from portal.imports.records import LineRecord, Nothing, OrderRecord, Record, Row
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _

KIND = "woocommerce-orders"
FORMATS = ("json",)
REQUIRED = (
    ("id",),
    ("number",),
    ("status",),
    ("currency",),
    ("total",),
    ("date_created_gmt", "date_created"),
    ("billing",),
    ("line_items",),
)
DATES: tuple[str, ...] = ()
#: What an answer that lacks these fields can't tell.
TELLS = {
    "refunded": ("refunds",),
    "paid": ("date_paid_gmt", "date_paid"),
    "fulfilled": ("date_completed_gmt", "date_completed"),
    "note": ("customer_note",),
    "discount_code": ("coupon_lines",),
    "method": ("payment_method_title",),
    "shipping_method": ("shipping_lines",),
    "delivery": ("shipping",),
}
SHIPMENTS = "_wc_shipment_tracking_items"


def recognise(header: Iterable[str]) -> list[str]:
    """The fields that an object lacks for an order."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Objects to orders, one at a time, in the order of the file."""
    context.absent = frozenset(
        ours for ours, names in TELLS.items() if not context.columns.keys() & set(names)
    )

    def make(line: int, cells: list[str], thing: Thing) -> Record:
        return _order(line, cells, thing, context)

    yield from records(rows, make, "number")


def _order(line: int, cells: list[str], thing: Thing, context: Context) -> Record:
    status = thing.text("status", 60)
    if bare(status) in NO_ORDERS:
        return Nothing([line])
    number = (thing.key("number") or thing.key("id")).removeprefix("#").strip()
    if not number:
        raise Trouble(_("The row names no order."))
    order = OrderRecord(number, [line], [cells], external_id=thing.key("id"))
    order.currency = thing.text("currency").upper() or context.currency
    if order.currency not in currencies():
        raise wrong("currency", order.currency, _("which is not a currency"))
    digits = minor_digits(order.currency)
    _person(order, thing)
    _times(order, thing, context.zone)
    _lines(order, thing, digits)
    _sums(order, thing, digits)
    _words(order, thing)
    _parcels(order, thing)
    _states(order, status, "paid" not in context.absent)
    return order


def _person(order: OrderRecord, thing: Thing) -> None:
    billing, delivery = thing.inside("billing"), thing.inside("shipping")
    order.customer_id = thing.key("customer_id")
    order.email = email(billing.text("email", 400), "billing.email")
    order.billing, order.delivery = billing.address(), delivery.address()
    order.phone = order.billing.get("phone", "")[:40]
    names = (where.get(field) for where in (order.billing, order.delivery)
             for field in ("name", "company"))  # fmt: skip
    order.name = next(filter(None, names), "")[:200]


def _times(order: OrderRecord, thing: Thing, zone: tzinfo) -> None:
    placed = thing.moment("date_created", zone)
    if placed is None:
        raise empty("date_created")
    order.placed_at, order.offset = placed, thing.offset("date_created", placed, zone)
    order.paid_at = thing.moment("date_paid", zone)
    order.fulfilled_at = thing.moment("date_completed", zone)
    order.modified_at = thing.moment("date_modified", zone)


def _lines(order: OrderRecord, thing: Thing, digits: int) -> None:
    with_tax = thing.fields.get("prices_include_tax") is True
    for item in thing.things("line_items"):
        total = item.rounded("total", digits)
        line = LineRecord(item.words("name", 400), 1, 0, item.words("sku", 201))
        line.product_id = item.key("variation_id") or item.key("product_id")
        if len(line.sku) > 200:
            raise wrong("sku", line.sku, _("which is too long for a SKU"))
        _count(line, item.text("quantity"))
        subtotal = item.rounded("subtotal", digits)
        if with_tax and line.quantity > 0:
            whole = subtotal + item.rounded("subtotal_tax", digits)
            line.asked = (2 * whole + line.quantity) // (2 * line.quantity)
        order.lines.append(priced(line, subtotal, total))
    for item in thing.things("fee_lines"):
        if total := item.rounded("total", digits):
            order.lines.append(fee(item.words("name", 400) or _("Fee"), total))


def _count(line: LineRecord, quantity: str) -> None:
    """Whole pieces as they are; of what is sold by weight or length, one line is one piece."""
    whole, _point, part = quantity.partition(".")
    if not part.strip("0") and whole.removeprefix("-").isdecimal() and len(whole) < 10:
        line.quantity = int(whole)
    elif quantity.replace(".", "", 1).isdecimal() and len(quantity) < 20:
        line.title = f"{line.title[:370]} ({quantity})"
    else:
        raise wrong("quantity", quantity, _("which is not a number of pieces"))


def _sums(order: OrderRecord, thing: Thing, digits: int) -> None:
    total = thing.exact("total", digits)
    if total is None:
        raise empty("total")
    order.total = total
    order.shipping = thing.rounded("shipping_total", digits)
    # Discounts stand in the lines; what gift cards paid for is taken off the sum.
    order.discount = sum(part.rounded("amount", digits) for part in thing.things("gift_cards"))
    parts = ("total_tax",) if thing.text("total_tax") else ("cart_tax", "shipping_tax")
    order.taxes = sum(thing.rounded(part, digits) for part in parts)
    order.refunded = sum(abs(part.exact("total", digits) or 0) for part in thing.things("refunds"))
    lines = sum(abs(line.quantity * (line.price or 0)) + abs(line.discount) for line in order.lines)
    if lines >= MOST or order.refunded >= MOST:
        raise Trouble(_("The lines of this order come to more than any order can."))


def _words(order: OrderRecord, thing: Thing) -> None:
    def joined(name: str, field: str) -> str:
        found = dict.fromkeys(part.words(field) for part in thing.things(name))
        return ", ".join(filter(None, found))[:200]

    order.discount_code = joined("coupon_lines", "code")
    order.shipping_method = joined("shipping_lines", "method_title")
    order.payment_method = thing.words("payment_method_title", 200) or thing.text(
        "payment_method", 200
    )
    order.payment_reference = thing.text("transaction_id", 200)
    order.note = thing.text("customer_note", 5000)
    order.source = thing.text("created_via", 60)


def _parcels(order: OrderRecord, thing: Thing) -> None:
    """Tracking numbers where the usual plug-ins keep them."""
    numbers, carriers = [], []
    for key, value in thing.meta().items():
        if key == SHIPMENTS:
            for parcel in _shipments(value):
                numbers.append(parcel.text("tracking_number", 60))
                by = parcel.words("tracking_provider") or parcel.words("custom_tracking_provider")
                carriers.append(by)
        elif "tracking_number" in key:
            numbers.append(as_text(value)[:200])
    order.tracking = tracking_numbers(" ".join(numbers), {})
    if by := next(filter(None, carriers), ""):
        order.attributes["carrier"] = by


def _shipments(value: Any) -> list[Thing]:
    """The plug-in's list of parcels, which some versions give as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, dict):
        value = list(value.values())
    return Thing({"parcels": value}).things("parcels")


def _states(order: OrderRecord, status: str, tells_paid: bool) -> None:
    settle_states(order, status, tells_paid)
    if order.fulfilment_status != "fulfilled":
        order.fulfilled_at = None
    if bare(status) == "cancelled":
        # The day is not told; nothing changes a cancelled order but its being called off.
        order.cancelled_at = order.modified_at or order.placed_at
    if not known(status):
        order.tags = bare(status)[:60]  # a plug-in's own word, for the shop's people to see
