"""A shop of any released version is brought to the newest schema, with everything that is in it."""

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import released
from killed import tables
from peewee import fn
from playhouse.schema_diff import diff_models
from strokes import child, files_of, killed, strokes_of

from portal import create_app
from portal.config import read_config
from portal.lib.db import db, is_sqlite
from portal.lib.jobs import tables as job_tables
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.members.models import Member, Session
from portal.ops.migrate import migrate, pending
from portal.ops.verify import problems
from portal.schema import MODELS
from portal.shop.models import forget

POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
VERSIONS = pytest.mark.parametrize("path", released.FILES, ids=lambda path: path.stem)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An empty database of this test alone, on the kind that is tested."""
    with released.empty_database(tmp_path, POSTGRES) as found:
        released.opened(found)
        yield found
        db.close()


def test_there_is_a_shop_of_every_schema_that_was_released() -> None:
    last = {released.read(path)["migrations"][-1] for path in released.FILES}
    assert "0001_initial" in last


@VERSIONS
def test_everything_is_there_after_the_upgrade(path: Path, url: str, tmp_path: Path) -> None:
    shop = released.read(path)
    released.load(shop)
    before = released.expected(shop)
    assert released.kept(shop) == before
    assert len(before["member"]) > 10
    applied = migrate()
    assert applied != []
    assert (pending(), migrate()) == ([], [])
    assert released.kept(shop) == before
    assert str(diff_models(db.obj, [*MODELS, *job_tables()])) == ""
    assert problems() == []
    ledger = LedgerEntry.select(fn.SUM(LedgerEntry.available)).scalar()
    assert ledger == PointsAccount.select(fn.SUM(PointsAccount.balance)).scalar() > 0


@VERSIONS
def test_people_use_the_shop_after_the_upgrade(path: Path, url: str, tmp_path: Path) -> None:
    released.load(released.read(path))
    migrate()
    config = read_config(instance=str(tmp_path), database_url=url, secret_key="k" * 43)
    app = create_app(config)
    forget()
    hero = PointsAccount.select().order_by(PointsAccount.balance.desc()).get().member
    owner = Member.get(Member.role == "owner")
    for member, pages in (
        (hero, ("/", "/account/orders", "/account/points", "/account/wishlists")),
        (owner, ("/staff", "/staff/imports", "/staff/settings")),
    ):
        browser = app.test_client()
        with browser.session_transaction() as session:
            token = Session.start(member, device="Firefox", method="code")
            session["_user_id"], session["_fresh"] = token, True
        assert [browser.get(page).status_code for page in pages] == [200] * len(pages)
    forget()


@pytest.mark.parametrize("most", [10, pytest.param(1_000_000, marks=pytest.mark.soak)])
@VERSIONS
def test_killed_at_a_write_of_the_upgrade_it_is_finished_by_the_next(
    path: Path, most: int, tmp_path: Path
) -> None:
    base, calm, hit = (tmp_path / f"{name}.sqlite3" for name in ("base", "calm", "hit"))
    released.opened(f"sqlite:///{base}")
    released.load(released.read(path))
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    shutil.copy(base, calm)
    strokes = strokes_of(lambda: upgrade(calm), tmp_path / "log", files_of(calm))
    wanted, began, kills = _picture(calm), time.monotonic(), 0
    step = max(1, strokes // most)
    for stroke in range(1, strokes + 1, step):
        for ending in ("", "-wal", "-shm"):
            Path(f"{hit}{ending}").unlink(missing_ok=True)
        shutil.copy(base, hit)
        kills += killed(lambda: upgrade(hit), tmp_path / "log", stroke, files_of(hit))
        assert os.waitpid(child(lambda: upgrade(hit), now=True), 0)[1] == 0
        assert _picture(hit) == wanted, f"killed before stroke {stroke}"
    seconds = time.monotonic() - began
    print(f"R15: upgrade of {path.stem} killed at {kills} of {strokes} writes, {seconds:.0f} s")
    assert kills > 8


def upgrade(database: Path) -> None:
    """What `portal migrate` does to a database."""
    released.opened(f"sqlite:///{database}")
    migrate()
    db.close()


def _picture(database: Path) -> tuple[list[tuple[str, ...]], dict[str, list]]:
    """The schema in words and every row."""
    with closing(sqlite3.connect(database)) as asked:
        assert asked.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert asked.execute("PRAGMA foreign_key_check").fetchall() == []
        schema = asked.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
    rows = tables(database)
    rows["migrations"] = [[row[1]] for row in rows["migrations"]]
    return schema, rows


@pytest.mark.skipif(not POSTGRES, reason="SQLite is killed at every system call instead")
@VERSIONS
def test_killed_before_a_statement_of_the_upgrade_postgresql_takes_all_of_it_back(
    path: Path, url: str
) -> None:
    shop = released.read(path)
    released.load(shop)
    every = pending()
    db.close()
    db.obj.close_all()
    statements = 0
    while True:
        pid = os.fork()
        if pid == 0:
            _upgrade_until(url, statements)
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        released.opened(url)
        assert released.kept(shop) == released.expected(shop)
        left = pending()
        db.close()
        db.obj.close_all()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert left == every[len(every) - len(left) :]  # each migration whole or not at all
        statements += 5
    assert left == []
    assert statements > 20


def _upgrade_until(url: str, fatal: int) -> None:
    """Upgrade in this process and die by SIGKILL before statement number `fatal`."""
    try:
        released.opened(url)
        plain, seen = db.obj.execute_sql, 0

        def counting(*args, **kwargs):
            nonlocal seen
            seen += 1
            if seen > fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(*args, **kwargs)

        db.obj.execute_sql = counting
        migrate()
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.soak
def test_a_million_rows_of_the_ledger_are_upgraded_within_a_minute(url: str) -> None:
    shop = released.read(released.FILES[0])
    released.load(shop)
    series = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
        if is_sqlite()
        else "WITH n AS (SELECT i FROM generate_series(1, 1000000) AS s(i))"
    )
    columns = "member_id, key, kind, available, pending, owed, why, at"
    db.execute_sql(
        f"INSERT INTO ledger_entry ({columns}) {series}"
        " SELECT (SELECT MIN(member_id) FROM ledger_entry), 'many:' || i, 'adjusted',"
        " 0, 0, 0, 'One of many', '2026-01-01 00:00:00' FROM n"
    )
    began = time.monotonic()
    migrate()
    seconds = time.monotonic() - began
    kind = "SQLite" if is_sqlite() else "PostgreSQL"
    rows = LedgerEntry.select().count()
    print(f"R15: {rows} rows of the ledger upgraded in {seconds:.1f} s, {kind}")
    assert rows > 1_000_000
    assert problems() == []
    assert seconds < 60


def test_the_shops_are_small() -> None:
    assert max(path.stat().st_size for path in released.FILES) < 200_000
    assert json.loads(released.FILES[0].read_text("utf-8"))["version"] == released.FILES[0].stem
