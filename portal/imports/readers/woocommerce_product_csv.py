"""WooCommerce's own product export: one row for each product, variation or group.

Source of the columns: `class-wc-product-csv-exporter.php`; their names are translated with the
site, and a site in another language needs a map. The file names no currency and no time.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, clean, code, moment, money, wrong
from portal.imports.reading.packed import plain
from portal.imports.records import Bad, Nothing, ProductRecord, Record, Row
from portal.lib.clock import now
from portal.lib.money import minor_digits
from portal.lib.text import _

KIND = "woocommerce-product-csv"
REQUIRED = (
    ("ID",),
    ("Type",),
    ("SKU",),
    ("Name",),
    ("Published",),
    ("Regular price",),
    ("Visibility in catalog", "Is featured?"),
)
DATES = ("datesalepricestarts", "datesalepriceends")
SHOWN = "1"  # -1 draft, 0 private, 2 waits for review


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of products."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to products, one at a time, in the order of the file."""
    for line, cells, problem in rows:
        if context.scrub:
            context.scrub(cells)
        if problem is None and not any(cell.strip() for cell in cells):
            yield Nothing([line])
            continue
        try:
            if problem:
                raise Trouble(problem)
            yield _Line(line, cells, context).record()
        except Trouble as trouble:
            yield Bad("", [(line, str(trouble), cells)])


class _Line:
    """One row of the file."""

    def __init__(self, line: int, cells: list[str], context: Context) -> None:
        self.line, self.cells, self.context = line, cells, context

    def cell(self, name: str) -> str:
        """A cell by its folded name; blank where the file has no such column."""
        place = self.context.columns.get(name)
        return "" if place is None else clean(self.cells[place])

    def name(self, name: str) -> str:
        """A column as the file spells it."""
        place = self.context.columns.get(name)
        return name if place is None else self.context.header[place]

    def record(self) -> Record:
        """The product; nothing where the shop does not show it to anybody."""
        published = self.cell("published")
        if published not in ("-1", "0", "1", "2"):
            raise wrong(self.name("published"), published, _("which is not 1, 0, -1 or 2"))
        prices = self._price("saleprice"), self._price("regularprice")
        if published != SHOWN:
            return Nothing([self.line])
        product = ProductRecord(self.cell("sku"), [self.line], [self.cells])
        if len(product.sku) > 200:
            raise wrong(self.name("sku"), product.sku, _("which is too long for a SKU"))
        product.external_id = self._id()
        if not product.sku and not product.external_id:
            raise Trouble(_("The product has neither a SKU nor an id."))
        product.title = plain(self.cell("name"))[:400]
        product.vendor = plain(self.cell("brands"))[:200]
        on_sale = prices[0] is not None and self._on_sale()
        product.price = prices[0] if on_sale else prices[1]
        product.currency = self.context.currency
        return product

    def _id(self) -> str:
        text = code(self.cell("id"))
        if text and not re.fullmatch(r"[0-9]{1,20}", text):
            raise wrong(self.name("id"), text, _("which is not the number of a product"))
        return "" if text == "0" else text

    def _price(self, name: str) -> int | None:
        digits = minor_digits(self.context.currency)
        return money(self.cell(name), self.name(name), digits, self.context.comma)

    def _on_sale(self) -> bool:
        """Whether the lower price holds today."""
        begins, ends = (self._day(name) for name in DATES)
        today = now()
        return (begins is None or begins <= today) and (ends is None or today <= ends)

    def _day(self, name: str) -> datetime | None:
        at = moment(self.cell(name), self.name(name), self.context.zone, self.context.day_first)
        return at[0] if at else None
