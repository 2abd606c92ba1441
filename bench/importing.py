"""Rows a second of the import, against raw executemany of the same rows."""

import csv
import sqlite3
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from portal import create_app
from portal.config import read_config
from portal.demo.shop import write_demo_shop
from portal.imports.run import import_file
from portal.lib.db import db
from portal.ops.migrate import migrate
from portal.shop.models import forget


def import_speed(folder: Path) -> dict[str, float]:
    """Import 12,000 orders, then write what that wrote once more, without thinking."""
    shop = write_demo_shop(folder / "exports", date(2026, 11, 1))
    imported, bare = folder / "import.sqlite3", folder / "raw.sqlite3"
    for path in (imported, bare):
        _migrated(path)
    forget()
    app = create_app(read_config(instance=str(folder), database_url=f"sqlite:///{imported}"))
    with app.app_context():
        db.connect(reuse_if_open=True)
        began = time.perf_counter()
        result = import_file(shop.orders)
        took = time.perf_counter() - began
        db.close()
    again = _raw(imported, bare)
    rows = result.tally.rows
    return {
        "rows": rows,
        "rows_per_second": round(rows / took),
        "raw_rows_per_second": round(rows / again),
        "of_raw": round(again / took, 3),
        "file_to_one_bare_table_rows_per_second": round(rows / _one_table(shop.orders)),
    }


def _migrated(path: Path) -> None:
    app = create_app(read_config(instance=str(path.parent), database_url=f"sqlite:///{path}"))
    with app.app_context():
        migrate()
        db.close()


def _raw(source: Path, target: Path) -> float:
    """Seconds to write every row of `source` into the same tables of `target` by executemany."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = full")
        tables = [
            row[0]
            for row in old.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name <> 'migrations'"
            )
        ]
        rows = {table: old.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
        began = time.perf_counter()
        with new:
            for table, found in rows.items():
                if found:
                    places = ", ".join("?" * len(found[0]))
                    new.executemany(f'INSERT INTO "{table}" VALUES ({places})', found)
        return time.perf_counter() - began


def _one_table(file: Path) -> float:
    """Seconds to read the file and write its rows, as text, into one table without an index."""
    with closing(sqlite3.connect(file.with_suffix(".sqlite3"))) as database:
        began = time.perf_counter()
        with file.open(encoding="utf-8", newline="") as stream, database:
            lines = csv.reader(stream)
            header = next(lines)
            names = ", ".join(f'"{name}"' for name in header)
            database.execute(f"CREATE TABLE plain ({names})")
            places = ", ".join("?" * len(header))
            database.executemany(f"INSERT INTO plain VALUES ({places})", lines)
        return time.perf_counter() - began
