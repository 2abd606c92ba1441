"""Kills an import before each of its writes in turn, lets it go on, and compares the tables.

`python killed.py EVERY EMPTY.sqlite3 FOLDER CUSTOMERS ORDERS TRANSACTIONS` kills before every write
(EVERY is 1), or before one of so many from a start by chance; it prints for each file the number of
writes and those after which the tables differed. One process that forks, since starting Python anew
for each of hundreds of points takes minutes.
"""

import json
import os
import re
import secrets
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import portal  # noqa: F401  (connects what follows)
from portal.imports.loading import loader
from portal.imports.run import import_file
from portal.lib.db import db, open_database
from portal.lib.jobs import huey
from portal.shop.models import change_settings, forget

WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT")
VOLATILE = {
    "member": {"number", "username", "created_at"},
    "event": {"at"},
    "batch": {"started_at", "finished_at"},
    "ledger_entry": {"at"},
    "points_lot": {"matured_at"},
    "task": {"data"},
}


def child(work: Any) -> int:
    """Run `work` in a process of its own; returns how it ended, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        try:
            forget()
            work()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def connect(database: Path) -> None:
    """Open the database; `portal` has connected what follows from an import."""
    huey.attach(open_database(f"sqlite:///{database}"))
    db.connect(reuse_if_open=True)


def run(database: Path, file: str, fatal: int | None, counted: Path | None = None) -> int:
    """Import `file` in a child that dies by SIGKILL before its write number `fatal`."""

    def work() -> None:
        seen = 0

        def write(statement: str) -> None:
            nonlocal seen
            if statement.lstrip().upper().startswith(WRITES):
                if seen == fatal:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen += 1

        loader.ROWS_AT_ONCE = 4
        connect(database)
        db.connection().set_trace_callback(write)
        import_file(file)
        db.connection().set_trace_callback(None)
        if counted:
            counted.write_text(str(seen))

    return child(work)


def tables(database: Path) -> dict[str, list[Any]]:
    """Every row of every table, without what is a clock's or chance's."""
    found: dict[str, list[Any]] = {}
    with sqlite3.connect(database) as connection:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        members = connection.execute("SELECT number FROM member").fetchall()
        numbers = {number.replace("-", "").lower() for (number,) in members}
        for (table,) in connection.execute(named).fetchall():
            away = VOLATILE.get(table, set()) | {"created_at"}
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            rows = [
                [_plain(cell) for name, cell in zip(names, row, strict=True) if name not in away]
                for row in cursor
                if table != "search_term" or row[0] not in numbers
            ]
            found[table] = sorted(rows, key=repr)
    return found


def _plain(cell: Any) -> Any:
    """A row that is kept as text (of the journal) without the moment at which it was made."""
    return re.sub(r'"created_at":"[^"]*"', "", cell) if isinstance(cell, str) else cell


def copy(source: Path, target: Path) -> Path:
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
        if Path(f"{source}{ending}").exists():
            shutil.copy(f"{source}{ending}", f"{target}{ending}")
    return target


def with_points(database: Path) -> None:
    """Orders earn points, so that the ledger is swept too."""
    connect(database)
    change_settings(points_per_unit=1, return_days=14)
    db.close()


def main() -> None:
    every, empty, folder, *files = sys.argv[1:]
    base, calm, hit = (Path(folder) / f"{name}.sqlite3" for name in ("base", "calm", "hit"))
    copy(Path(empty), base)
    assert child(lambda: with_points(base)) == 0
    outcome = {}
    for file in files:
        count = Path(folder) / "writes"
        assert run(copy(base, calm), file, None, count) == 0
        expected, writes, different = tables(calm), int(count.read_text()), []
        for fatal in range(secrets.randbelow(int(every)), writes, int(every)):
            killed = run(copy(base, hit), file, fatal)
            resumed = run(hit, file, None)
            if (killed, resumed) != (-signal.SIGKILL, 0) or tables(hit) != expected:
                different.append(fatal)
        outcome[Path(file).name] = {"writes": writes, "different": different}
        copy(calm, base)
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
