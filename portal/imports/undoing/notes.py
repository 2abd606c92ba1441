"""The journal read backwards: what a batch made and changed, and who changed it since."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.imports.loading.journal import Journal, Ranges
from portal.imports.loading.statements import AT_ONCE, Row
from portal.imports.models import Batch, EarlierRow
from portal.imports.undoing.deeds import TABLES, Change
from portal.lib.db import Base, db

_EXISTING = """
SELECT DISTINCT t."{column}" FROM "made_rows" m
JOIN "{table}" t ON t."id" BETWEEN m."first" AND m."last"
WHERE m."batch_id" = {p} AND m."table" = {p} AND t."{column}" IS NOT NULL
"""
# Rows of this batch that another one deleted: made by it, or changed by it before.
_TAKEN_SINCE = """
SELECT e."batch_id", e."row", e."data" FROM "earlier_row" e
WHERE e."table" = {p} AND e."gone" AND e."batch_id" <> {p} AND (
  EXISTS (SELECT 1 FROM "made_rows" m WHERE m."batch_id" = {p} AND m."table" = e."table"
          AND e."row" BETWEEN m."first" AND m."last")
  OR EXISTS (SELECT 1 FROM "earlier_row" o WHERE o."batch_id" = {p} AND o."table" = e."table"
             AND o."row" = e."row" AND o."id" < e."id"))
"""
_MAKER = """
SELECT "batch_id", "first" FROM "made_rows"
WHERE "table" = {p} AND "last" >= {p} ORDER BY "last" LIMIT 1
"""


@dataclass(slots=True)
class Past:
    """What the journal says of one row. `later`: a batch that changed it after this one."""

    notes: list[int] = field(default_factory=list)
    change: Change = field(default_factory=dict)
    later: int | None = None

    def fits(self, row: Row) -> bool:
        """Whether the row still has the values that the batch gave it."""
        return all(row[column] == pair[1] for column, pair in self.change.items())


class Notes:
    """The journal of one batch, for undoing it."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.journal = Journal(batch_id)
        self._taken: dict[int, int] = {}
        self._taken_at: object = None
        self._held: dict[str, dict[int, int]] = {}
        self._held_at: object = None

    def made(self, model: type[Base]) -> Ranges:
        """Ids that the batch gave to rows of a table."""
        return self.journal.made(model)

    def existing(self, model: type[Base], column: str = "id") -> set[int]:
        """Ids (or another column) of the rows that the batch made and that are there."""
        sql = _EXISTING.format(column=column, table=model._meta.table_name, p=db.param)
        rows = db.execute_sql(sql, (self.batch_id, model._meta.table_name)).fetchall()
        return {row[0] for row in rows}

    def changed(self, model: type[Base]) -> set[int]:
        """Ids of rows that the batch changed."""
        query = EarlierRow.select(EarlierRow.row).where(
            (EarlierRow.batch == self.batch_id)
            & (EarlierRow.table == model._meta.table_name)
            & ~EarlierRow.gone
        )
        return {row for (row,) in query.tuples()}

    def gone(self, model: type[Base]) -> list[tuple[list[int], Row]]:
        """(notes, whole row) of each row that the batch deleted, as it was before the batch."""
        query = EarlierRow.select(EarlierRow.id, EarlierRow.data).where(
            (EarlierRow.batch == self.batch_id)
            & (EarlierRow.table == model._meta.table_name)
            & EarlierRow.gone
        )
        rows = query.order_by(EarlierRow.id).tuples()
        found = [([note], json.loads(data)) for note, data in rows]
        pasts = self.pasts(model, [row["id"] for _notes, row in found])
        for notes, row in found:
            if past := pasts.get(row["id"]):  # changed first, then deleted
                notes += past.notes
                row.update({column: pair[0] for column, pair in past.change.items()})
        return found

    def pasts(self, model: type[Base], ids: Iterable[int]) -> dict[int, Past]:
        """What is written of some rows that are there."""
        found: dict[int, Past] = defaultdict(Past)
        made, wanted = self.made(model), sorted(set(ids))
        for start in range(0, len(wanted), AT_ONCE):
            query = EarlierRow.select(
                EarlierRow.id, EarlierRow.batch_id, EarlierRow.row, EarlierRow.data
            ).where(
                (EarlierRow.table == model._meta.table_name)
                & EarlierRow.row.in_(wanted[start : start + AT_ONCE])
                & ~EarlierRow.gone
            )
            for note, batch, row, data in query.order_by(EarlierRow.id).tuples():
                past = found[row]
                if batch == self.batch_id:
                    past.notes.append(note)
                    past.later = None
                    for column, (before, after) in json.loads(data).items():
                        past.change[column] = [past.change.get(column, [before])[0], after]
                elif past.notes or row in made:
                    past.later = batch
        return found

    def taken_since(self, models: Iterable[type[Base]]) -> dict[int, int]:
        """Orders of which a later batch deleted a row that this one had written: order, batch."""
        stamp = self._others()
        if self._taken_at != stamp:
            self._taken, self._taken_at = {}, stamp
            for model in models:
                for batch, _row, data in self._taken_of(model):
                    if order := json.loads(data).get("order_id"):
                        self._taken[order] = batch
        return self._taken

    def taken_rows(self, model: type[Base]) -> dict[int, tuple[int, Row]]:
        """Rows of the batch that a later one deleted: by id, the later batch and the row."""
        return {row: (batch, json.loads(data)) for batch, row, data in self._taken_of(model)}

    def _taken_of(self, model: type[Base]) -> list[tuple[int, int, str]]:
        values = (model._meta.table_name, *[self.batch_id] * 3)
        found: list[tuple[int, int, str]] = db.execute_sql(
            _TAKEN_SINCE.format(p=db.param), values
        ).fetchall()
        return found

    def held(self, column: str) -> dict[int, int]:
        """What undoing another batch would name again in a column: by id, that batch."""
        stamp = self._others()
        if self._held_at != stamp:
            self._held, self._held_at = {}, stamp
        if column not in self._held:
            query = EarlierRow.select(EarlierRow.batch_id, EarlierRow.gone, EarlierRow.data).where(
                (EarlierRow.batch != self.batch_id) & EarlierRow.data.contains(f'"{column}":')
            )
            found: dict[int, int] = {}
            for batch, gone, data in query.order_by(EarlierRow.id).tuples():
                value = json.loads(data).get(column)
                id_ = value if gone or value is None else value[0]
                if id_:
                    found[id_] = batch
            self._held[column] = found
        return self._held[column]

    def _others(self) -> list[tuple[object, ...]]:
        """How far all other batches are: while that is the same, so are their notes."""
        state = (Batch.id, Batch.position, Batch.state, Batch.undo_position)
        return list(Batch.select(*state).where(Batch.id != self.batch_id).tuples())

    def maker(self, table: str, row: int) -> int | None:
        """The batch that made a row, if any did."""
        found = db.execute_sql(_MAKER.format(p=db.param), (table, row)).fetchone()
        return found[0] if found and found[1] <= row and table in TABLES else None
