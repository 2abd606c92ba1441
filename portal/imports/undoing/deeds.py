"""What undoing does to one thing of the shop and all that belongs to it, and doing it.

An order goes or comes back with its lines, parcels and money, a member with their addresses.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.catalog.models import Product
from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import Row, lookup, unplain
from portal.imports.models import EarlierRow, UndoneRow, WaitingTransaction
from portal.lib.db import Base
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import BalanceTransaction, Payment, Payout, Refund

#: What an import writes: what is referred to stands before what refers to it.
TABLES: dict[str, type[Base]] = {
    model._meta.table_name: model
    for model in (
        Product, Member, EmailAddress, PhoneNumber, CustomerId, Order, OrderLine, Fulfilment,
        Payment, Refund, Payout, BalanceTransaction, WaitingTransaction,
    )
}  # fmt: skip
REFERRED_TO = ("product", "member", "order")
Change = dict[str, list[Any]]  # column: [before, after]


@dataclass(slots=True)
class Deed:
    """One thing (`table`, `row`), and what happens to it and to what belongs to it.

    `removed` and `returned` are whole rows, `put_back` gets the first of each pair again.
    `lots` are the points' lots of orders that go: (lot, order).
    """

    table: str
    row: int
    label: str = ""  # what people call it
    emptied: bool = False
    removed: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    put_back: dict[str, dict[int, Change]] = field(default_factory=lambda: defaultdict(dict))
    returned: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    lots: list[list[int]] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)  # of the journal: settled by this deed
    points: int = 0  # of an entry of the ledger
    kept: int = 0  # the UndoneRow that it stands in

    @property
    def kind(self) -> str:
        """What is written of it: removed, put_back or emptied."""
        if self.emptied:
            return "emptied"
        return (
            "removed" if any(r["id"] == self.row for r in self.removed[self.table]) else "put_back"
        )

    def as_text(self) -> str:
        """For UndoneRow."""
        named: dict[str, dict[str, Any]] = {
            "removed": self.removed,
            "put_back": self.put_back,
            "returned": self.returned,
        }
        whole: dict[str, Any] = {
            name: value for name, value in named.items() if any(value.values())
        }
        return json.dumps(
            whole | {"label": self.label} | ({"lots": self.lots} if self.lots else {}),
            ensure_ascii=False, separators=(",", ":"),
        )  # fmt: skip

    @classmethod
    def from_text(cls, table: str, row: int, kind: str, text: str) -> "Deed":
        """The deed that stands in an UndoneRow."""
        data = json.loads(text)
        deed = cls(table, row, data["label"], kind == "emptied", lots=data.get("lots", []))
        deed.removed.update(data.get("removed", {}))
        deed.returned.update(data.get("returned", {}))
        for name, changes in data.get("put_back", {}).items():
            deed.put_back[name] = {int(id_): change for id_, change in changes.items()}
        return deed


@dataclass(slots=True)
class Stay:
    """One thing that stays as it is, and why: a reason of `portal.imports.undoing.stays`."""

    table: str
    row: int
    label: str
    why: str
    batch: int | None = None  # the later import that changed it


@dataclass(slots=True)
class Decision:
    """What happens to some things."""

    deeds: list[Deed] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)


def do(batch_id: int, deeds: Sequence[Deed]) -> None:
    """Undo: remove, put back and return rows, and keep what redo needs; in a transaction."""
    writer = Writer()
    for name in reversed(TABLES):
        if name not in REFERRED_TO:
            remove(writer, name, deeds)
    for name in TABLES:
        changes = [item for deed in deeds for item in deed.put_back.get(name, {}).items()]
        set_columns(writer, TABLES[name], changes, 0)
    for name in ("order", "member", "product"):
        remove(writer, name, deeds)
    for name in TABLES:
        add_rows(writer, TABLES[name], [row for d in deeds for row in d.returned.get(name, ())])
    rows = [(batch_id, d.table, d.row, d.kind, d.as_text()) for d in deeds]
    writer.insert(UndoneRow, ("batch", "table", "row", "deed", "data"), rows)
    writer.delete(EarlierRow, [note for deed in deeds for note in deed.notes])


def remove(writer: Writer, table: str, deeds: Iterable[Deed]) -> None:
    """Delete what the deeds remove from a table."""
    ids = [row["id"] for deed in deeds for row in deed.removed.get(table, ())]
    writer.delete(TABLES[table], ids)


def set_columns(
    writer: Writer, model: type[Base], changes: Iterable[tuple[int, Change]], which: int
) -> None:
    """Give rows the first (0) or the second (1) of each pair, in sets of the same columns."""
    sets: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for id_, change in changes:
        fields = [model._meta.columns[column] for column in change]
        values = [unplain(f, pair[which]) for f, pair in zip(fields, change.values(), strict=True)]
        sets[tuple(f.name for f in fields)].append((*values, id_))
    for names, rows in sets.items():
        writer.update(model, names, rows)


def add_rows(writer: Writer, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert plain rows with the ids that they had."""
    fields = model._meta.sorted_fields
    values = [[unplain(field, row[field.column_name]) for field in fields] for row in rows]
    writer.insert(model, [field.name for field in fields], values)


def there(model: type[Base], ids: Iterable[int]) -> set[int]:
    """The ids that rows of a table have."""
    return {row[0] for row in lookup(model, ("id",), "id", set(ids))}
