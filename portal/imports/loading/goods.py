"""Products, known by their SKU as written, with title and price of the newest order.

One that the shop gave no SKU is known by the shop's own id, and its SKU here is `id:123`. A price
in the shop's own currency stays when a newer order was paid in another one.
"""

from collections.abc import Iterable
from datetime import datetime

from portal.catalog.models import Product
from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.work import Work
from portal.imports.records import LineRecord
from portal.shop.models import settings

TELLS = ("title", "vendor", "price", "currency")


class Goods:
    """The products of one chunk."""

    def __init__(self, work: Work, lines: Iterable[LineRecord]) -> None:
        self.work = work
        lines = list(lines)
        self.named = self._named({line.product_id for line in lines})
        gained = self._gained(lines)
        self.ids: dict[str, int] = {}
        self.known: dict[str, tuple[object, ...]] = {}
        self.newest: dict[str, tuple[bool, bool, datetime, LineRecord, str]] = {}
        self.own_currency = settings().currency
        names = ("sku", "id", "seen_at", *TELLS)
        self.renamed: list[tuple[str, int]] = []
        wanted = {self.sku(line) for line in lines} - {""}
        for sku, id_, *rest in lookup(
            Product, names, "sku", [*wanted, *gained.values()], shop=work.shop
        ):
            self.ids[sku] = id_
            self.known[sku] = tuple(rest)
        for sku, old in gained.items():
            if sku not in self.ids and old in self.ids:
                self.ids[sku], self.known[sku] = self.ids.pop(old), self.known.pop(old)
                self.renamed.append((sku, self.ids[sku]))
        if work.imagined:
            for sku in wanted & work.imagined.products.keys():
                self.ids.setdefault(sku, work.imagined.products[sku])
        self.fresh = work.writer.ids(Product, len(wanted - self.ids.keys()))

    def _named(self, ids: set[str]) -> dict[str, str]:
        """By the shop's own id, the SKU of products that lines without one may mean."""
        names = ("external_id", "id", "sku")
        found = lookup(Product, names, "external_id", ids - {""}, shop=self.work.shop)
        return {external: sku for external, _id, sku in sorted(found, key=lambda row: -row[1])}

    def _gained(self, lines: Iterable[LineRecord]) -> dict[str, str]:
        """SKUs that the shop gave to products later on, and what they were known by."""
        gained = {}
        for line in lines:
            nameless = f"id:{line.product_id}"
            if line.sku and line.product_id and self.named.get(line.product_id) in (None, nameless):
                if line.product_id in self.named:
                    gained[line.sku] = nameless
                self.named[line.product_id] = line.sku
        return gained

    def sku(self, line: LineRecord) -> str:
        """What a line's product is known by; blank where the line names none."""
        if line.sku or not line.product_id:
            return line.sku
        return self.named.get(line.product_id, f"id:{line.product_id}")

    def find_or_make(self, line: LineRecord, at: datetime, currency: str) -> int | None:
        """The product of an order's line; None where the line names none."""
        sku = self.sku(line)
        if not sku:
            return None
        id_ = self.ids.get(sku)
        if id_ is None:
            id_ = self.ids[sku] = next(self.fresh)
            self.work.tally.created["products"] += 1
            if self.work.imagined:
                self.work.imagined.products[sku] = id_
        best = self.newest.get(sku)
        # A line without a title says less than any that has one.
        rank = (bool(line.title), currency == self.own_currency, at)
        if best is None or rank >= best[:3]:
            self.newest[sku] = (*rank, line, currency)
        return id_

    def meet(self, lines: Iterable[LineRecord]) -> None:
        """Note products of orders that did not change."""
        for line in lines:
            if (sku := self.sku(line)) in self.ids:
                self.work.meet("products", self.ids[sku])

    def write(self) -> None:
        """Write new products, and newer titles and prices."""
        made, changed = [], []
        for sku, (titled, own, at, line, currency) in self.newest.items():
            id_ = self.ids[sku]
            self.work.meet("products", id_)
            price = line.price if line.asked is None else line.asked
            tells = (line.title or sku, line.vendor, price, currency)
            if sku not in self.known:
                made.append((id_, self.work.shop, sku, line.product_id or None, *tells, at))
                continue
            seen_at, *told = self.known[sku]
            if not titled or at <= as_moment(seen_at):
                continue
            if told[3] == self.own_currency and not own:
                continue
            kept = told[2] if price is None else price
            now = (line.title, line.vendor or told[1], kept, currency)
            changed.append((*now, at, id_))
            if now != tuple(told):
                self.work.change("products", id_)
        self.work.writer.update(Product, ("sku",), self.renamed)
        self.work.writer.insert(
            Product, ("id", "shop", "sku", "external_id", *TELLS, "seen_at"), made
        )
        self.work.writer.update(Product, (*TELLS, "seen_at"), changed)
