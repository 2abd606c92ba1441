"""Products of one chunk of a catalogue: known by SKU, else by the shop's own id."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from portal.catalog.models import Product
from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.records import ProductRecord

COLUMNS = ("sku", "external_id", "title", "vendor", "price", "currency", "seen_at")


class Entry(NamedTuple):
    """A product as it is stored, or about to be."""

    sku: str
    external_id: str | None
    title: str
    vendor: str
    price: int | None
    currency: str | None
    seen_at: datetime


def take_products(work: Work, records: Sequence[ProductRecord]) -> None:
    """Write a catalogue's products; older ones than what is known change nothing."""
    shelf = _Shelf(work, records)
    for record in records:
        shelf.take(record)
        mark, text = digest(record.rows, work.seed)
        key = record.sku or f"id:{record.external_id}"
        work.raw.append((key, mark, record.lines_of_file[0], text))
    shelf.write()


class _Shelf:
    """What is known of the products that the records name."""

    def __init__(self, work: Work, records: Sequence[ProductRecord]) -> None:
        self.work = work
        self.entries: dict[int, Entry] = {}
        self.by_sku: dict[str, int] = {}
        self.by_id: dict[str, int] = {}
        self.changed: set[int] = set()
        self.made: set[int] = set()
        skus = {r.sku for r in records} | {f"id:{r.external_id}" for r in records if r.external_id}
        self._meet("external_id", {record.external_id for record in records} - {""})
        self._meet("sku", skus - {""})
        if work.imagined:
            known = work.imagined.products
            self.by_sku |= {sku: known[sku] for sku in skus & known.keys() - self.by_sku.keys()}
        self.fresh = work.writer.ids(Product, len(records))

    def _meet(self, column: str, values: Iterable[str]) -> None:
        rows = lookup(Product, ("id", *COLUMNS), column, values, shop=self.work.shop)
        for id_, *cells in sorted(rows, key=lambda row: -row[0]):
            entry = Entry._make([*cells[:-1], as_moment(cells[-1])])
            self.entries[id_] = entry
            self.by_sku[entry.sku] = id_
            if entry.external_id:
                self.by_id[entry.external_id] = id_

    def _find(self, record: ProductRecord) -> int | None:
        """By SKU; by the shop's id where one of both sides has no SKU."""
        if record.sku in self.by_sku:
            return self.by_sku[record.sku]
        nameless = f"id:{record.external_id}"
        found = self.by_id.get(record.external_id, self.by_sku.get(nameless))
        if found is None or not record.sku or found not in self.entries:
            return found
        return found if self.entries[found].sku == nameless else None

    def take(self, record: ProductRecord) -> None:
        """Note what a record tells that is newer than what is known."""
        id_, at = self._find(record), record.at or self.work.at
        if id_ is None:
            self._make(record, at)
            return
        self.work.meet("products", id_)
        if id_ not in self.entries:
            return  # imagined in a dry run
        old = self.entries[id_]
        new = self._newer(record, old, at)
        if new == old:
            return
        self.entries[id_] = new
        self.by_sku[new.sku] = id_
        self.changed.add(id_)
        if new[:-1] != old[:-1]:
            self.work.change("products", id_)

    def _newer(self, record: ProductRecord, old: Entry, at: datetime) -> Entry:
        new = old._replace(
            sku=record.sku or old.sku, external_id=old.external_id or record.external_id or None
        )
        if at <= old.seen_at:
            return new
        told = new._replace(
            title=record.title or old.title,
            vendor=record.vendor or old.vendor,
            price=old.price if record.price is None else record.price,
            currency=old.currency if record.price is None else record.currency,
        )
        # A file that does not say when it was like this is newer only by what it changes.
        return told if record.at is None and told == old else told._replace(seen_at=at)

    def _make(self, record: ProductRecord, at: datetime) -> None:
        id_ = next(self.fresh)
        sku = record.sku or f"id:{record.external_id}"
        self.entries[id_] = Entry(
            sku, record.external_id or None, record.title or sku, record.vendor, record.price,
            record.currency or None, at,
        )  # fmt: skip
        self.by_sku[sku] = id_
        if record.external_id:
            self.by_id[record.external_id] = id_
        self.made.add(id_)
        self.work.tally.created["products"] += 1
        self.work.meet("products", id_)
        if self.work.imagined:
            self.work.imagined.products[sku] = id_

    def write(self) -> None:
        """Write new products, and what changed of others."""
        shop, writer = self.work.shop, self.work.writer
        made = [(id_, shop, *self.entries[id_]) for id_ in sorted(self.made)]
        writer.insert(Product, ("id", "shop", *COLUMNS), made)
        changed = [(*self.entries[id_], id_) for id_ in sorted(self.changed - self.made)]
        writer.update(Product, COLUMNS, changed)
