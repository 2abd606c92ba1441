"""Times as people read them, in the shop's time zone."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.lib.clock import now
from portal.lib.text import _

_zone_source = None


def use_zone(source) -> None:  # type: ignore[no-untyped-def]
    """Tell this module where the zone's name comes from (the shop's settings)."""
    global _zone_source
    _zone_source = source


def zone() -> ZoneInfo:
    """The shop's time zone."""
    return _zone(_zone_source() if _zone_source else "UTC")


_zone = lru_cache(maxsize=16)(ZoneInfo)


def local(at: datetime) -> datetime:
    """A naive UTC time in the shop's zone."""
    return at.replace(tzinfo=UTC).astimezone(zone())


def to_utc(at: datetime) -> datetime:
    """A naive time of the shop's zone as naive UTC."""
    return at.replace(tzinfo=zone()).astimezone(UTC).replace(tzinfo=None)


@lru_cache(maxsize=8192)
def iso(at: datetime) -> str:
    """For `<time datetime>`: UTC with a Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at: datetime) -> str:
    """`18 November`, with the year when it is not this one."""
    where, moment = zone(), now()
    return _day(at, where, _year(where, moment.year, moment.month, moment.day, moment.hour))


@lru_cache(maxsize=64)
def _year(where: ZoneInfo, *hour: int) -> int:
    """The year on the shop's wall in an hour of UTC."""
    return datetime(*hour, tzinfo=UTC).astimezone(where).year  # type: ignore[arg-type,misc]


@lru_cache(maxsize=8192)
def _day(at: datetime, where: ZoneInfo, this_year: int) -> str:
    moment = at.replace(tzinfo=UTC).astimezone(where)
    text = f"{moment.day} {moment:%B}"
    return text if moment.year == this_year else f"{text} {moment.year}"


def clock_time(at: datetime) -> str:
    """`14:02`."""
    return f"{local(at):%H:%M}"


def when(at: datetime) -> str:
    """The shortest true words: `14:02` today, `yesterday, 14:02`, `Tuesday`, `18 November`."""
    moment, today = local(at), local(now()).date()
    days = (today - moment.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    if days == 1:
        return _("yesterday, %(time)s", time=f"{moment:%H:%M}")
    if 1 < days < 7:
        return f"{moment:%A}"
    return day(at)


def day_of(text: str) -> date | None:
    """A date from a form or a URL (`2026-11-21`), or None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
