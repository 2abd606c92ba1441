"""The only clock: every time in Regulars is naive UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_back: ContextVar[timedelta] = ContextVar("back", default=timedelta(0))


def now() -> datetime:
    """The current moment as naive UTC with microseconds, as every table stores it."""
    return datetime.now(UTC).replace(tzinfo=None) - _back.get()


@contextmanager
def set_back(time: timedelta) -> Iterator[None]:
    """Let what is done inside have happened that long ago: the demo shop has a past."""
    token = _back.set(time)
    try:
        yield
    finally:
        _back.reset(token)
