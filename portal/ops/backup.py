"""A consistent copy of the whole shop in one file, taken while it is served."""

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from portal.config import Config
from portal.lib.clock import now
from portal.lib.db import db, is_sqlite


class NoBackup(Exception):
    """The backup could not be made; the sentence says why."""


def back_up(config: Config, target: Path) -> Path:
    """Write the database to `target`, which must not exist yet; raises NoBackup.

    SQLite: one VACUUM INTO, which sees one moment and does not hold up writers. PostgreSQL:
    pg_dump in its custom format. The file appears under its name only when it is whole.
    """
    if target.exists():
        raise NoBackup(f"{target} exists already; a backup never overwrites a file.")
    if not target.parent.is_dir():
        raise NoBackup(f"The folder {target.parent} does not exist.")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    old_mask = os.umask(0o077)
    try:
        if is_sqlite():
            db.connect(reuse_if_open=True)
            db.execute_sql("VACUUM INTO ?", (str(part),))
        else:
            _dump(config.database_url, part)
    finally:
        os.umask(old_mask)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(target)
    return target


def _dump(url: str, target: Path) -> None:
    program = shutil.which("pg_dump")
    if not program:
        raise NoBackup("pg_dump is missing: apt-get install postgresql-client")
    done = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={target}", plain_url(url)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        raise NoBackup(f"pg_dump did not succeed: {done.stderr.strip().splitlines()[-1]}")


def plain_url(url: str) -> str:
    """A PostgreSQL URL as PostgreSQL's own programs understand it."""
    return url.replace("postgres://", "postgresql://", 1)


def automatic_name(config: Config, why: str, at: datetime | None = None) -> Path:
    """Where a backup goes that nobody named: instance/backups/portal-<why>-<time>."""
    folder = config.instance / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = "demo" if config.demo else "portal"
    ending = "sqlite3" if is_sqlite() else "dump"
    return folder / f"{stem}-{why}-{at or now():%Y%m%d-%H%M%S-%f}.{ending}"
