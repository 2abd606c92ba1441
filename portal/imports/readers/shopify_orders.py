"""Shopify's orders export: one row for each line, the order's own cells on its first row only.

Source of the columns: the file that Shopify's admin exports (79 columns; about 68 in earlier
years), the spelling of its help page, the Transporter layout (74), and files cut down by people.
"""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import (
    MOST,
    CameAway,
    Trouble,
    attributes,
    clean,
    code,
    email,
    empty,
    minor_units,
    moment,
    tidy,
    whole,
    wrong,
)
from portal.imports.reading.grouping import records
from portal.imports.reading.order_columns import ADDRESS, NAMES
from portal.imports.reading.parcels import tracking_numbers
from portal.imports.records import LineRecord, OrderRecord, Record, Row
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _

KIND = "shopify-orders"
REQUIRED = (
    ("Name",),
    ("Email",),
    ("Created at", "Processed at"),
    ("Total", "Lineitem price"),
)
DATES = ("createdat", "processedat", "paidat", "fulfilledat", "cancelledat", "canceledat")
PAID = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
FINANCIAL = PAID | {"authorized", "expired", "pending", "voided"}
SHORT = 60  # characters: longer cells are rarely the same twice
LINE = ("quantity", "title", "price", "sku", "line_discount", "line_status", "vendor")
MOVES = ("tx_amount", "tx_kind", "tx_status")
TELLING = ("financial", "total", "subtotal", "refunded")  # one of them opens an order


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of orders."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to orders, one at a time, in the order of the file."""
    sheet = _Sheet(context)
    yield from records(rows, sheet.place["number"], sheet.order, context.scrub)


class _Sheet:
    """Where each cell stands in this file, and how an order is made of its rows.

    This runs for every row of files with millions: blank cells are never looked at twice.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.header, self.comma = context.header, context.comma
        self.place: dict[str, int] = {}
        for name, spellings in NAMES.items():
            known = [spelling for spelling in spellings if spelling in context.columns]
            if known:
                self.place[name] = context.columns[known[0]]
        context.absent = frozenset(NAMES) - frozenset(self.place)
        of_rows = {*LINE, *MOVES}
        self.head = [(name, place) for name, place in self.place.items() if name not in of_rows]
        self.billing, self.delivery = self._address("billing"), self._address("shipping")
        self.line = [self.place.get(name, -1) for name in LINE]
        self.telling = [name for name in TELLING if name in self.place]
        self.moves = "tx_kind" in self.place
        self.shipping_rows = "shippinglineprice" in context.columns

    def _address(self, kind: str) -> list[tuple[str, int, bool]]:
        return [
            (field, self.context.columns[kind + known[0]], field in ("zip", "phone"))
            for field, spellings in ADDRESS.items()
            if (known := [name for name in spellings if kind + name in self.context.columns])
        ]

    def order(self, number: str, group: list[Row]) -> OrderRecord:
        """An order of all its rows; raises Trouble, with `line` where one row is to blame."""
        first = group[0][1]
        cells = {
            name: text
            for name, place in self.head
            if (cell := first[place]) and (text := tidy(cell) if len(cell) < SHORT else clean(cell))
        }
        if self.telling and not any(name in cells for name in self.telling):
            raise CameAway(
                _("The first row of this order, which carries its total, does not stand above it.")
            )
        order = OrderRecord(number, [row[0] for row in group], [row[1] for row in group])
        order.currency = cells.get("currency", "").upper() or self.context.currency
        if order.currency not in currencies():
            raise self._wrong("currency", order.currency, _("which is not a currency"))
        digits = minor_digits(order.currency)
        self._people(order, cells, first)
        self._states(order, cells)
        for line, row, _problem in group:
            try:
                self._line(order, row, digits)
                if self.moves:
                    self._move(order, row, digits)
            except Trouble as trouble:
                trouble.line = line
                raise
        self._sums(order, cells, digits)
        if self.shipping_rows:
            self._shipping_rows(order, group[1:], digits)
        if "total" not in cells:
            order.total = itemised(order)
        return order

    def _wrong(self, name: str, value: str, expected: str) -> Trouble:
        return wrong(self.header[self.place[name]], value, expected)

    def _people(self, order: OrderRecord, cells: dict[str, str], row: list[str]) -> None:
        if "email" in cells:
            order.email = email(cells["email"], self.header[self.place["email"]])
        order.phone = code(cells.get("phone", ""))[:40]
        # A spreadsheet turns long ids into 5.7E+12: such an id is lost, the number is the key.
        external = code(cells.get("id", ""))
        if external.isdecimal() and external.isascii() and len(external) <= 20:
            order.external_id = external
        for address, places in ((order.billing, self.billing), (order.delivery, self.delivery)):
            for field, place, guarded in places:
                cell = row[place]
                if cell and (text := code(cell) if guarded else tidy(cell[:300])):
                    address[field] = text
        order.name = (order.billing.get("name") or order.delivery.get("name") or "")[:200]

    def _moment(self, cells: dict[str, str], name: str) -> tuple | None:
        if name not in cells:
            return None
        column = self.header[self.place[name]]
        return moment(cells[name], column, self.context.zone, self.context.day_first)

    def _states(self, order: OrderRecord, cells: dict[str, str]) -> None:
        placed = self._moment(cells, "created")
        if placed is None:
            raise empty(self.header[self.place["created"]])
        order.placed_at, order.offset = placed
        order.paid_at = (self._moment(cells, "paid") or (None,))[0]
        order.fulfilled_at = (self._moment(cells, "fulfilled") or (None,))[0]
        order.cancelled_at = (self._moment(cells, "cancelled") or (None,))[0]
        if financial := cells.get("financial", "").casefold().replace(" ", "_"):
            if financial not in FINANCIAL:
                raise self._wrong("financial", financial, _("which is not a state of payment"))
            order.financial_status = financial
        told = cells.get
        order.fulfilment_status = told("fulfilment", "").casefold()[:24]
        order.discount_code = told("discount_code", "")[:200]
        order.shipping_method = told("shipping_method", "")[:200]
        order.payment_method = told("method", "")[:200]
        order.payment_reference = told("references", "")[:200]
        order.note = told("note", "")[:5000]
        order.tags = told("tags", "")[:500]
        order.source = told("source", "")[:60]
        if "attributes" in cells:
            order.attributes = attributes(cells["attributes"])
        if order.attributes or "tracking" in cells:
            order.tracking = tracking_numbers(told("tracking", ""), order.attributes)

    def _line(self, order: OrderRecord, row: list[str], digits: int) -> None:
        at_quantity, at_title, at_price, at_sku, at_discount, at_status, at_vendor = self.line
        title = clean(row[at_title]) if at_title >= 0 else ""
        sku = tidy(row[at_sku][:300]) if at_sku >= 0 else ""
        amount = row[at_price] if at_price >= 0 else ""
        number = row[at_quantity] if at_quantity >= 0 else ""
        if not title and not sku and not amount.strip() and not number.strip():
            return
        quantity: int | None = 1
        if at_quantity >= 0:
            quantity = whole(number, self.header[at_quantity])
            if quantity is None:
                raise empty(self.header[at_quantity])
        price = None
        if at_price >= 0:
            price = self._amount(amount, at_price, digits)
            if price is None:
                raise empty(self.header[at_price])
        if len(sku) > 200:
            raise self._wrong("sku", sku, _("which is too long for a SKU"))
        discount = row[at_discount] if at_discount >= 0 else ""
        order.lines.append(
            LineRecord(
                title[:400],
                quantity or 0,
                price,
                sku,
                tidy(row[at_vendor][:200]) if at_vendor >= 0 else "",
                (self._amount(discount, at_discount, digits) or 0) if discount else 0,
                tidy(row[at_status][:24]) if at_status >= 0 else "",
            )
        )

    def _amount(self, cell: str, place: int, digits: int) -> int | None:
        try:
            return minor_units(cell, digits, self.comma)
        except ValueError as why:
            raise wrong(self.header[place], cell, str(why)) from None

    def _sums(self, order: OrderRecord, cells: dict[str, str], digits: int) -> None:
        def amount(name: str) -> int:
            if name not in cells:
                return 0
            return self._amount(cells[name], self.place[name], digits) or 0

        order.discount = abs(amount("discount"))
        order.shipping, order.taxes = amount("shipping"), amount("taxes")
        order.outstanding = amount("outstanding")
        order.refunded = max(order.refunded, abs(amount("refunded")))
        order.total = amount("total")
        amount("subtotal")
        if abs(itemised(order)) >= MOST:
            raise Trouble(_("The lines of this order come to more than any order can."))
        if "total" not in cells and "total" in self.place and "price" not in self.place:
            raise empty(self.header[self.place["total"]])
        if order.financial_status == "refunded" and "refunded" not in self.place:
            order.refunded = order.refunded or order.total or itemised(order)

    def _move(self, order: OrderRecord, row: list[str], digits: int) -> None:
        """Transporter rows carry movements of money of their own."""
        amount, kind, status = (clean(row[self.place[name]]) for name in MOVES)
        if status.casefold() != "success":
            return
        minor = abs(self._amount(amount, self.place["tx_amount"], digits) or 0)
        if kind.casefold() == "refund":
            order.refunded += minor
        elif kind.casefold() in ("sale", "capture"):
            order.captured = (order.captured or 0) + minor

    def _shipping_rows(self, order: OrderRecord, rows: list[Row], digits: int) -> None:
        """Transporter files have the shipping line on a row of its own."""
        for line, row, _problem in rows:
            try:
                order.shipping += (
                    self._amount(row[self.place["shipping"]], self.place["shipping"], digits) or 0
                )
            except Trouble as trouble:
                trouble.line = line
                raise
            if "shipping_method" in self.place:
                named = clean(row[self.place["shipping_method"]])
                order.shipping_method = order.shipping_method or named[:200]


def itemised(order: OrderRecord) -> int:
    """What lines, discount, shipping and taxes come to."""
    lines = sum(line.quantity * (line.price or 0) - line.discount for line in order.lines)
    return lines - order.discount + order.shipping + order.taxes
