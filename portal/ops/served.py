"""Whether the shop is being served: a lock file that the supervisor holds."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from portal.config import Config


class Served(Exception):
    """The shop is being served, so its database cannot be exchanged."""


def _open(config: Config) -> int:
    path = config.instance / ("demo.lock" if config.demo else "portal.lock")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def serving(config: Config) -> Iterator[None]:
    """Held by whoever serves the shop; waits while a restore is at work."""
    handle = _open(config)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


@contextmanager
def not_served(config: Config) -> Iterator[None]:
    """Held while the database is exchanged; raises Served when somebody serves the shop."""
    handle = _open(config)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Served("The shop is being served. Stop it first (systemctl stop regulars).") from None
    try:
        yield
    finally:
        os.close(handle)
