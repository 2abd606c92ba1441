"""Many rows at once, and the journal of it: the only hand that writes for an import."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from portal.imports.loading.journal import Journal, fresh_ids
from portal.imports.loading.statements import AT_ONCE, as_moment, converted, lookup, run_many
from portal.lib.db import Base, db

__all__ = ["AT_ONCE", "DryWriter", "Writer", "as_moment", "lookup"]


class Writer:
    """Writes sets of rows in the caller's transaction, and notes what it does for undo.

    Without a batch nothing is noted: for what follows from other rows, and for history.
    """

    def __init__(self, batch_id: int | None = None) -> None:
        self.journal = Journal(batch_id) if batch_id else None

    def ids(self, model: type[Base], wanted: int) -> Iterator[int]:
        """Fresh ids for rows that are about to be inserted."""
        return iter(fresh_ids(model, wanted) if wanted else ())

    def insert(
        self,
        model: type[Base],
        names: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        ignore: bool = False,
    ) -> None:
        """Insert rows whose values stand in the order of `names`; `ignore` those that are there.

        Columns that are not named get their default, and a row without an id a fresh one.
        """
        if not rows:
            return
        if self.journal and self.journal.keeps(model):
            if "id" not in names:
                names = ("id", *names)
                ids = self.ids(model, len(rows))
                rows = [(next(ids), *row) for row in rows]
            place = list(names).index("id")
            self.journal.note_made(model, [row[place] for row in rows])
        named = [model._meta.fields[name] for name in names]
        others = [field for field in model._meta.defaults if field.name not in names]
        extra = [model._meta.defaults[field] for field in others]
        extra = converted([value() if callable(value) else value for value in extra], others)
        rows = [(*row, *extra) for row in rows] if extra else rows
        fields = named + others
        columns = ", ".join(f'"{field.column_name}"' for field in fields)
        places = ", ".join([db.param] * len(fields))
        unless = " ON CONFLICT DO NOTHING" if ignore else ""
        run_many(
            f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({places}){unless}',
            named,
            rows,
        )

    def update(
        self, model: type[Base], names: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Set `names` of the row whose id is the last value."""
        if not rows:
            return
        if self.journal and self.journal.keeps(model):
            self.journal.note_changed(model, names, rows)
        fields = [model._meta.fields[name] for name in names]
        sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
        run_many(
            f'UPDATE "{model._meta.table_name}" SET {sets} WHERE "id" = {db.param}', fields, rows
        )

    def delete(self, model: type[Base], ids: Iterable[int]) -> None:
        """Delete rows by id."""
        rows = [(id_,) for id_ in ids]
        if rows and self.journal and self.journal.keeps(model):
            self.journal.note_gone(model, [row[0] for row in rows])
        run_many(f'DELETE FROM "{model._meta.table_name}" WHERE "id" = {db.param}', [], rows)

    def raise_versions(self, ids: Iterable[int]) -> None:
        """Raise the version of members whose data changed."""
        sql = f'UPDATE "member" SET "version" = "version" + 1 WHERE "id" = {db.param}'
        run_many(sql, [], [(id_,) for id_ in sorted(ids)])

    def forget(self) -> None:
        """The caller's transaction was rolled back."""
        if self.journal:
            self.journal.forget()


class DryWriter(Writer):
    """Writes nothing; ids that it hands out are negative."""

    def __init__(self) -> None:
        super().__init__()
        self._next = count(-1, -1)

    def ids(self, model: type[Base], wanted: int) -> Iterator[int]:
        """Imagined ids."""
        return iter([next(self._next) for _number in range(wanted)])

    def insert(self, *_arguments: Any, **_options: Any) -> None:
        """Nothing."""

    def update(self, *_arguments: Any) -> None:
        """Nothing."""

    def delete(self, *_arguments: Any) -> None:
        """Nothing."""

    def raise_versions(self, ids: Iterable[int]) -> None:
        """Nothing."""
