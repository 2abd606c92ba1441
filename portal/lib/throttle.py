"""Limits in the database: how often something was asked, across processes and restarts."""

import time

from blinker import signal
from peewee import CharField, CompositeKey, IntegerField

from portal.lib.db import Base, write_tx
from portal.lib.limits import LIMITS, NEVER, Limit
from portal.lib.refused import TooMany
from portal.lib.text import _, ngettext
from portal.lib.tokens import keyed

__all__ = [
    "LIMITS", "NEVER", "Limit", "Throttle", "counted", "duration", "forget_old", "limit", "near",
    "once", "reached", "retry_after", "within",
]  # fmt: skip

#: Sent at the first refusal of a key in a window: `reached.send(None, purpose="code.ask.client")`.
reached = signal("throttle.reached")


class Throttle(Base):
    """How often a key was used in the window that began at a Unix time; keys are hashed."""

    key = CharField(max_length=64)
    window = IntegerField(index=True)
    count = IntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("key", "window")


def limit(purpose: str, key: str) -> None:
    """Count one use; beyond LIMITS[purpose] raises TooMany, which says when to try again.

    Never inside a transaction that the refusal would roll back: the use would not be counted.
    """
    row, count = LIMITS[purpose], _count(_hash(purpose, key), _window(purpose))
    if count == row.times + 1:
        reached.send(None, purpose=purpose)
    if count > row.times:
        rest = retry_after(purpose)
        raise TooMany(
            _(row.told) % {"wait": duration(rest)}, rest, purpose, first=count == row.times + 1
        )


def within(purpose: str, key: str) -> bool:
    """Count one use and say whether it is still within LIMITS[purpose]."""
    row, count = LIMITS[purpose], _count(_hash(purpose, key), _window(purpose))
    if count == row.times + 1:
        reached.send(None, purpose=purpose)
    return count <= row.times


def near(purpose: str, key: str) -> bool:
    """Whether the next use is one for which LIMITS[purpose] asks the small step; counts nothing."""
    row = LIMITS[purpose]
    if not row.step:
        return False
    used = Throttle.get_or_none(
        (Throttle.key == _hash(purpose, key)) & (Throttle.window == _window(purpose))
    )
    return used is not None and used.count >= row.step


def once(name: str, until: int) -> bool:
    """True for the first caller with this name; `until` (Unix time) the name is remembered."""
    return _count(_hash("once", name), until) == 1


def counted(name: str, until: int, *, add: bool = True) -> int:
    """How often a name was counted, now included (`add`), until a Unix time; it limits nothing."""
    hashed = _hash("counted", name)
    if add:
        return _count(hashed, until)
    row = Throttle.get_or_none((Throttle.key == hashed) & (Throttle.window == until))
    return row.count if row else 0


def retry_after(purpose: str) -> int:
    """Seconds until the current window of a purpose ends."""
    seconds = LIMITS[purpose].seconds
    return seconds - int(time.time()) % seconds


def duration(seconds: int) -> str:
    """When it is worth trying again: `in a minute`, `in 12 minutes`, `in 3 hours`; never early."""
    minutes = -(-seconds // 60)
    if minutes <= 1:
        return _("in a minute")
    if minutes < 60:
        return ngettext("in %(count)s minute", "in %(count)s minutes", minutes)
    return ngettext("in an hour", "in %(count)s hours", -(-minutes // 60))


def forget_old() -> None:
    """Delete counters that no limit can reach any more."""
    longest = max(limit.seconds for limit in LIMITS.values())
    with write_tx():
        Throttle.delete().where(Throttle.window < int(time.time()) - 2 * longest).execute()


def _window(purpose: str) -> int:
    seconds = LIMITS[purpose].seconds
    return int(time.time()) // seconds * seconds


def _hash(purpose: str, key: str) -> str:
    return keyed("throttle", f"{purpose}:{key}")


def _count(hashed: str, window: int) -> int:
    """Add one and read it back in one statement, so that tries at the same moment all count."""
    with write_tx():
        used = (
            Throttle.insert(key=hashed, window=window, count=1)
            .on_conflict(
                conflict_target=[Throttle.key, Throttle.window],
                update={Throttle.count: Throttle.count + 1},
            )
            .returning(Throttle.count)
            .execute()
        )
        return int(next(iter(used)).count)
