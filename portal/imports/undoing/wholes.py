"""Orders when a batch is undone: each with its lines, parcels and money, all of it or nothing.

An order that the batch made goes; one that it changed gets its earlier state again. Where a later
import or a person changed any of it since, the whole order stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import Row, lookup, whole_rows
from portal.imports.undoing.deeds import Decision, Deed, Stay, do
from portal.imports.undoing.notes import Notes, Past
from portal.lib.db import Base
from portal.loyalty.models import PointsLot
from portal.loyalty.points import withdraw
from portal.orders.events import orders_changed
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import Payment, Refund

PARTS: dict[type[Base], str] = {
    OrderLine: "position",
    Fulfilment: "tracking_number",
    Payment: "key",
    Refund: "key",
}  # and the column that is unique in an order


@dataclass(slots=True)
class Part:
    """A row that belongs to an order."""

    model: type[Base]
    row: Row
    past: Past
    made: bool

    @property
    def table(self) -> str:
        """Its table's name."""
        name: str = self.model._meta.table_name
        return name


@dataclass(slots=True)
class Whole:
    """An order with all that belongs to it, and what the batch deleted of it."""

    row: Row
    past: Past
    made: bool
    parts: list[Part] = field(default_factory=list)
    gone: list[tuple[str, list[int], Row]] = field(default_factory=list)  # table, notes, row


class Wholes:
    """The orders that a batch wrote."""

    NAME = "orders"

    def __init__(self, notes: Notes, why: str) -> None:
        self.notes, self.why = notes, why
        self._gone: dict[int, list[tuple[str, list[int], Row]]] | None = None

    def units(self) -> list[int]:
        """Ids of every order that the batch made or changed, or whose parts it did."""
        found = self.notes.existing(Order) | self.notes.changed(Order) | set(self._gone_parts())
        for model in PARTS:
            found |= self.notes.existing(model, "order_id")
            changed = self.notes.changed(model)
            found |= {row[0] for row in lookup(model, ("order",), "id", changed) if row[0]}
        return sorted(found)

    def decide(self, ids: Sequence[int]) -> Decision:
        """What goes, what gets its earlier state, what stays."""
        decision = Decision()
        taken = self.notes.taken_since(PARTS)
        lots = defaultdict(list)
        for lot, order in lookup(PointsLot, ("id", "order"), "order", ids):
            lots[order].append([lot, order])
        for whole in self._read(ids):
            id_, number = whole.row["id"], whole.row["number"]
            why, batch = self._against(whole, taken.get(id_))
            if why:
                decision.stays.append(Stay("order", id_, number, why, batch))
            elif whole.made:
                decision.deeds.append(self._removal(whole, lots[id_]))
            else:
                decision.deeds.append(self._return(whole))
        return decision

    def do(self, deeds: Sequence[Deed]) -> None:
        """Points go first, then the rows, then the points of orders that changed follow."""
        going = [deed.row for deed in deeds if deed.kind == "removed"]
        members = {row[0] for row in lookup(Order, ("member",), "id", [d.row for d in deeds])}
        withdraw(going, self.why)
        do(self.notes.batch_id, deeds)
        if changed := [deed.row for deed in deeds if deed.kind != "removed"]:
            members |= {row[0] for row in lookup(Order, ("member",), "id", changed)}
            orders_changed.send(None, order_ids=changed)
        Writer().raise_versions(members - {None})

    def _gone_parts(self) -> dict[int, list[tuple[str, list[int], Row]]]:
        if self._gone is None:
            self._gone = defaultdict(list)
            for model in PARTS:
                for notes, row in self.notes.gone(model):
                    if row["order_id"]:
                        table = model._meta.table_name
                        self._gone[row["order_id"]].append((table, notes, row))
        return self._gone

    def _read(self, ids: Sequence[int]) -> list[Whole]:
        pasts, made = self.notes.pasts(Order, ids), self.notes.made(Order)
        wholes = {
            row["id"]: Whole(row, pasts.get(row["id"], Past()), row["id"] in made)
            for row in whole_rows(Order, "id", ids)
        }
        for id_, whole in wholes.items():
            whole.gone = self._gone_parts().get(id_, [])
        for model in PARTS:
            rows, own = whole_rows(model, "order", wholes), self.notes.made(model)
            pasts = self.notes.pasts(model, [row["id"] for row in rows])
            for row in rows:
                by_staff = row.get("source") == "staff"
                part = Part(model, row, pasts.get(row["id"], Past()),
                            row["id"] in own and not by_staff)  # fmt: skip
                wholes[row["order_id"]].parts.append(part)
        return list(wholes.values())

    def _against(self, whole: Whole, taken_by: int | None) -> tuple[str, int | None]:
        """Why the order has to stay, or blank; and the later batch that changed it."""
        later = taken_by or whole.past.later
        for part in whole.parts:
            later = later or part.past.later
        if later:
            return "later", later
        if not whole.past.fits(whole.row) or not all(p.past.fits(p.row) for p in whole.parts):
            return "hand", None
        for part in whole.parts if whole.made else ():
            if part.made or "order_id" in part.past.change:
                continue
            if part.row.get("source") == "staff":
                return "tracking", None
            maker = self.notes.maker(part.table, part.row["id"])
            return ("later", maker) if maker else ("hand", None)
        return self._taken_place(whole)

    def _taken_place(self, whole: Whole) -> tuple[str, int | None]:
        """Whether something stands where a deleted row has to go back to."""
        standing = {(p.table, p.row[PARTS[p.model]]): p for p in whole.parts if not p.made}
        for table, _notes, row in whole.gone:
            model = next(m for m in PARTS if m._meta.table_name == table)
            other = standing.get((table, row[PARTS[model]]))
            if other and other.row.get("source") != "staff":
                maker = self.notes.maker(table, other.row["id"])
                return ("later", maker) if maker else ("hand", None)
        return "", None

    def _removal(self, whole: Whole, lots: list[list[int]]) -> Deed:
        deed = Deed("order", whole.row["id"], whole.row["number"], lots=lots)
        deed.removed["order"] = [whole.row]
        self._parts(deed, whole.parts)
        return deed

    def _return(self, whole: Whole) -> Deed:
        deed = Deed("order", whole.row["id"], whole.row["number"], notes=list(whole.past.notes))
        if whole.past.change:
            deed.put_back["order"][whole.row["id"]] = whole.past.change
        self._parts(deed, whole.parts)
        standing = {(p.table, p.row[PARTS[p.model]]) for p in whole.parts if not p.made}
        for table, notes, row in whole.gone:
            deed.notes += notes
            model = next(m for m in PARTS if m._meta.table_name == table)
            if (table, row[PARTS[model]]) not in standing:  # else staff set the same number
                deed.returned[table].append(row)
        return deed

    def _parts(self, deed: Deed, parts: Iterable[Part]) -> None:
        for part in parts:
            if part.made:
                deed.removed[part.table].append(part.row)
            elif part.past.notes:
                deed.notes += part.past.notes
                if part.past.change:
                    deed.put_back[part.table][part.row["id"]] = part.past.change
