"""Writing many rows with one prepared statement: imports change points by the thousand."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peewee import OP, SQL, Expression, Field, Model

from portal.lib.db import db, is_sqlite

AT_ONCE = 5000


def chunks(values: Iterable[int]) -> Iterator[list[int]]:
    """The values in sorted lists that fit into one statement."""
    whole = sorted(set(values))
    for start in range(0, len(whole), AT_ONCE):
        yield whole[start : start + AT_ONCE]


def among(field: Any, ids: Sequence[int] | Sequence[str]) -> Expression:
    """`field` is one of many ids or keys, sent as one value: spelling out thousands is slow."""
    if is_sqlite():
        return field.in_(SQL("(SELECT value FROM json_each(?))", [json.dumps(ids)]))
    return Expression(field, OP.EQ, SQL("ANY(%s)", [list(ids)]))


def insert_rows(model: type[Model], fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `fields`."""
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    places = ", ".join([db.param] * len(fields))
    _many(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({places})', rows)


def update_rows(
    model: type[Model], fields: Sequence[Field], key: Field, rows: Sequence[Sequence[Any]]
) -> None:
    """Set `fields` of the row whose `key` is the last value of each tuple."""
    sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
    sql = f'UPDATE "{model._meta.table_name}" SET {sets} WHERE "{key.column_name}" = {db.param}'
    _many(sql, rows)


def set_where_unchanged(
    model: type[Model], fields: Sequence[Field], key: Field, rows: Sequence[Sequence[Any]]
) -> int:
    """Set `fields` of the row with `key` if they still hold what they held; returns how many did.

    A tuple of `rows` has the new values, the key, and the values that must still be there.
    """
    sets = ", ".join(f'"{field.column_name}" = {db.param}' for field in fields)
    same = " AND ".join(f'"{field.column_name}" = {db.param}' for field in (key, *fields))
    sql = f'UPDATE "{model._meta.table_name}" SET {sets} WHERE {same}'
    return _many(sql, rows)


def _many(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Numbers, texts and times only: they need no conversion on either database."""
    if not rows:
        return 0
    cursor = db.cursor()
    cursor.executemany(sql, rows)
    return int(cursor.rowcount)
