"""Shopify's orders export: one row for each line, the order's own cells on its first row only.

Source of the columns: the file that Shopify's admin exports (79 columns; about 68 in earlier
years), the spelling of its help page, the Transporter layout (74), and files cut down by people.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from portal.imports.cells import (
    Trouble,
    attributes,
    clean,
    code,
    count,
    email,
    empty,
    moment,
    money,
    wrong,
)
from portal.imports.grouping import records
from portal.imports.order_columns import ADDRESS, NAMES
from portal.imports.parcels import tracking_numbers
from portal.imports.readers import Context, lacking
from portal.imports.records import Address, LineRecord, OrderRecord, Row
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


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of orders."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[OrderRecord]:
    """Rows to orders, one at a time, in the order of the file."""
    sheet = _Sheet(context)
    yield from records(rows, sheet.place["number"], sheet.order, context.scrub)  # type: ignore[misc]


class _Sheet:
    """Where each cell stands in this file, and how an order is made of its rows."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.place: dict[str, int] = {}
        for name, spellings in NAMES.items():
            for spelling in spellings:
                if spelling in context.columns:
                    self.place[name] = context.columns[spelling]
                    break
        context.absent = frozenset(NAMES) - frozenset(self.place)
        self.addresses = {
            kind: {
                field: context.columns[f"{kind}{spelling}"]
                for field, spellings in ADDRESS.items()
                for spelling in reversed(spellings)
                if f"{kind}{spelling}" in context.columns
            }
            for kind in ("billing", "shipping")
        }
        self.line_places = [
            self.place.get(name, -1)
            for name in (
                "quantity",
                "title",
                "price",
                "sku",
                "line_discount",
                "line_status",
                "vendor",
            )
        ]

    def order(self, number: str, group: list[Row]) -> OrderRecord:
        """An order of all its rows; raises Trouble, with `line` where one row is to blame."""
        first = group[0][1]
        order = OrderRecord(number, [row[0] for row in group], [row[1] for row in group])
        self._whole(first)
        order.currency = self._currency(first)
        digits = minor_digits(order.currency)
        self._people(order, first)
        self._times(order, first)
        self._statuses(order, first)
        for line, cells, _problem in group:
            try:
                self._line(order, cells, digits)
                self._transaction(order, cells, digits)
            except Trouble as trouble:
                trouble.line = line  # type: ignore[attr-defined]
                raise
        self._sums(order, group, digits)
        return order

    def _cell(self, cells: list[str], name: str) -> str:
        place = self.place.get(name, -1)
        return clean(cells[place]) if place >= 0 else ""

    def _column(self, name: str) -> str:
        return self.context.header[self.place[name]]

    def _whole(self, cells: list[str]) -> None:
        """A later row that came away from its order's first row tells nothing of the order."""
        own = [
            name for name in ("financial", "total", "subtotal", "refunded") if name in self.place
        ]
        if own and not any(self._cell(cells, name) for name in own):
            raise Trouble(
                _("The first row of this order, which carries its total, does not stand above it.")
            )

    def _currency(self, cells: list[str]) -> str:
        currency = self._cell(cells, "currency").upper() or self.context.currency
        if currency not in currencies():
            raise wrong(self._column("currency"), currency, _("which is not a currency"))
        return currency

    def _people(self, order: OrderRecord, cells: list[str]) -> None:
        order.email = email(self._cell(cells, "email"), self._column("email"))
        place = self.place.get("phone", -1)
        order.phone = code(cells[place])[:40] if place >= 0 else ""
        external = code(cells[self.place["id"]]) if "id" in self.place else ""
        # A spreadsheet turns long ids into 5.7E+12: such an id is lost, the number is the key.
        order.external_id = external if external.isdecimal() and external.isascii() else ""
        order.external_id = order.external_id if len(order.external_id) <= 20 else ""
        order.billing = self._address(cells, "billing")
        order.delivery = self._address(cells, "shipping")
        order.name = (order.billing.name or order.delivery.name)[:200]

    def _address(self, cells: list[str], kind: str) -> Address:
        address = Address()
        for field, place in self.addresses[kind].items():
            cell = cells[place]
            if cell and not cell.isspace():
                value = code(cell) if field in ("zip", "phone") else clean(cell)
                setattr(address, field, value[:300])
        return address

    def _moment(self, cells: list[str], name: str) -> tuple[datetime, int] | None:
        place = self.place.get(name, -1)
        if place < 0 or not cells[place]:
            return None
        context = self.context
        return moment(cells[place], context.header[place], context.zone, context.day_first)

    def _times(self, order: OrderRecord, cells: list[str]) -> None:
        placed = self._moment(cells, "created")
        if placed is None:
            raise empty(self._column("created"))
        order.placed_at, order.offset = placed
        for field, name in (
            ("paid_at", "paid"),
            ("fulfilled_at", "fulfilled"),
            ("cancelled_at", "cancelled"),
        ):
            if found := self._moment(cells, name):
                setattr(order, field, found[0])

    def _statuses(self, order: OrderRecord, cells: list[str]) -> None:
        financial = self._cell(cells, "financial").casefold().replace(" ", "_")
        if financial and financial not in FINANCIAL:
            raise wrong(self._column("financial"), financial, _("which is not a state of payment"))
        order.financial_status = financial
        order.fulfilment_status = self._cell(cells, "fulfilment").casefold()[:24]
        order.discount_code = self._cell(cells, "discount_code")[:200]
        order.shipping_method = self._cell(cells, "shipping_method")[:200]
        order.payment_method = self._cell(cells, "method")[:200]
        order.payment_reference = self._cell(cells, "references")[:200]
        order.note = self._cell(cells, "note")[:5000]
        order.tags = self._cell(cells, "tags")[:500]
        order.source = self._cell(cells, "source")[:60]
        if "attributes" in self.place and (cell := cells[self.place["attributes"]]):
            order.attributes = attributes(cell)
        order.tracking = tracking_numbers(self._cell(cells, "tracking"), order.attributes)

    def _line(self, order: OrderRecord, cells: list[str], digits: int) -> None:
        quantity, title, price, sku, discount, status, vendor = self.line_places
        name = cells[title].strip() if title >= 0 else ""
        code_ = clean(cells[sku]) if sku >= 0 else ""
        number = cells[quantity] if quantity >= 0 else ""
        amount = cells[price] if price >= 0 else ""
        if not name and not code_ and not number.strip() and not amount.strip():
            return
        header, comma = self.context.header, self.context.comma
        pieces = count(number, header[quantity]) if quantity >= 0 else 1
        if pieces is None:
            raise empty(header[quantity])
        if len(code_) > 200:
            raise wrong(header[sku], code_, _("which is too long for a SKU"))
        order.lines.append(
            LineRecord(
                title=clean(name)[:400],
                quantity=pieces,
                price=self._price(amount, digits),
                sku=code_,
                vendor=clean(cells[vendor])[:200] if vendor >= 0 else "",
                discount=(money(cells[discount], header[discount], digits, comma) or 0)
                if discount >= 0
                else 0,
                fulfilment_status=clean(cells[status])[:24] if status >= 0 else "",
            )
        )

    def _price(self, cell: str, digits: int) -> int | None:
        place = self.place.get("price", -1)
        if place < 0:
            return None
        price = money(cell, self.context.header[place], digits, self.context.comma)
        if price is None:
            raise empty(self.context.header[place])
        return price

    def _transaction(self, order: OrderRecord, cells: list[str], digits: int) -> None:
        """Transporter rows carry movements of money of their own."""
        kind = self._cell(cells, "tx_kind").casefold() if "tx_kind" in self.place else ""
        if kind not in ("sale", "capture", "refund"):
            return
        if self._cell(cells, "tx_status").casefold() != "success":
            return
        amount = abs(self._money(cells, "tx_amount", digits) or 0)
        if kind == "refund":
            order.refunded += amount
        else:
            order.captured = (order.captured or 0) + amount

    def _money(self, cells: list[str], name: str, digits: int) -> int | None:
        place = self.place.get(name, -1)
        if place < 0 or not cells[place]:
            return None
        return money(cells[place], self.context.header[place], digits, self.context.comma)

    def _sums(self, order: OrderRecord, group: list[Row], digits: int) -> None:
        first = group[0][1]
        order.subtotal = self._money(first, "subtotal", digits)
        order.discount = abs(self._money(first, "discount", digits) or 0)
        order.taxes = self._money(first, "taxes", digits) or 0
        # A Transporter file has the shipping line on a row of its own.
        for _line, cells, _problem in group:
            order.shipping += self._money(cells, "shipping", digits) or 0
            order.shipping_method = (
                order.shipping_method or self._cell(cells, "shipping_method")[:200]
            )
        order.refunded = max(order.refunded, abs(self._money(first, "refunded", digits) or 0))
        order.outstanding = self._money(first, "outstanding", digits) or 0
        total = self._money(first, "total", digits)
        if total is None and "total" in self.place and "price" not in self.place:
            raise empty(self._column("total"))
        order.total = self.itemised(order) if total is None else total
        if order.financial_status == "refunded" and "refunded" not in self.place:
            order.refunded = order.refunded or order.total

    @staticmethod
    def itemised(order: OrderRecord) -> int:
        """What lines, discount, shipping and taxes come to."""
        lines = sum(line.quantity * (line.price or 0) - line.discount for line in order.lines)
        return lines - order.discount + order.shipping + order.taxes
