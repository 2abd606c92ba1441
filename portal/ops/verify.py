"""What must always be true of the shop's data; a list of sentences where it is not."""

from importlib import import_module
from importlib.util import find_spec

from portal.lib.db import db, is_sqlite
from portal.schema import MODELS

# Each offers problems() -> Iterable[str].
CHECKS = ("portal.orders.verify", "portal.payments.verify", "portal.loyalty.verify")


def problems() -> list[str]:
    """Every broken invariant as a sentence; empty when all is well."""
    found = [*_file(), *_orphans()]
    for name in CHECKS:
        if find_spec(name):
            found += import_module(name).problems()
    return found


def _file() -> list[str]:
    if not is_sqlite():
        return []
    rows = [row[0] for row in db.execute_sql("PRAGMA integrity_check").fetchall()]
    return [] if rows == ["ok"] else [f"The database file is damaged: {row}" for row in rows]


def _orphans() -> list[str]:
    """Rows that point at a row which is gone, for every foreign key of every table."""
    found = []
    for model in MODELS:
        for key in model._meta.refs:
            there = key.rel_model.alias()
            query = (
                model.select()
                .join(there, "LEFT JOIN", on=(key == getattr(there, key.rel_field.name)))
                .where(key.is_null(False) & getattr(there, key.rel_field.name).is_null())
            )
            if count := query.count():
                table, other = model._meta.table_name, key.rel_model._meta.table_name
                found.append(f"{count} rows of {table} point at a {other} that does not exist.")
    return found
