"""The database: SQLite or PostgreSQL, one way to write, one way to make a hot query cheap."""

import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import peewee
from flask import has_request_context
from peewee import DatabaseProxy, DateTimeField, JSONField, Model, SqliteDatabase, Value
from playhouse.db_url import connect, parse

__all__ = [
    "Base", "Compiled", "JSONField", "after", "db", "is_sqlite", "is_trouble", "open_database",
    "stopped_writing", "write_soon", "write_tx",
]  # fmt: skip

PATIENCE = 5.0  # seconds that a write waits for others, before the person is told to try again
SOON = 0.1  # the same for what need not be written now
STUCK = 0.5  # the same once somebody waited in vain: threads that wait answer nobody

#: SQLite reports statements that are wrong, and so bugs, as operational errors too.
WRONG_SQL = ("no such", "near ", "ambiguous", "wrong number of arguments", "misuse")

db = DatabaseProxy()
_one_writer = threading.RLock()
_disk_failed = False
_in_vain = False


class _Table(peewee.ModelBase):
    if TYPE_CHECKING:  # peewee gives a class the column of each foreign key: `Order.member_id`

        def __getattr__(cls, name: str) -> Any: ...


class Base(Model, metaclass=_Table):
    """Every table of Regulars: saves write only what changed, names are snake case."""

    if TYPE_CHECKING:  # peewee makes keys and backrefs; a query's rows may be tuples or dicts
        id: Any

        def __getattr__(self, name: str) -> Any: ...
        @classmethod
        def select(cls, *fields: Any) -> Any: ...

    class Meta:
        database = db
        legacy_table_names = False
        only_save_dirty = True


def open_database(url: str) -> peewee.Database:
    """Point `db` at a URL (`sqlite:////path` or `postgresql://…`) and return the real database.

    SQLite: WAL, FULL (an acknowledged write survives a power cut), foreign keys, IMMEDIATE
    transactions. PostgreSQL: a pool, times in UTC.
    """
    if url.startswith("sqlite"):
        pragmas = {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "synchronous": "full",
            "cache_size": -16_000,
            "temp_store": "memory",
        }
        database = connect(url, pragmas=pragmas, timeout=PATIENCE, lock_type="IMMEDIATE")
    else:
        pooled = url.replace("postgres://", "postgresql+pool://", 1)
        pooled = pooled.replace("postgresql://", "postgresql+pool://", 1)
        parse(pooled)
        database = connect(
            pooled, max_connections=24, stale_timeout=300, timeout=10, options="-c timezone=UTC"
        )
    db.initialize(database)
    return database


def is_sqlite() -> bool:
    """Whether the shop runs on SQLite."""
    return isinstance(db.obj, SqliteDatabase)


@contextmanager
def write_tx() -> Iterator[None]:
    """One atomic write: BEGIN IMMEDIATE, one writer a process; nests as a savepoint.

    Raises OperationalError when others write for longer than PATIENCE, and at once after the disk
    has reported an error: what it lost is known to nobody, so this process writes no more.
    """
    if db.in_transaction():
        with db.atomic():
            yield
        return
    # A job or a command has nobody who waits; it takes its turn among those of its process.
    with _turn((STUCK if _in_vain else PATIENCE) if has_request_context() else -1):
        yield


def write_soon(work: Callable[[], object]) -> bool:
    """Write what can wait for another time; False when it was left, since others are writing."""
    try:
        with _turn(SOON):
            if not is_sqlite():
                db.execute_sql(f"SET LOCAL lock_timeout = {int(SOON * 1000)}")
            work()
    except peewee.OperationalError as error:
        if not is_trouble(error):
            raise
        return False
    return True


def is_trouble(error: peewee.OperationalError) -> bool:
    """Whether it is the world's fault (held, full, failing), and no wrong statement."""
    return not str(error).startswith(WRONG_SQL)


def stopped_writing() -> bool:
    """Whether this process writes no more, because the disk reported an error."""
    return _disk_failed


@contextmanager
def _turn(patience: float) -> Iterator[None]:
    """A transaction of its own, begun within `patience` seconds (-1: any) or refused."""
    global _disk_failed, _in_vain
    if _disk_failed:
        raise peewee.OperationalError("disk I/O error: this process writes no more")
    began = time.monotonic()
    if not _one_writer.acquire(timeout=patience):
        raise peewee.OperationalError("database is locked by another thread")
    try:
        left = patience - (time.monotonic() - began) if patience >= 0 else PATIENCE
        with _waiting(left), db.atomic():
            _in_vain = False
            yield
    except peewee.OperationalError as error:
        why = _first_words(error)
        _disk_failed = why.startswith("disk I/O error")
        _in_vain = _in_vain or (patience >= STUCK and "locked" in why)
        raise peewee.OperationalError(why) from error
    finally:
        _one_writer.release()


def _first_words(error: BaseException) -> str:
    """What went wrong first: SQLite ends some transactions itself, so that rolling back fails."""
    while str(error).startswith("cannot rollback") and error.__context__:
        error = error.__context__
    return str(error)


@contextmanager
def _waiting(seconds: float) -> Iterator[None]:
    """SQLite waits that long for other processes, where it differs from what it would do."""
    changed = is_sqlite() and seconds < PATIENCE - 0.05
    if changed:
        db.execute_sql(f"PRAGMA busy_timeout = {max(0, int(seconds * 1000))}")
    try:
        yield
    finally:
        if changed:
            db.execute_sql(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")


def after(work: Callable[[], object]) -> None:
    """Run `work` once the surrounding transaction is on disk, or at once outside of one."""
    if db.in_transaction():
        db.after_commit(work)
    else:
        work()


class _Place:
    """Stands in a compiled query for a value that comes later."""

    def __init__(self, name: str) -> None:
        self.name = name


class Compiled:
    """A peewee query whose SQL is built once: for the few hot pages, where building costs most.

    `Compiled(lambda p: Order.select(Order.id).where(Order.member == p("member")))`, then
    `.all(member=7)`: named tuples with converted values. Values must never be None (IS NULL is
    other SQL) and lists are not possible.
    """

    def __init__(self, build: Callable[[Callable[[str], Value]], Any]) -> None:
        self._build = build
        self._ready: tuple[Any, str, list[Any], list[tuple[int, Any]], Any] | None = None

    def all(self, **values: Any) -> list[Any]:
        """Every row."""
        return self._rows(self._run(values).fetchall())

    def first(self, **values: Any) -> Any | None:
        """The first row or None."""
        row = self._run(values).fetchone()
        return self._rows([row])[0] if row else None

    def sql(self) -> str:
        """The SQL, for EXPLAIN in tests."""
        return self._prepare()[1]

    def _run(self, values: dict[str, Any]) -> Any:
        _database, sql, params, _converters, _row = self._prepare()
        filled = [values[p.name] if isinstance(p, _Place) else p for p in params]
        return db.execute_sql(sql, filled)

    def _rows(self, raw: list[Any]) -> list[Any]:
        _database, _sql, _params, converters, make = self._prepare()
        if not converters:
            return [make._make(row) for row in raw]
        rows = []
        for row in raw:
            cells = list(row)
            for place, convert in converters:
                if cells[place] is not None:
                    cells[place] = convert(cells[place])
            rows.append(make._make(cells))
        return rows

    def _prepare(self) -> tuple[Any, str, list[Any], list[tuple[int, Any]], Any]:
        if self._ready is None or self._ready[0] is not db.obj:
            query = self._build(lambda name: Value(_Place(name), converter=_as_is))
            sql, params = query.sql()
            names, converters = [], []
            for place, column in enumerate(query._returning):
                names.append(_name(column))
                convert = _converter(_unwrap(column))
                if convert:
                    converters.append((place, convert))
            row = namedtuple("Row", names)  # type: ignore[misc]
            self._ready = (db.obj, sql, list(params), converters, row)
        return self._ready


def _as_is(value: Any) -> Any:
    return value


def _name(column: Any) -> str:
    return getattr(column, "_alias", None) or getattr(column, "name", None) or "value"


def _unwrap(column: Any) -> Any:
    while isinstance(column, peewee.WrappedNode):
        column = column.node
    return column


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _converter(node: Any) -> Callable[[Any], Any] | None:
    if isinstance(node, peewee.FieldAlias):
        node = node.field
    if isinstance(node, DateTimeField):
        return _moment if is_sqlite() else None
    if (
        isinstance(node, peewee.Function)
        and node.arguments
        and (node.name or "").upper() in ("MAX", "MIN")
    ):
        return _converter(_unwrap(node.arguments[0]))
    if isinstance(node, JSONField | peewee.BooleanField | peewee.BlobField):
        return node.python_value
    return None
