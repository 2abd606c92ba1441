"""What a batch does to the shop's tables, written down in the transaction that does it.

New rows are kept as ranges of ids, a changed row as what its columns were and became, a deleted
one whole. Rows that the batch made itself need no second note: undoing the batch removes them.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from portal.imports.loading.statements import lookup, plain, run_many, whole_rows
from portal.imports.models import (
    Batch,
    EarlierRow,
    MadeRows,
    QuarantinedRow,
    RawRow,
    SavedMap,
    UndoneRow,
    Upload,
)
from portal.lib.db import Base, db, is_sqlite
from portal.members.models import Event, SearchTerm

#: What follows from other rows, or is history that nobody takes back.
NOT_KEPT: frozenset[type[Base]] = frozenset(
    {Batch, MadeRows, EarlierRow, UndoneRow, QuarantinedRow, RawRow, SavedMap, Upload, Event,
     SearchTerm}
)  # fmt: skip


class Ranges:
    """Ids in ranges that do not overlap much; `in` asks for one."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self.firsts: list[int] = []
        self.lasts: list[int] = []
        for first, last in sorted(ranges):
            self.add(first, last)

    def add(self, first: int, last: int) -> None:
        """Add ids `first` to `last`; joined with the range before where they touch."""
        place = bisect_right(self.firsts, first)
        if place and self.lasts[place - 1] >= first - 1:
            self.lasts[place - 1] = max(last, self.lasts[place - 1])
            return
        self.firsts.insert(place, first)
        self.lasts.insert(place, last)

    def __contains__(self, id_: object) -> bool:
        assert isinstance(id_, int)
        place = bisect_right(self.firsts, id_) - 1
        return place >= 0 and id_ <= self.lasts[place]

    def __bool__(self) -> bool:
        return bool(self.firsts)


def runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Ids as ranges without gaps."""
    found: list[tuple[int, int]] = []
    for id_ in sorted(ids):
        if found and found[-1][1] == id_ - 1:
            found[-1] = (found[-1][0], id_)
        else:
            found.append((id_, id_))
    return found


def highest(table: str) -> int:
    """The highest id that any batch ever gave a row of a table."""
    sql = f'SELECT coalesce(max("last"), 0) FROM "made_rows" WHERE "table" = {db.param}'
    row: tuple[int] = db.execute_sql(sql, (table,)).fetchone()
    return row[0]


def fresh_ids(model: type[Base], wanted: int) -> list[int]:
    """Ids that no row has or had, not even one that went when its batch was undone."""
    table = model._meta.table_name
    if is_sqlite():
        # Safe: the transaction holds the one write lock from its beginning.
        row = db.execute_sql(f'SELECT coalesce(max(id), 0) FROM "{table}"').fetchone()
        first = max(row[0], highest(table)) + 1
        return list(range(first, first + wanted))
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return [row[0] for row in db.execute_sql(sql, (f'"{table}"', wanted)).fetchall()]


class Journal:
    """The notes of one batch."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self._made: dict[str, Ranges] = {}

    def keeps(self, model: type[Base]) -> bool:
        """Whether rows of this table are noted."""
        return model not in NOT_KEPT

    def made(self, model: type[Base]) -> Ranges:
        """Ids of a table that this batch made, in this run or before it was cut off."""
        table = model._meta.table_name
        if table not in self._made:
            rows = lookup(MadeRows, ("first", "last"), "batch", [self.batch_id], table=table)
            self._made[table] = Ranges((first, last) for first, last in rows)
        return self._made[table]

    def forget(self) -> None:
        """A transaction was rolled back: ask the tables again."""
        self._made.clear()

    def note_made(self, model: type[Base], ids: Iterable[int]) -> None:
        """New rows of a table."""
        made, table = self.made(model), model._meta.table_name
        rows = []
        for first, last in runs(ids):
            made.add(first, last)
            rows.append((self.batch_id, table, first, last))
        sql = 'INSERT INTO "made_rows" ("batch_id", "table", "first", "last") VALUES '
        run_many(sql + f"({', '.join([db.param] * 4)})", [], rows)

    def cut(self, model: type[Base], id_: int) -> None:
        """An id that the batch gave is somebody else's now."""
        table = model._meta.table_name
        query = MadeRows.select().where(
            (MadeRows.batch == self.batch_id)
            & (MadeRows.table == table)
            & (MadeRows.first <= id_)
            & (MadeRows.last >= id_)
        )
        for made in list(query):
            MadeRows.delete().where(MadeRows.id == made.id).execute()
            for first, last in ((made.first, id_ - 1), (id_ + 1, made.last)):
                if first <= last:
                    MadeRows.insert(
                        batch=self.batch_id, table=table, first=first, last=last
                    ).execute()
        self.forget()

    def note_changed(
        self, model: type[Base], names: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Rows that are about to get new values of `names`; the last value is the id."""
        made = self.made(model)
        rows = [row for row in rows if row[-1] not in made] if made else list(rows)
        if not rows:
            return
        fields = [model._meta.fields[name] for name in names]
        found = lookup(model, ("id", *names), "id", {row[-1] for row in rows})
        before = {id_: values for id_, *values in found}
        notes = []
        for row in rows:
            if row[-1] not in before:
                continue
            pairs = zip(fields, before[row[-1]], row, strict=False)
            change = {f.column_name: [plain(f, old), plain(f, new)] for f, old, new in pairs}
            change = {column: pair for column, pair in change.items() if pair[0] != pair[1]}
            if change:
                notes.append((row[-1], False, change))
        self._note(model, notes)

    def note_gone(self, model: type[Base], ids: Iterable[int]) -> None:
        """Rows that are about to be deleted."""
        made = self.made(model)
        wanted = [id_ for id_ in ids if id_ not in made]
        self._note(model, [(row["id"], True, row) for row in whole_rows(model, "id", wanted)])

    def _note(self, model: type[Base], notes: Iterable[tuple[int, bool, dict[str, Any]]]) -> None:
        table = model._meta.table_name
        rows = [(self.batch_id, table, id_, gone, _text(data)) for id_, gone, data in notes]
        sql = 'INSERT INTO "earlier_row" ("batch_id", "table", "row", "gone", "data") VALUES '
        run_many(sql + f"({', '.join([db.param] * 5)})", [], rows)


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
