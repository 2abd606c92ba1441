"""The drill: a backup while people write, and the shop on another machine from nothing but it."""

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from serving import portal, served
from visitor import SECRET, Visitor, enrol

pytestmark = pytest.mark.command


def _grow(database: Path, megabytes: int) -> None:
    """Fill the outbox with old letters: rows, pages and indexes as a shop of that size has."""
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("PRAGMA synchronous = off")
        opened.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            ' INSERT INTO mail ("to", subject, text, html, kind, why, status, created_at,'
            " next_try_at, tries) SELECT 'a@example.com', 'Letter ' || i, hex(randomblob(1000)),"
            " hex(randomblob(3000)), 'x', 'x', 'sent', '2026-01-01 10:00:00',"
            " '2026-01-01 10:00:00', 1 FROM n",
            (megabytes * 120,),
        )


def _write_until(database: Path, stop: threading.Event, waits: list[float]) -> None:
    """Write a little again and again; how long each write took, with what it waited."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=5)) as opened:
        opened.execute("PRAGMA synchronous = full")
        while not stop.is_set():
            began = time.monotonic()
            opened.execute("BEGIN IMMEDIATE")
            opened.execute(
                "INSERT OR REPLACE INTO setting VALUES ('written', ?)", (str(len(waits)),)
            )
            opened.execute("COMMIT")
            waits.append(time.monotonic() - began)
            time.sleep(0.005)


@pytest.mark.parametrize("megabytes", [5, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_backup_holds_nobody_up_and_becomes_the_shop_elsewhere(
    megabytes: int, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    portal(here, "migrate")
    database, kept = here / "portal.sqlite3", tmp_path / "kept.sqlite3"
    cookie = enrol(here, f"sqlite:///{database}")
    _grow(database, megabytes)
    with served(here, "--processes", "1", SECRET_KEY=SECRET) as shop:
        visitor = Visitor(shop, cookie)
        visitor.learn_token("/account/profile")
        visitor.post("/account/profile", name="Ada Lovelace", username="", bio="Before")
        waits: list[float] = []
        stop = threading.Event()
        writer = threading.Thread(target=_write_until, args=(database, stop, waits))
        writer.start()
        time.sleep(2)
        calm, waits[:] = max(waits), []  # how slow this disk is when nobody takes a backup
        began = time.monotonic()
        assert portal(here, "backup", str(kept)).returncode == 0
        seconds = time.monotonic() - began
        stop.set()
        writer.join()
        assert shop.stop() == 0
    there.mkdir()  # the other machine: the documented commands
    began = time.monotonic()
    assert portal(there, "restore", str(kept)).returncode == 0
    restored = time.monotonic() - began
    assert portal(there, "verify").stdout == "All is as it must be.\n"
    with served(there, "--processes", "1", SECRET_KEY=SECRET) as shop:
        assert "Before" in Visitor(shop, cookie).get("/account/profile").text
        assert shop.stop() == 0
    size = kept.stat().st_size / 1e6
    shutil.rmtree(there)
    print(
        f"R13: {size:.0f} MB backed up in {seconds:.1f} s under {len(waits)} writes, the slowest "
        f"of them {max(waits) * 1000:.0f} ms ({calm * 1000:.0f} before it); "
        f"restored and checked in {restored:.1f} s"
    )
    assert len(waits) > 20
    assert max(waits) < max(0.2 if megabytes > 100 else 1, 2 * calm)
