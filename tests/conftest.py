"""One fresh real database for each test, a client that reviews every page it fetches."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from reviewed import ReviewedClient
from werkzeug.routing import Rule

from portal import create_app
from portal.config import read_config
from portal.lib.db import db
from portal.members.models import Member, Session
from portal.ops.migrate import migrate
from portal.shop.models import change_settings, forget


class CompiledTemplates(BytecodeCache):
    """Templates are compiled once for all tests."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


def _compile_routes_once() -> None:
    """The code that builds a route's address is compiled once for all tests, not for each app."""
    plain, kept = Rule._compile_builder, {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, str(rule.defaults), str(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = plain(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign]


_compile_routes_once()


def _own_database(url: str) -> str:
    """Each worker of a parallel run gets a database of its own on the server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not url or not worker:
        return url
    import psycopg

    name = f"regulars_{worker}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    return f"{url.rpartition('/')[0]}/{name}"


POSTGRES = _own_database(os.environ.get("TEST_DATABASE_URL", ""))
if POSTGRES:
    os.environ["TEST_DATABASE_URL"] = POSTGRES  # for tests that start programs of their own


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that every test copies."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    app = create_app(_config(path.parent, f"sqlite:///{path}"))
    with app.app_context():
        migrate()
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
    return path


@pytest.fixture(scope="session")
def postgres_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The PostgreSQL database of TEST_DATABASE_URL, migrated."""
    app = create_app(_config(tmp_path_factory.mktemp("postgres"), POSTGRES))
    with app.app_context():
        db.connect(reuse_if_open=True)
        db.execute_sql("DROP SCHEMA public CASCADE")
        db.execute_sql("CREATE SCHEMA public")
        migrate()
        db.close()
    return POSTGRES


@pytest.fixture
def database_url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database of this test alone."""
    if POSTGRES:
        return str(request.getfixturevalue("postgres_database"))
    path = tmp_path / "portal.sqlite3"
    shutil.copy(request.getfixturevalue("template_database"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """The app on its own database, inside an app context."""
    app = create_app(_config(tmp_path, database_url))
    app.test_client_class = ReviewedClient
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        db.connect(reuse_if_open=True)
        if POSTGRES:
            _empty_postgres()
        forget()
        change_settings(name="Fern & Kettle", contact="hello@fernandkettle.example")
        yield app
        forget()
        if not db.is_closed():
            db.close()


@pytest.fixture
def client(app: Flask) -> ReviewedClient:
    """A browser that is not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def sign_in(app: Flask) -> Any:
    """`client = sign_in(member)`: a browser with a session of that member."""

    def enter(member: Member) -> FlaskClient:
        token = Session.start(member, device="Firefox on Linux", method="code")
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    return enter


@pytest.fixture
def statements(app: Flask) -> Any:
    """`with statements() as seen:` collects the SQL of the block, transactions left out."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []
        plain = db.obj.execute_sql

        def noting(sql: str, *args: Any, **kwargs: Any) -> Any:
            seen.append(sql)
            return plain(sql, *args, **kwargs)

        db.obj.execute_sql = noting
        try:
            yield seen
        finally:
            del db.obj.execute_sql

    return collect


def _config(instance: Path, url: str) -> Any:
    return read_config(
        instance=str(instance),
        database_url=url,
        base_url="http://localhost:8000",
        secret_key="k" * 43,
    )


_EMPTY = """DO $$ DECLARE "name" text; BEGIN
  SET LOCAL session_replication_role = replica;  -- rows that are only ever added go too
  FOR "name" IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'migrations'
  LOOP EXECUTE format('DELETE FROM %%I', "name"); END LOOP;
  PERFORM setval(format('%%I', sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE last_value IS NOT NULL;
END $$"""


def _empty_postgres() -> None:
    """Empty what the last test wrote to: emptying and numbering anew takes one statement."""
    db.execute_sql(_EMPTY)
