"""Every kind of file: rows a second of its import, against raw executemany of them, and undo."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from kind_files import FILES, SETTING

from portal import create_app
from portal.config import read_config
from portal.imports.models import Batch
from portal.imports.run import import_file
from portal.imports.undoing.undo import undo
from portal.lib.db import db
from portal.ops.migrate import migrate
from portal.shop.models import forget


def kinds(folder: Path, count: int = 3_000) -> dict[str, dict[str, float]]:
    """By kind: rows, rows a second, as a part of executemany's, and rows a second of its undo."""
    fresh = folder / "fresh.sqlite3"
    _inside(fresh, migrate)
    found = {}
    for kind, write in FILES.items():
        before, path = folder / f"{kind}.before.sqlite3", folder / f"{kind}.sqlite3"
        shutil.copy(fresh, before)
        for other in SETTING.get(kind, ()):
            file = FILES[other](folder, count)
            _inside(before, lambda file=file: import_file(file))
        shutil.copy(before, path)
        found[kind] = _measure(kind, write(folder, count), before, path)
    return found


def _measure(kind: str, file: Path, before: Path, path: Path) -> dict[str, float]:
    result, took = _inside(path, lambda: import_file(file))
    if result.kind != kind.partition(" ")[0] or result.tally.quarantined:
        raise SystemExit(f"{kind}: {result.as_json()}")
    again = _executemany(before, path)
    _outcome, undone = _inside(path, lambda: undo(Batch.get_by_id(result.batch)))
    rows = result.tally.rows
    return {
        "rows": rows,
        "rows_per_second": round(rows / took),
        "of_raw": round(again / took, 3),
        "undo_rows_per_second": round(rows / undone),
    }


def _inside(path: Path, do: Callable[[], Any]) -> tuple[Any, float]:
    """Do something with this database as the shop's: what came of it, and its seconds."""
    forget()
    app = create_app(read_config(instance=str(path.parent), database_url=f"sqlite:///{path}"))
    with app.app_context():
        db.connect(reuse_if_open=True)
        began = time.perf_counter()
        found = do()
        took = time.perf_counter() - began
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
    return found, took


def _executemany(before: Path, after: Path) -> float:
    """Seconds to write what is in `after` and not in `before` into a copy of `before`."""
    copy = before.with_suffix(".raw")
    shutil.copy(before, copy)
    with closing(sqlite3.connect(after)) as old, closing(sqlite3.connect(copy)) as new:
        new.execute("PRAGMA synchronous = full")
        new.execute("PRAGMA journal_mode = wal")
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = [row[0] for row in old.execute(sql) if row[0] != "migrations"]
        rows = {}
        for table in tables:
            last = new.execute(f'SELECT coalesce(max(rowid), 0) FROM "{table}"').fetchone()[0]
            rows[table] = old.execute(f'SELECT * FROM "{table}" WHERE rowid > {last}').fetchall()
        began = time.perf_counter()
        with new:
            for table, found in rows.items():
                if found:
                    places = ", ".join("?" * len(found[0]))
                    new.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({places})', found)
        return time.perf_counter() - began
