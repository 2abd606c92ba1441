"""Orders of a mapped file: rows of one number are one order, each row a line of it."""

from collections.abc import Sequence
from decimal import Decimal

from portal.imports.maps.amounts import number, share, times
from portal.imports.maps.amounts import whole as rounded
from portal.imports.maps.sheet import LONGEST_LINE, Sheet
from portal.imports.reading.cells import MOST, Trouble, code, empty, whole, wrong
from portal.imports.records import LineRecord, OrderRecord, Row
from portal.lib.money import minor_digits
from portal.lib.text import _

#: Our field, and what the loader calls the cell that a poorer file must not take away.
ABSENT = {
    "external_id": "id", "email": "email", "phone": "phone", "discount": "discount",
    "shipping": "shipping", "tax": "taxes", "refunded": "refunded", "outstanding": "outstanding",
    "financial_status": "financial", "fulfilment_status": "fulfilment", "paid_at": "paid",
    "fulfilled_at": "fulfilled", "cancelled_at": "cancelled", "discount_code": "discount_code",
    "shipping_method": "shipping_method", "payment_method": "method", "note": "note",
    "tags": "tags",
}  # fmt: skip


def absent(sheet: Sheet) -> frozenset[str]:
    """What this file can't tell of an order."""
    map = sheet.map
    lacks = {theirs for ours, theirs in ABSENT.items() if ours not in map.fields}
    for code_, theirs in (("shipping", "shipping"), ("discount", "discount"), ("tax", "taxes")):
        if code_ in map.codes.values():
            lacks.discard(theirs)
    if map.credit_notes:
        lacks -= {"refunded", "financial"}
    for prefix in ("billing", "delivery"):
        if not any(name.startswith(prefix + ".") for name in map.fields):
            lacks.add(prefix)
    if not map.lines:
        lacks |= {"sku", "title", "price"}
    elif "total" in map.lines:
        lacks |= {"sku", "title"} - map.lines.keys()
    else:
        lacks |= {"sku", "title", "price"} - map.lines.keys()
    return frozenset(lacks)


def order(sheet: Sheet, key: str, group: Sequence[Row]) -> OrderRecord:
    """An order of its rows. Raises Trouble, with `line` where one row is to blame."""
    made = OrderRecord(key, [row[0] for row in group], [row[1] for row in group])
    made.currency = sheet.currency(group)
    made.placed_at, made.offset = sheet.needed_moment("placed_at", group)
    for name in ("paid_at", "fulfilled_at", "cancelled_at"):
        found = sheet.moment(name, group)
        setattr(made, name, found[0] if found else None)
    _people(sheet, made, group)
    _words(sheet, made, group)
    money = _Money(sheet, made)
    for row in group if sheet.map.lines else ():
        try:
            money.line(row[1])
        except Trouble as trouble:
            trouble.line = row[0]
            raise
    money.sums(group)
    if sheet.is_credit_note(group[0][1]):
        _give_back(made)
    return made


def _people(sheet: Sheet, made: OrderRecord, group: Sequence[Row]) -> None:
    made.external_id = sheet.code("external_id", group)
    made.customer_id = sheet.code("customer_id", group)
    made.email = sheet.email("email", group)
    made.phone = code(sheet.text("phone", group))[:40]
    made.billing = sheet.address("billing", group)
    made.delivery = sheet.address("delivery", group)
    said = sheet.text("name", group)
    made.name = (said or made.billing.get("name") or made.delivery.get("name") or "")[:200]


def _words(sheet: Sheet, made: OrderRecord, group: Sequence[Row]) -> None:
    made.financial_status = sheet.state("financial_status", group)
    made.fulfilment_status = sheet.state("fulfilment_status", group)
    for name in (
        "shipping_method", "discount_code", "source", "tags", "note", "payment_method",
        "payment_reference",
    ):  # fmt: skip
        setattr(made, name, sheet.text(name, group))
    tracking = sheet.text("tracking", group)
    made.tracking = [part[:60] for part in tracking.replace(";", ",").split(",") if part.strip()]
    made.tracking = [code(part) for part in made.tracking]


class _Money:
    """What the rows of one order come to, exactly, until it is rounded at the end."""

    def __init__(self, sheet: Sheet, made: OrderRecord) -> None:
        self.sheet, self.made, self.map = sheet, made, sheet.map
        self.digits = minor_digits(made.currency)
        self.items = Decimal()
        self.beside = {"shipping": Decimal(), "discount": Decimal(), "tax": Decimal()}

    def line(self, cells: list[str]) -> None:
        """Take a row in: a line, or what its code says that it is."""
        sheet, lines = self.sheet, self.map.lines
        sku, title = sheet.of_line("sku", cells), sheet.of_line("title", cells)
        price, total = self._amount("price", cells), self._amount("total", cells)
        said = sheet.of_line("quantity", cells)
        if not (sku or title or said) and price is None and total is None:
            return
        quantity = 1
        if "quantity" in lines:
            column = sheet.column(lines["quantity"])
            found = whole(said, column)
            if found is None:
                raise empty(column)
            quantity = found
        if price is None and total is None:
            raise empty(sheet.column(lines.get("price") or lines.get("total")))
        if total is None:
            gross = times(price or Decimal(), Decimal(quantity))
            total = gross - self._off(cells, gross)
        meaning = self.map.codes.get(sku.casefold()) if sku else None
        if meaning in self.beside:
            self.beside[meaning] += -total if meaning == "discount" else total
            return
        if len(sku) > LONGEST_LINE["sku"]:
            raise wrong(sheet.column(lines["sku"]), sku, _("which is too long for a SKU"))
        self._add(sku if meaning is None else "", title or sku, quantity, price, total, cells)

    def _add(
        self,
        sku: str,
        title: str,
        quantity: int,
        price: Decimal | None,
        total: Decimal,
        cells: list[str],
    ) -> None:
        rounding = self.map.rounding
        comes_to = rounded(total, rounding)
        each = share(total, quantity) if price is None else rounded(price, rounding)
        self.items += total if rounding and rounding.per == "order" else comes_to
        self.made.lines.append(
            LineRecord(
                title[: LONGEST_LINE["title"]],
                quantity,
                each,
                sku,
                self.sheet.of_line("vendor", cells)[: LONGEST_LINE["vendor"]],
                quantity * each - comes_to,
                product_id=self.sheet.of_line("product_id", cells)[: LONGEST_LINE["product_id"]],
            )
        )

    def _amount(self, name: str, cells: list[str]) -> Decimal | None:
        value = self.map.lines.get(name)
        if value is None:
            return None
        return self.sheet.coins(value, self.sheet.of_line(name, cells), self.digits)

    def _off(self, cells: list[str], gross: Decimal) -> Decimal:
        """The discount of a line that is worth `gross` without it."""
        off = self._amount("discount", cells) or Decimal()
        for name, parts in (("discount_fraction", 1), ("discount_percent", 100)):
            if said := self.sheet.of_line(name, cells):
                column = self.sheet.column(self.map.lines[name])
                try:
                    share_ = number(said, self.sheet.comma) or Decimal()
                except ValueError:
                    raise wrong(column, said, _("which is not a number")) from None
                if not 0 <= share_ <= parts:
                    expected = _("which is not between 0 and %(most)s", most=parts)
                    raise wrong(column, said, expected)
                off += times(gross, share_ / parts)
        return off

    def sums(self, group: Sequence[Row]) -> None:
        """Shipping, tax, discount and the total: the file's own, or what they come to."""
        made, sheet, rounding = self.made, self.sheet, self.map.rounding
        exact = {
            name: (sheet.amount(name, group, self.digits) or Decimal()) for name in self.beside
        }
        exact["discount"] = abs(exact["discount"])
        exact = {name: amount + self.beside[name] for name, amount in exact.items()}
        if not (rounding and rounding.per == "order"):
            exact = {name: Decimal(rounded(amount, rounding)) for name, amount in exact.items()}
        made.shipping, made.taxes, made.discount = (
            rounded(exact[name], rounding) for name in ("shipping", "tax", "discount")
        )
        due = self.items + exact["shipping"] + exact["tax"] - exact["discount"]
        if abs(due) >= MOST:
            raise Trouble(_("The lines of this order come to more than any order can."))
        made.refunded = abs(sheet.whole_amount("refunded", group, made.currency) or 0)
        made.outstanding = sheet.whole_amount("outstanding", group, made.currency) or 0
        total = sheet.whole_amount("total", group, made.currency)
        if total is None and "total" in self.map.fields and not made.lines:
            raise empty(sheet.column(self.map.fields["total"]))
        made.total = rounded(due, rounding) if total is None else total
        if made.financial_status == "refunded" and "refunded" not in self.map.fields:
            made.refunded = made.refunded or max(made.total, 0)


def _give_back(made: OrderRecord) -> None:
    """A credit note is an order of its own: its money went back, and none came in."""
    if made.total > 0:
        raise Trouble(_("This is a credit note, but it does not come to less than nothing."))
    made.financial_status, made.fulfilment_status = "refunded", ""
    made.captured, made.refunded, made.outstanding = 0, -made.total, 0
