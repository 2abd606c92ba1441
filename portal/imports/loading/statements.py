"""Prepared statements over sets of rows, on SQLite and on PostgreSQL, and rows as plain values.

A plain value is one that JSON can hold: times are texts. A plain row has its columns by name.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from peewee import BooleanField, DateField, DateTimeField, Field, JSONField

from portal.lib.db import Base, db, is_sqlite

AT_ONCE = 5_000  # keys in one statement; SQLite takes 32,766, PostgreSQL 65,535
Row = dict[str, Any]


def lookup(
    model: type[Base], names: Sequence[str], key: str, keys: Iterable[Any], **where: Any
) -> list[tuple[Any, ...]]:
    """Raw rows of `names` whose `key` is one of `keys`; times come as the driver gives them.

    `where`: what other columns hold; None stands for nothing.
    """
    meta = model._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    conditions = "".join(
        f' AND "{meta.fields[name].column_name}" {"IS NULL" if value is None else f"= {db.param}"}'
        for name, value in where.items()
    )
    values = [value for value in where.values() if value is not None]
    wanted, found = list(keys), []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        places = ", ".join([db.param] * len(part))
        sql = (
            f'SELECT {columns} FROM "{meta.table_name}"'
            f' WHERE "{meta.fields[key].column_name}" IN ({places}){conditions}'
        )
        found += db.execute_sql(sql, (*part, *values)).fetchall()
    return found


def as_moment(value: Any) -> datetime:
    """A time from a raw row."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def run_many(sql: str, fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
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


def converted(values: list[Any], fields: Sequence[Field]) -> list[Any]:
    """Values as the driver takes them."""
    for place, change in _changes(fields):
        if values[place] is not None:
            values[place] = change(values[place])
    return values


def _changes(fields: Sequence[Field]) -> list[tuple[int, Any]]:
    """The places whose values the driver does not take as they are, and what to do with them."""
    return [
        (place, json.dumps if isinstance(field, JSONField) else str)
        for place, field in enumerate(fields)
        if isinstance(field, JSONField) or (isinstance(field, DateTimeField) and is_sqlite())
    ]


def plain(field: Field, value: Any) -> Any:
    """A value of a column, from the driver or from an import, as JSON can hold it."""
    if value is None:
        return None
    if isinstance(field, BooleanField):
        return bool(value)
    if isinstance(field, JSONField):
        return json.loads(value) if is_sqlite() and isinstance(value, str) else value
    if isinstance(value, date | datetime):
        return str(value)
    if isinstance(value, memoryview):
        return bytes(value).hex()
    return value.hex() if isinstance(value, bytes) else value


def unplain(field: Field, value: Any) -> Any:
    """A plain value as an import would give it to the column."""
    if value is None:
        return None
    if isinstance(field, DateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(field, DateField):
        return date.fromisoformat(value)
    return value


def whole_rows(model: type[Base], key: str, keys: Iterable[Any]) -> list[Row]:
    """Plain rows with every column, by `key`, lowest id first."""
    fields = model._meta.sorted_fields
    names = [field.name for field in fields]
    return sorted(
        (
            {
                field.column_name: plain(field, value)
                for field, value in zip(fields, row, strict=True)
            }
            for row in lookup(model, names, key, keys)
        ),
        key=lambda row: row["id"],
    )
