"""An undone batch comes back, thing by thing, as far as nothing contradicts.

What has come in again meanwhile, or belongs to somebody else now, stays out, with the reason.
Everything is written through the journal again, so that it can be undone once more.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import Row, lookup, whole_rows
from portal.imports.models import UndoneRow
from portal.imports.undoing.deeds import (
    REFERRED_TO,
    TABLES,
    Decision,
    Deed,
    Stay,
    add_rows,
    set_columns,
)
from portal.imports.undoing.deeds import there as ids_there
from portal.imports.undoing.names import Names
from portal.imports.undoing.persons import refind
from portal.loyalty.models import PointsLot
from portal.members.models import EmailAddress, Member, PhoneNumber
from portal.orders.events import orders_changed
from portal.orders.models import Order

#: What is unique of what refers to nothing that may be gone; the last one is looked up.
ALONE: dict[str, tuple[tuple[str, ...], ...]] = {
    "product": (("shop", "sku"),),
    "member": (("number",), ("username",)),
    "email_address": (("folded",),),
    "customer_id": (("shop", "external_id"),),
    "order": (("shop", "number"), ("shop", "external_id")),
    "order_line": (("order", "position"),),
    "fulfilment": (("order", "tracking_number"),),
    "payment": (("order", "key"),),
    "refund": (("order", "key"),),
    "payout": (("shop", "external_id"),),
    "balance_transaction": (("shop", "external_id"),),
    "waiting_transaction": (("shop", "number", "key"),),
}
OWNED = ("email_address", "customer_id")  # where these are somebody else's, so is the person


class Redo:
    """The redo of one batch."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id

    def phases(self) -> list["Again"]:
        """What is referred to comes first."""
        first = [Again(self.batch_id, name) for name in REFERRED_TO]
        rest = [Again(self.batch_id, name) for name in TABLES if name not in REFERRED_TO]
        return first + rest


class Again:
    """Undone things of one table on their way back; its units are ids of UndoneRow."""

    def __init__(self, batch_id: int, table: str) -> None:
        self.batch_id, self.table, self.NAME = batch_id, table, table
        self.model, self.names = TABLES[table], Names(batch_id)

    def units(self) -> list[int]:
        """The ids of what is kept of undone things."""
        query = UndoneRow.select(UndoneRow.id).where(
            (UndoneRow.batch == self.batch_id)
            & (UndoneRow.table == self.table)
            & (UndoneRow.deed != "instead")
        )
        return sorted(id_ for (id_,) in query.tuples())

    def decide(self, ids: Sequence[int]) -> Decision:
        """What comes back, and what stays out."""
        decision = Decision()
        kept = lookup(UndoneRow, ("id", "row", "deed", "data"), "id", ids)
        deeds = []
        for id_, row, kind, data in sorted(kept):
            deeds.append(Deed.from_text(self.table, row, kind, data))
            deeds[-1].kept = id_
        if self.table not in ("member", "product"):
            self.names.rename(deeds)
        present = self._present(deeds)
        taken = self._taken(deeds, present)
        callers = self._known_by_phone(deeds) if self.table == "member" else {}
        for deed in deeds:
            why, owner = self._against(deed, taken, present)
            if not why and deed.row in callers:
                why, owner = "taken", callers[deed.row]
            if not why:
                decision.deeds.append(deed)
                continue
            decision.stays.append(Stay(self.table, deed.row, deed.label, why))
            if owner:
                self.names.stands_for(self.table, deed.row, owner)
        return decision

    def do(self, deeds: Sequence[Deed]) -> None:
        """Write what comes back; points and search terms follow."""
        writer = Writer(self.batch_id)
        for name in TABLES:
            gone = [row["id"] for deed in deeds for row in deed.returned.get(name, ())]
            writer.delete(TABLES[name], gone)
        for name in TABLES:
            moved = self._add(writer, name, [r for d in deeds for r in d.removed.get(name, ())])
            if name == "member":
                _move(deeds, moved)
        for name in TABLES:
            changes = [item for deed in deeds for item in deed.put_back.get(name, {}).items()]
            set_columns(writer, TABLES[name], changes, 1)
        Writer().delete(UndoneRow, [deed.kept for deed in deeds])
        self._follow(deeds)

    def _follow(self, deeds: Sequence[Deed]) -> None:
        ids = [deed.row for deed in deeds]
        if self.table == "member":
            refind(ids)
            Writer().raise_versions(ids_there(Member, ids))
        if self.table == "order":
            lots = {lot: order for deed in deeds for lot, order in deed.lots}
            known = ids_there(PointsLot, lots)
            rows = [(order, lot) for lot, order in lots.items() if lot in known]
            Writer().update(PointsLot, ("order",), rows)
            orders_changed.send(None, order_ids=ids)
            members = {row[0] for row in lookup(Order, ("member",), "id", ids)}
            Writer().raise_versions(members - {None})

    # What contradicts.

    def _taken(
        self, deeds: Any, present: dict[str, dict[int, Row]]
    ) -> dict[tuple[str, tuple[Any, ...]], int]:
        """Unique values of the rows that would come back, where other rows have them: their id."""
        found: dict[tuple[str, tuple[Any, ...]], int] = {}
        for name, keys in ALONE.items():
            model = TABLES[name]
            rows = [row for deed in deeds for row in _arriving(deed, name, present)]
            for key in keys:
                columns = [model._meta.fields[part].column_name for part in key]
                wanted = {row[columns[-1]] for row in rows} - {None}
                for id_, *values in lookup(model, ("id", *key), key[-1], wanted):
                    if None not in values:
                        found[name, (*key, *values)] = id_
        return found

    def _known_by_phone(self, deeds: Sequence[Deed]) -> dict[int, int]:
        """Who has come in again of people without an e-mail address: by their phone, as ever."""
        numbers = {
            row["folded"]: deed.row
            for deed in deeds
            if deed.kind != "put_back" and not any(deed.removed.get(name) for name in OWNED)
            for row in deed.removed.get("phone_number", ())
        }
        found = lookup(PhoneNumber, ("folded", "member"), "folded", numbers)
        mailed = {r[0] for r in lookup(EmailAddress, ("member",), "member", {o for _f, o in found})}
        return {numbers[folded]: owner for folded, owner in found if owner not in mailed}

    def _present(self, deeds: Any) -> dict[str, dict[int, Row]]:
        """Rows that would change or go again, as they are now; and the orders of parts."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for deed in deeds:
            for name, changes in deed.put_back.items():
                wanted[name] |= changes.keys()
            for name, rows in deed.returned.items():
                wanted[name] |= {row["id"] for row in rows}
            if deed.kind == "put_back" and deed.table in REFERRED_TO:
                wanted[deed.table].add(deed.row)
        return {
            name: {row["id"]: row for row in whole_rows(TABLES[name], "id", ids)}
            for name, ids in wanted.items()
        }

    def _against(
        self, deed: Deed, taken: dict[Any, int], present: dict[str, dict[int, Row]]
    ) -> tuple[str, int | None]:
        """Why something stays out, or blank; and who or what stands for it."""
        gone = {(name, row["id"]) for name, rows in deed.returned.items() for row in rows}
        for name in ALONE:
            for row in _arriving(deed, name, present):
                for key in ALONE[name]:
                    columns = [TABLES[name]._meta.fields[part].column_name for part in key]
                    other = taken.get((name, (*key, *(row[column] for column in columns))))
                    if other is not None and (name, other) not in gone:
                        return self._who_has(deed, name, other)
        for name, changes in deed.put_back.items():
            for id_, change in changes.items():
                now = present[name].get(id_)
                if now is None or any(now[column] != pair[0] for column, pair in change.items()):
                    return "changed", None
        for name, rows in deed.returned.items():
            if any(present[name].get(row["id"]) != row for row in rows):
                return "changed", None
        if deed.kind == "put_back" and deed.table in REFERRED_TO:
            owner = present[deed.table].get(deed.row)
            if owner is None:
                return "lost", None
            return ("merged" if owner.get("merged_into_id") else ""), None
        return "", None

    def _who_has(self, deed: Deed, name: str, other: int) -> tuple[str, int | None]:
        if self.table == "order":
            return ("number" if name == "order" else "changed"), None
        if self.table == "product":
            return "taken", other
        if self.table == "member" and name in OWNED:
            rows = lookup(TABLES[name], ("member",), "id", [other])
            return "taken", rows[0][0] if rows[0][0] != deed.row else None
        return "taken", None

    # Ids that somebody else got meanwhile.

    def _add(self, writer: Writer, name: str, rows: list[Row]) -> dict[int, int]:
        """Insert rows with the ids that they had; where one is taken, with a fresh one."""
        model, journal = TABLES[name], writer.journal
        assert journal is not None
        taken = ids_there(model, [row["id"] for row in rows])
        moved = [row for row in rows if row["id"] in taken]
        fresh = writer.ids(model, len(moved))
        add_rows(Writer(), model, [row for row in rows if row["id"] not in taken])
        ids = {}
        for row in moved:
            ids[row["id"]] = new = next(fresh)
            journal.cut(model, row["id"])
            if name in ("member", "product"):
                self.names.stands_for(name, row["id"], new)
            row["id"] = new
        journal.note_made(model, ids.values())
        add_rows(Writer(), model, moved)
        return ids


def _move(deeds: Sequence[Deed], moved: dict[int, int]) -> None:
    """Members who came back under another id have their addresses with them."""
    for deed in deeds:
        if deed.row in moved:
            deed.row = moved[deed.row]
            for rows in deed.removed.values():
                for row in rows:
                    if "member_id" in row:
                        row["member_id"] = deed.row


def _arriving(deed: Deed, name: str, present: dict[str, dict[int, Row]]) -> list[Row]:
    """Rows of a table that a redo would bring, or give what has to be unique."""
    keys = {TABLES[name]._meta.fields[part].column_name for key in ALONE[name] for part in key}
    changed = [
        present[name][id_] | {column: pair[1] for column, pair in change.items()}
        for id_, change in deed.put_back.get(name, {}).items()
        if id_ in present[name] and not keys.isdisjoint(change)
    ]
    return deed.removed.get(name, []) + changed
