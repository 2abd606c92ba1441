"""Writes while somebody else holds the database, and after the disk has failed."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask
from peewee import OperationalError

from portal.lib import db as database
from portal.lib.db import db, is_sqlite, write_soon, write_tx
from portal.shop.models import Setting


@contextmanager
def held() -> Iterator[None]:
    """Another process's transaction, as far as SQLite can tell."""
    if not is_sqlite():
        pytest.skip("PostgreSQL has no lock on the whole database")
    with closing(sqlite3.connect(db.obj.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def store(key: str) -> None:
    Setting.insert(key=key, value=1).execute()


def stored() -> set[str]:
    return {row.key for row in Setting.select()} & {"one", "two"}


def test_what_can_wait_is_left_at_once_while_others_write(app: Flask) -> None:
    with held():
        began = time.monotonic()
        assert write_soon(lambda: store("one")) is False
        assert time.monotonic() - began < 1
    assert write_soon(lambda: store("two")) is True
    assert stored() == {"two"}


def test_two_requests_of_one_process_wait_side_by_side_not_in_turn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    if is_sqlite():
        db.execute_sql("PRAGMA busy_timeout = 1000")
    waited: list[float] = []

    def write(key: str) -> None:
        with app.test_request_context("/"):
            db.connect(reuse_if_open=True)
            if is_sqlite():
                db.execute_sql("PRAGMA busy_timeout = 1000")
            began = time.monotonic()
            with pytest.raises(OperationalError, match="locked"), write_tx():
                store(key)
            waited.append(time.monotonic() - began)
            db.close()

    with held():
        threads = [threading.Thread(target=write, args=(key,)) for key in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(waited) == 2
    assert max(waited) < 1.6
    assert stored() == set()


def test_after_an_error_of_the_disk_a_process_writes_no_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_disk_failed", False)
    with pytest.raises(OperationalError), write_tx():
        raise OperationalError("disk I/O error")
    with pytest.raises(OperationalError, match="writes no more"), write_tx():
        store("one")
    assert stored() == set()
    assert database.stopped_writing()


def test_a_locked_database_stops_nothing(app: Flask) -> None:
    with pytest.raises(OperationalError), write_tx():
        raise OperationalError("database is locked")
    with write_tx():
        store("one")
    assert stored() == {"one"}
