"""Kills an undo, then a redo, before each write in turn, lets it go on, and compares the tables.

`python undo_killed.py EVERY EMPTY.sqlite3 FOLDER FIRST SECOND` imports both files, then undoes the
second and brings it back, killed before each write or before one in EVERY; it prints for both the
number of writes and those after which tables differ.
"""

import json
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from killed import WRITES, child, connect, copy, run, tables, with_points

from portal.imports.models import Batch
from portal.imports.undoing import undo as undoing
from portal.lib.db import db
from portal.ops.verify import problems


def work_on(database: Path, redo: bool, fatal: int | None, counted: Path | None = None) -> int:
    """Undo (or redo) the newest batch in a child that dies before its write number `fatal`."""

    def work() -> None:
        seen = 0

        def write(statement: str) -> None:
            nonlocal seen
            if statement.lstrip().upper().startswith(WRITES):
                if seen == fatal:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen += 1

        undoing.AT_ONCE = 2
        connect(database)
        batch = Batch.select().order_by(Batch.id.desc()).first()
        if batch.state in (("undone", "redoing") if not redo else ("done",)):
            return  # it was killed behind its last write
        db.connection().set_trace_callback(write)
        (undoing.redo if redo else undoing.undo)(batch)
        db.connection().set_trace_callback(None)
        assert problems() == []
        if counted:
            counted.write_text(str(seen))

    return child(work)


def contents(database: Path) -> dict[str, Any]:
    """What is compared: moments, versions and how often something was noted are chance's."""
    found = tables(database)
    with sqlite3.connect(database) as connection:
        found["batch"] = connection.execute("SELECT id, state, undo_tally FROM batch").fetchall()
        found["member"] = connection.execute(
            "SELECT id, name, withdrawn_at IS NULL FROM member ORDER BY id"
        ).fetchall()
        found["undone_row"] = connection.execute(
            'SELECT "table", "row", "deed" FROM undone_row ORDER BY "table", "row"'
        ).fetchall()
    return found


def main() -> None:
    every, empty, folder, *files = sys.argv[1:]
    base, calm, hit = (Path(folder) / f"{name}.sqlite3" for name in ("base", "calm", "hit"))
    copy(Path(empty), base)
    assert child(lambda: with_points(base)) == 0
    for file in files:
        assert run(base, file, None) == 0
    outcome = {}
    for redo in (False, True):
        count = Path(folder) / "writes"
        assert work_on(copy(base, calm), redo, None, count) == 0
        expected, writes, different = contents(calm), int(count.read_text()), []
        for fatal in range(0, writes, int(every)):
            killed = work_on(copy(base, hit), redo, fatal)
            resumed = work_on(hit, redo, None)
            if (killed, resumed) != (-signal.SIGKILL, 0) or contents(hit) != expected:
                different.append(fatal)
        outcome["redo" if redo else "undo"] = {"writes": writes, "different": different}
        copy(calm, base)
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
