"""Many rows at once: prepared statements run over sets of rows, on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from peewee import DateTimeField, Field, JSONField

from portal.lib.db import Base, db, is_sqlite

AT_ONCE = 5_000  # keys in one statement; SQLite takes 32,766, PostgreSQL 65,535


class Writer:
    """Writes sets of rows in the caller's transaction."""

    def ids(self, model: type[Base], wanted: int) -> Iterator[int]:
        """Fresh ids for rows that are about to be inserted."""
        if not wanted:
            return iter(())
        table = model._meta.table_name
        if is_sqlite():
            # Safe: the transaction holds the one write lock from its beginning.
            row = db.execute_sql(f'SELECT coalesce(max(id), 0) FROM "{table}"').fetchone()
            return iter(range(row[0] + 1, row[0] + 1 + wanted))
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return iter([row[0] for row in db.execute_sql(sql, (f'"{table}"', wanted)).fetchall()])

    def insert(
        self,
        model: type[Base],
        names: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        ignore: bool = False,
    ) -> None:
        """Insert rows whose values stand in the order of `names`; `ignore` those that are there.

        Columns that are not named get their default.
        """
        if not rows:
            return
        named = [model._meta.fields[name] for name in names]
        others = [field for field in model._meta.defaults if field.name not in names]
        extra = [model._meta.defaults[field] for field in others]
        extra = _converted([value() if callable(value) else value for value in extra], others)
        rows = [(*row, *extra) for row in rows] if extra else rows
        fields = named + others
        columns = ", ".join(f'"{field.column_name}"' for field in fields)
        places = ", ".join([db.param] * len(fields))
        unless = " ON CONFLICT DO NOTHING" if ignore else ""
        _many(
            f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({places}){unless}',
            named,
            rows,
        )

    def update(
        self, model: type[Base], names: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Set `names` of the row whose id is the last value."""
        fields = [model._meta.fields[name] for name in names]
        sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
        _many(f'UPDATE "{model._meta.table_name}" SET {sets} WHERE "id" = {db.param}', fields, rows)

    def delete(self, model: type[Base], ids: Iterable[int]) -> None:
        """Delete rows by id."""
        rows = [(id_,) for id_ in ids]
        _many(f'DELETE FROM "{model._meta.table_name}" WHERE "id" = {db.param}', [], rows)

    def raise_versions(self, ids: Iterable[int]) -> None:
        """Raise the version of members whose data changed."""
        sql = f'UPDATE "member" SET "version" = "version" + 1 WHERE "id" = {db.param}'
        _many(sql, [], [(id_,) for id_ in sorted(ids)])


class DryWriter(Writer):
    """Writes nothing; ids that it hands out are negative."""

    def __init__(self) -> None:
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


def lookup(
    model: type[Base], names: Sequence[str], key: str, keys: Iterable[Any], **where: Any
) -> list[tuple[Any, ...]]:
    """Raw rows of `names` whose `key` is one of `keys`; times come as the driver gives them."""
    meta = model._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    conditions = "".join(f' AND "{meta.fields[name].column_name}" = {db.param}' for name in where)
    wanted, found = list(keys), []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        places = ", ".join([db.param] * len(part))
        sql = (
            f'SELECT {columns} FROM "{meta.table_name}"'
            f' WHERE "{meta.fields[key].column_name}" IN ({places}){conditions}'
        )
        found += db.execute_sql(sql, (*part, *where.values())).fetchall()
    return found


def as_moment(value: Any) -> datetime:
    """A time from a raw row."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _many(sql: str, fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement over rows whose first values belong to `fields`."""
    if not rows:
        return
    changes = _changes(fields)
    if changes:
        copies = list(map(list, rows))
        for place, change in changes:
            for row in copies:
                if row[place] is not None:
                    row[place] = change(row[place])
        rows = copies
    db.cursor().executemany(sql, rows)


def _changes(fields: Sequence[Field]) -> list[tuple[int, Any]]:
    """The places whose values the driver does not take as they are, and what to do with them."""
    return [
        (place, json.dumps if isinstance(field, JSONField) else str)
        for place, field in enumerate(fields)
        if isinstance(field, JSONField) or (isinstance(field, DateTimeField) and is_sqlite())
    ]


def _converted(values: list[Any], fields: Sequence[Field]) -> list[Any]:
    for place, change in _changes(fields):
        if values[place] is not None:
            values[place] = change(values[place])
    return values
