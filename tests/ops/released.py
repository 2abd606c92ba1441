"""Puts the small shop of a released version into an empty database, in that version's schema."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from playhouse.migrations import Runner

from portal.lib.db import db, is_sqlite, open_database, write_tx
from portal.ops.migrate import FOLDER, HISTORY

#: Columns that later versions have no more, by table.
DROPPED = {"sign_in_code": {"told_at"}}
FILES = sorted(Path(__file__).with_name("released").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    """The version, its migrations, and its tables: columns and rows."""
    shop: dict[str, Any] = json.loads(path.read_text("utf-8"), object_hook=_bytes)
    return shop


def _bytes(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["base64"]) if set(found) == {"base64"} else found


def load(shop: dict[str, Any]) -> None:
    """Make that version's schema in the open, empty database and fill it."""
    db.connect(reuse_if_open=True)
    Runner(db.obj, directory=str(FOLDER), table_name=HISTORY).up(target=shop["migrations"][-1])
    with write_tx():
        for table, content in shop["tables"].items():
            _fill(table, content["columns"], content["rows"])


def _fill(table: str, columns: list[str], rows: list[list[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    place = "?" if is_sqlite() else "%s"
    places = ", ".join([place] * len(columns))
    truths = _columns(table, "boolean")
    for row in rows:
        cells = [
            bool(cell) if name in truths and cell is not None else cell
            for name, cell in zip(columns, row, strict=True)
        ]
        db.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({places})', cells)
    if not is_sqlite() and "id" in columns:
        db.execute_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), MAX(id)) FROM \"{table}\""
        )


def _columns(table: str, *kinds: str) -> set[str]:
    """The columns of these kinds on PostgreSQL; SQLite keeps truth as 1 and 0, and JSON as text."""
    if is_sqlite():
        return set()
    rows = db.execute_sql(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
        (table,),
    )
    return {name for name, kind in rows.fetchall() if kind in kinds}


def kept(shop: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """The rows of the old tables as they are now, in the old columns, as the file has them."""
    found = {}
    for table, content in shop["tables"].items():
        json_columns = _columns(table, "json", "jsonb")
        names = ", ".join(
            f'"{name}"::text' if name in json_columns else f'"{name}"'
            for name in content["columns"]
            if name not in DROPPED.get(table, ())
        )
        rows = db.execute_sql(f'SELECT {names} FROM "{table}"').fetchall()
        found[table] = sorted((list(map(_plain, row)) for row in rows), key=repr)
    return found


def expected(shop: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """The same of the file."""
    return {
        table: sorted(
            (_remaining(table, content["columns"], row) for row in content["rows"]), key=repr
        )
        for table, content in shop["tables"].items()
    }


def _remaining(table: str, columns: list[str], row: list[Any]) -> list[Any]:
    gone = DROPPED.get(table, ())
    return [_plain(cell) for name, cell in zip(columns, row, strict=True) if name not in gone]


def _plain(value: Any) -> Any:
    """A value as both databases and the file agree on it."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, bool):
        return int(value)
    if hasattr(value, "isoformat"):
        return value.isoformat(sep=" ")
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        return json.dumps(json.loads(value), sort_keys=True)
    return value


@contextmanager
def empty_database(folder: Path, postgres: str) -> Iterator[str]:
    """The URL of a database without any schema, opened, on SQLite or beside a PostgreSQL one."""
    if not postgres:
        url = f"sqlite:///{folder / 'old.sqlite3'}"
        yield url
        return
    name = f"released_{folder.name}".lower().replace("-", "_")[:60]
    server = psycopg.connect(postgres, autocommit=True)
    try:
        server.cursor().execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(postgres)._replace(path=f"/{name}").geturl()
    finally:
        db.obj.close_all() if hasattr(db.obj, "close_all") else db.obj.close()
        server.cursor().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.close()


def opened(url: str) -> None:
    """Point the portal at it."""
    open_database(url)
    db.connect(reuse_if_open=True)
