"""Writing many rows with one prepared statement: imports change points by the thousand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peewee import Field, Model

from portal.lib.db import db

AT_ONCE = 5000


def chunks(values: Iterable[int]) -> Iterator[list[int]]:
    """The values in sorted lists that fit into one statement."""
    whole = sorted(set(values))
    for start in range(0, len(whole), AT_ONCE):
        yield whole[start : start + AT_ONCE]


def insert_rows(model: type[Model], fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `fields`."""
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    places = ", ".join([db.param] * len(fields))
    _many(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({places})', fields, rows)


def update_rows(
    model: type[Model], fields: Sequence[Field], key: Field, rows: Sequence[Sequence[Any]]
) -> None:
    """Set `fields` of the row whose `key` is the last value of each tuple."""
    sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
    sql = f'UPDATE "{model._meta.table_name}" SET {sets} WHERE "{key.column_name}" = {db.param}'
    _many(sql, [*fields, key], rows)


def set_where_unchanged(
    model: type[Model], fields: Sequence[Field], key: Field, rows: Sequence[Sequence[Any]]
) -> int:
    """Set `fields` of the row with `key` if they still hold what they held; returns how many did.

    A tuple of `rows` has the new values, the key, and the values that must still be there.
    """
    sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
    same = " AND ".join(f'"{field.column_name}" = {db.param}' for field in (key, *fields))
    sql = f'UPDATE "{model._meta.table_name}" SET {sets} WHERE {same}'
    return _many(sql, [*fields, key, *fields], rows)


def _many(sql: str, fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> int:
    if not rows:
        return 0
    convert = [field.db_value for field in fields]
    cursor = db.cursor()
    cursor.executemany(
        sql, [[f(value) for f, value in zip(convert, row, strict=True)] for row in rows]
    )
    return int(cursor.rowcount)
