"""Put a backup in the place of the shop's database, after looking at it closely."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

from portal.config import Config
from portal.lib.clock import now
from portal.lib.db import is_sqlite, open_database
from portal.ops.backup import automatic_name, back_up, plain_url
from portal.ops.migrate import FOLDER, HISTORY, migrate
from portal.ops.served import not_served


class BadBackup(Exception):
    """The file cannot take the database's place; the sentences say why."""


def restore(config: Config, source: Path, problems: Callable[[], list[str]]) -> Path:
    """Restore `source` and return where the old data went; nothing changes when it is refused.

    Raises BadBackup, and Served while the shop is served. `problems` are the invariants of
    `portal verify`, asked of the backup before it takes its place.
    """
    if not source.is_file():
        raise BadBackup(f"There is no file {source}.")
    with not_served(config):
        return _file(config, source, problems) if is_sqlite() else _server(config, source)


def _file(config: Config, source: Path, problems: Callable[[], list[str]]) -> Path:
    place = Path(config.database_url.removeprefix("sqlite:///"))
    copy = place.with_name(f"{place.name}.restoring")
    _remove(copy)
    shutil.copyfile(source, copy)
    os.chmod(copy, 0o600)
    try:
        _look_at(copy)
        found = _ask(copy, config, problems)
        if found:
            raise BadBackup("\n".join(["The backup is not sound:", *found]))
        return _exchange(place, copy)
    finally:
        _remove(copy)


def _ask(copy: Path, config: Config, problems: Callable[[], list[str]]) -> list[str]:
    """The problems of the backup, on the newest schema."""
    opened = open_database(f"sqlite:///{copy}")
    try:
        migrate()
        return problems()
    finally:
        opened.close()
        open_database(config.database_url)


def _remove(copy: Path) -> None:
    for leftover in copy.parent.glob(f"{copy.name}*"):
        leftover.unlink()


def _look_at(copy: Path) -> None:
    known = {path.stem for path in FOLDER.glob("[0-9]*.py")}
    try:
        with sqlite3.connect(copy) as database:
            wrong = database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
            loose = database.execute("PRAGMA foreign_key_check").fetchone()
            applied = {row[0] for row in database.execute(f"SELECT name FROM {HISTORY}")}
        database.close()
    except sqlite3.DatabaseError:
        raise BadBackup("The file is no backup of Regulars.") from None
    if wrong or loose:
        raise BadBackup("The backup is damaged: SQLite's own check fails.")
    if applied - known:
        raise BadBackup("The backup was written by a later version of Regulars; install that one.")


def _exchange(place: Path, copy: Path) -> Path:
    kept = place.with_name(f"{place.stem}-before-restore-{now():%Y%m%d-%H%M%S}{place.suffix}")
    if place.exists():
        # Folds the write-ahead log into the file, so that the file alone is the old shop.
        with sqlite3.connect(place) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        old.close()
        place.rename(kept)
        for ending in ("-wal", "-shm"):
            Path(f"{place}{ending}").unlink(missing_ok=True)
    copy.rename(place)
    return kept


def _server(config: Config, source: Path) -> Path:
    program = shutil.which("pg_restore")
    if not program:
        raise BadBackup("pg_restore is missing: apt-get install postgresql-client")
    if subprocess.run([program, "--list", source], capture_output=True).returncode:
        raise BadBackup("The file is no backup that pg_restore can read.")
    kept = back_up(config, automatic_name(config, "before-restore"))
    done = subprocess.run(
        [program, "--clean", "--if-exists", "--no-owner", "--single-transaction",
         f"--dbname={plain_url(config.database_url)}", source],
        capture_output=True,
        text=True,
    )  # fmt: skip
    if done.returncode:
        raise BadBackup(f"Nothing was changed: {done.stderr.strip().splitlines()[-1]}")
    return kept
