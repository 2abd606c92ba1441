"""The schema: the migrations make what the models say, once, on both databases."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from peewee import DatabaseError
from playhouse.schema_diff import diff_models
from serving import environment, portal

from portal.lib.db import db, is_sqlite, write_tx
from portal.lib.jobs import tables
from portal.members.models import Event, Member
from portal.ops.migrate import migrate, pending
from portal.schema import MODELS


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    assert str(diff_models(db.obj, [*MODELS, *tables()])) == ""


def test_a_migrated_database_has_nothing_pending(app: Flask) -> None:
    assert (pending(), migrate()) == ([], [])


def test_events_can_only_be_added(app: Flask) -> None:
    member = Member.make(name="Ada")
    member.record("role.given", role="agent")
    for change in (Event.update(kind="other"), Event.delete()):
        with pytest.raises(DatabaseError, match="only ever added"), write_tx():
            change.execute()
    assert [e.kind for e in Event.select()] == ["role.given"]


def test_two_starters_migrate_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "portal.cli", "migrate"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    starters = [subprocess.Popen(command, env=environment(tmp_path), **pipes) for _ in range(4)]
    said = sorted(starter.communicate(timeout=60) for starter in starters)
    applied = "".join(f"Applied {path.stem}.\n" for path in sorted(_files()))
    nothing = "The database has the newest schema.\n"
    assert said == sorted([(applied, ""), *[(nothing, "")] * 3])


def test_a_shop_with_data_is_backed_up_before_it_is_migrated(tmp_path: Path) -> None:
    portal(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name <> 'migrations'"
        ).fetchall():
            database.execute(f'DROP TABLE "{name}"')
        database.execute("DELETE FROM migrations")
    database.close()
    done = portal(tmp_path, "migrate")
    (kept,) = (tmp_path / "backups").iterdir()
    assert done.stderr == (f"The schema is older than this version; a backup is in {kept}.\n")


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    portal(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        database.execute(
            "INSERT INTO migrations (name, applied) VALUES ('9999_later', '2040-01-01')"
        )
    database.close()
    done = portal(tmp_path, "serve")
    assert (done.returncode, done.stderr) == (
        2,
        "The database was written by a later version of Regulars (9999_later). "
        "Install that version, or restore an earlier backup.\n",
    )


def test_the_database_sorts_search_terms_by_bytes(app: Flask) -> None:
    if is_sqlite():
        plan = "SELECT sql FROM sqlite_master WHERE name = 'search_term'"
        assert "COLLATE" not in db.execute_sql(plan).fetchone()[0]
        return
    rows = db.execute_sql(
        "SELECT collation_name FROM information_schema.columns"
        " WHERE table_name = 'search_term' AND column_name = 'term'"
    ).fetchall()
    assert rows == [("C",)]


def _files() -> list[Path]:
    return list((Path(__file__).resolve().parents[2] / "portal/migrations").glob("[0-9]*.py"))
