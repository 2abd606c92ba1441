"""WebToffee's order export for WooCommerce: one row for each order, its lines packed into cells.

Source of the columns: the plug-in's `data-order-post-columns.php` and `export.php` (2.7.4), with
its options "separate columns" (`Product Item 1 Name` …) and "separate rows" (`item_name` …).
"""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading import packed, woocommerce
from portal.imports.reading.cells import (
    Trouble,
    clean,
    code,
    email,
    empty,
    minor_units,
    moment,
    whole,
    wrong,
)
from portal.imports.reading.grouping import records
from portal.imports.reading.parcels import tracking_numbers
from portal.imports.records import LineRecord, Nothing, OrderRecord, Record, Row
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _

KIND = "webtoffee-orders"
REQUIRED = (
    ("order_id",),
    ("order_date",),
    ("status",),
    ("order_total",),
    ("billing_email", "customer_email"),
    ("line_item_1", "item_name", "Product Item 1 Name"),
)
DATES = ("order_date", "paid_date")
#: What a record calls a cell, and the columns that tell it.
TELLS = {
    "id": ("order_id",),
    "email": ("billing_email", "customer_email"),
    "phone": ("billing_phone",),
    "paid": ("paid_date",),
    "taxes": ("tax_total",),
    "shipping": ("shipping_total",),
    "refunded": ("refund_items",),
    "discount_code": ("coupon_items",),
    "shipping_method": ("shipping_method", "shipping_items"),
    "method": ("payment_method_title", "payment_method"),
    "billing": ("billing_address_1", "billing_city", "billing_postcode"),
    "delivery": ("shipping_address_1", "shipping_city", "shipping_postcode"),
    "note": ("customer_note",),
}
NEVER = {"fulfilled", "outstanding", "discount"}  # told by no layout of it
PARTS = ("Name", "id", "SKU", "Quantity", "Total", "Subtotal")
ROW = ("item_name", "item_product_id", "item_sku", "item_quantity", "item_total", "item_subtotal")
PACKED = ("name", "product_id", "sku", "quantity", "total", "sub_total")


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of orders."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to orders, one at a time, in the order of the file."""
    sheet = _Sheet(context)
    yield from records(rows, sheet.key, sheet.order, context.scrub)


class _Sheet:
    """Where each cell stands in this file, and how an order is made of its rows."""

    def __init__(self, context: Context) -> None:
        self.context, self.columns = context, context.columns
        self.key = self.columns.get("order_number", self.columns["order_id"])
        known = {name for name, columns in TELLS.items() if self.columns.keys() & set(columns)}
        context.absent = frozenset((TELLS.keys() - known) | NEVER)
        self.packed = self._numbered(r"line_item_([0-9]{1,4})")
        self.parted = self._numbered(r"productitem([0-9]{1,4})name")
        self.prefixed = {
            prefix: {
                name.removeprefix(prefix): place
                for name, place in self.columns.items()
                if name.startswith(prefix)
            }
            for prefix in ("billing_", "shipping_")
        }
        self.trackers = [
            p for n, p in self.columns.items() if n.startswith("meta:") and "track" in n
        ]

    def _numbered(self, pattern: str) -> list[tuple[int, int]]:
        found = [(re.fullmatch(pattern, name), place) for name, place in self.columns.items()]
        return sorted((int(match[1]), place) for match, place in found if match)

    def order(self, number: str, group: list[Row]) -> Record:
        """An order of all its rows; raises Trouble, with `line` where one row is to blame."""
        row = group[0][1]
        lines = [line for line, _cells, _problem in group]
        status = self._cell(row, "status")
        if not status:
            raise empty(self._name("status"))
        if woocommerce.bare(status) in woocommerce.NO_ORDERS:
            return Nothing(lines)
        order = OrderRecord(number, lines, [cells for _line, cells, _problem in group])
        order.currency = self._cell(row, "order_currency").upper() or self.context.currency
        if order.currency not in currencies():
            raise wrong(self._name("order_currency"), order.currency, _("which is not a currency"))
        self._person(order, row)
        self._told(order, row)
        self._lines(order, group)
        self._sums(order, row)
        woocommerce.settle_states(order, status, "paid" not in self.context.absent)
        if woocommerce.bare(status) == "cancelled":
            order.cancelled_at = order.placed_at  # the day is not told
        if not woocommerce.known(status):
            order.tags = woocommerce.bare(status)[:60]
        return order

    def _name(self, column: str) -> str:
        place = self.columns.get(column)
        return column if place is None else self.context.header[place]

    def _cell(self, row: list[str], *names: str) -> str:
        for name in names:
            if name in self.columns and (text := clean(row[self.columns[name]])):
                return text
        return ""

    def _amount(self, text: str, column: str, digits: int) -> int:
        try:
            return minor_units(text, digits, self.context.comma) or 0
        except ValueError as why:
            raise wrong(column, text, str(why)) from None

    def _person(self, order: OrderRecord, row: list[str]) -> None:
        order.external_id = self._id(row, "order_id")
        customer = self._id(row, "customer_id") or self._id(row, "customer_user")
        order.customer_id = "" if customer == "0" else customer
        for name in ("billing_email", "customer_email"):
            order.email = order.email or email(self._cell(row, name), self._name(name))
        for prefix, target in (("billing_", order.billing), ("shipping_", order.delivery)):
            told = {
                name: code(row[place]) if name in ("postcode", "phone") else clean(row[place])
                for name, place in self.prefixed[prefix].items()
            }
            target.update(woocommerce.address(told))
        order.phone = order.billing.get("phone", "")[:40]
        names = (where.get(field, "") for where in (order.billing, order.delivery)
                 for field in ("name", "company"))  # fmt: skip
        order.name = next(filter(None, names), "")[:200]

    def _id(self, row: list[str], column: str) -> str:
        text = code(self._cell(row, column))
        return text if text.isdecimal() and text.isascii() and len(text) <= 20 else ""

    def _told(self, order: OrderRecord, row: list[str]) -> None:
        zone, day_first = self.context.zone, self.context.day_first
        placed = moment(self._cell(row, "order_date"), self._name("order_date"), zone, day_first)
        if placed is None:
            raise empty(self._name("order_date"))
        order.placed_at, order.offset = placed
        paid = moment(self._cell(row, "paid_date"), self._name("paid_date"), zone, day_first)
        order.paid_at = paid[0] if paid else None
        coupons = packed.things(self._cell(row, "coupon_items"), "code")
        order.discount_code = ", ".join(filter(None, (c["code"] for c in coupons)))[:200]
        order.shipping_method = packed.plain(self._cell(row, "shipping_method"))[:200]
        order.payment_method = packed.plain(
            self._cell(row, "payment_method_title", "payment_method")
        )[:200]
        order.payment_reference = self._cell(row, "transaction_id")[:200]
        order.note = packed.plain(self._cell(row, "customer_note"))[:5000]
        found = [text for place in self.trackers for text in packed.tracking(row[place])]
        order.tracking = tracking_numbers(",".join(found), {})

    def _lines(self, order: OrderRecord, group: list[Row]) -> None:
        """Lines from the packed cells, else from columns of their own, else from rows."""
        digits = minor_digits(order.currency)
        row = group[0][1]
        for number, place in self.packed:
            if text := clean(row[place]):
                cells = packed.fields(text)
                told = [cells.get(name, "") for name in PACKED]
                if cells.get("_variation_id", "").strip("0 "):
                    told[1] = cells["_variation_id"]
                order.lines.append(self._line(told, f"line_item_{number}", digits))
        if not order.lines:
            for number, _place in self.parted:
                names = [f"productitem{number}{part.casefold()}" for part in PARTS]
                told = [self._cell(row, name) for name in names]
                if any(told):
                    order.lines.append(self._line(told, f"Product Item {number}", digits))
        if not order.lines and "item_name" in self.columns:
            for line, cells_, _problem in group:
                told = [self._cell(cells_, name) for name in ROW]
                try:
                    if any(told):
                        order.lines.append(self._line(told, "item_total", digits))
                except Trouble as trouble:
                    trouble.line = line
                    raise
        self._fees(order, row, digits)

    def _line(self, told: list[str], column: str, digits: int) -> LineRecord:
        name, product_id, sku, quantity, total, subtotal = (clean(text) for text in told)
        pieces = whole(quantity, column)
        if pieces is None or not total:
            raise wrong(column, f"{name} × {quantity}", _("which lacks its quantity or total"))
        if len(sku) > 200:
            raise wrong(column, sku, _("which is too long for a SKU"))
        line = LineRecord(packed.plain(name)[:400], pieces, None, sku)
        line.product_id = product_id[:60] if product_id not in ("", "0") else ""
        amount = self._amount(total, column, digits)
        return woocommerce.priced(line, self._amount(subtotal, column, digits), amount)

    def _fees(self, order: OrderRecord, row: list[str], digits: int) -> None:
        for told in packed.things(self._cell(row, "fee_items"), "name", "||"):
            amount = self._amount(told.get("total", ""), self._name("fee_items"), digits)
            if amount:
                order.lines.append(woocommerce.fee(packed.plain(told["name"]) or _("Fee"), amount))

    def _sums(self, order: OrderRecord, row: list[str]) -> None:
        digits = minor_digits(order.currency)

        def amount(name: str) -> int:
            return self._amount(self._cell(row, name), self._name(name), digits)

        if not self._cell(row, "order_total"):
            raise empty(self._name("order_total"))
        order.total, order.shipping = amount("order_total"), amount("shipping_total")
        order.taxes = amount("tax_total")
        rest = order.total - order.shipping - order.taxes
        rest -= sum(line.quantity * (line.price or 0) - line.discount for line in order.lines)
        more = amount("shipping_tax_total") + amount("fee_tax_total")
        if rest and rest == more:
            order.taxes += more  # this version of the plug-in tells the taxes apart
        name = self._name("refund_items")
        for told in packed.things(self._cell(row, "refund_items"), "amount"):
            order.refunded += abs(self._amount(told["amount"], name, digits))
