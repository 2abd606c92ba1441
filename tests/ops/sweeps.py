"""Kills an import at every stroke of its pen, lets it go on, and compares the tables.

`python sweeps.py EMPTY.sqlite3 FOLDER MOST FILE…` takes the files one after the other into the same
shop. Each is swept: killed before its n-th system call that changes the database's files, for every
n (or for MOST of them, spread evenly), then begun again. Prints one JSON object: by file, the
strokes, the kills, and the strokes after which the tables were not those of a calm import.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from killed import child, connect, copy, tables, with_points
from strokes import files_of, killed, strokes_of

from portal.imports.loading import loader
from portal.imports.run import import_file
from portal.lib.db import db

ROWS_AT_ONCE = 4


def importing(database: Path, file: str) -> Callable[[], object]:
    """The work: take one file into one database."""

    def work() -> None:
        loader.ROWS_AT_ONCE = ROWS_AT_ONCE
        connect(database)
        result = import_file(file)
        assert not result.error, result.error
        db.close()

    return work


def points(strokes: int, most: int) -> list[int]:
    """Which strokes are killed at: all, or `most` spread evenly with both ends."""
    if strokes <= most:
        return list(range(1, strokes + 1))
    return sorted({1 + round(n * (strokes - 1) / (most - 1)) for n in range(most)})


def finished(database: Path, file: str) -> bool:
    """Whether the file is in."""
    with closing(sqlite3.connect(database)) as asked:
        query = "SELECT 1 FROM batch WHERE file = ? AND finished_at IS NOT NULL"
        return bool(asked.execute(query, (Path(file).name,)).fetchall())


def sweep(base: Path, calm: Path, hit: Path, log: Path, file: str, most: int) -> dict[str, object]:
    """Sweep one file on copies of `base`; `calm` has it in afterwards."""
    strokes = strokes_of(importing(copy(base, calm), file), log, files_of(calm))
    expected = tables(calm)
    different, kills = [], 0
    for stroke in points(strokes, most):
        kills += killed(importing(copy(base, hit), file), log, stroke, files_of(hit))
        # Killed behind the last commit, the file is in, and to say it again is another batch.
        resumed = 0 if finished(hit, file) else child(importing(hit, file))
        if resumed != 0 or tables(hit) != expected:
            different.append(stroke)
    return {"strokes": strokes, "kills": kills, "different": different}


def main() -> None:
    """Sweep every file."""
    empty, folder, most, *files = sys.argv[1:]
    base, calm, hit = (Path(folder) / f"{name}.sqlite3" for name in ("base", "calm", "hit"))
    copy(Path(empty), base)
    assert child(lambda: with_points(base)) == 0
    outcome = {}
    for file in files:
        log = Path(folder) / "strokes.log"
        outcome[Path(file).name] = sweep(base, calm, hit, log, file, int(most))
        copy(calm, base)
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
