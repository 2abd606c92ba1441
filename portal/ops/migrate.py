"""Bring the database to the newest schema, one starter at a time."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Runner

from portal.lib.db import db, is_sqlite

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
HISTORY = "migrations"
# Any number will do, as long as no other program on the server locks the same one.
ADVISORY_LOCK = 7_364_120_113


class TooNew(Exception):
    """The database was written by a later version of Regulars."""


def pending() -> list[str]:
    """The migrations that this database lacks, in order. Raises TooNew."""
    status = _runner().status()
    unknown = [m.name for m in status if m.path is None]
    if unknown:
        raise TooNew(
            f"The database was written by a later version of Regulars ({unknown[-1]}). "
            "Install that version, or restore an earlier backup."
        )
    return [m.name for m in status if not m.applied]


def is_empty() -> bool:
    """Whether the database holds no schema at all: a first start."""
    return not db.table_exists(HISTORY)


def migrate(before: Callable[[], object] | None = None) -> list[str]:
    """Apply what is pending and return its names.

    Safe to call from two starters at once: the second waits and finds nothing to do. `before`
    runs first when something is pending on a database that holds data (to back it up).
    """
    db.connect(reuse_if_open=True)
    with _alone():
        names = pending()
        if names and before and not is_empty():
            before()
        return _runner().up() if names else []


def _runner() -> Runner:
    return Runner(db.obj, directory=str(FOLDER), table_name=HISTORY)


@contextmanager
def _alone() -> Iterator[None]:
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        try:
            yield
        finally:
            db.execute_sql("SELECT pg_advisory_unlock(%s)", (ADVISORY_LOCK,))
        return
    handle = os.open(f"{db.obj.database}.migrating", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
