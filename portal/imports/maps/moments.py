"""Times of mapped files: in the map's zone, with clocks of twelve hours, or by a pattern."""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from portal.imports.reading import cells
from portal.imports.reading.cells import clean, wrong
from portal.lib.text import _

HALF_DAY = re.compile(r"(.*?)\b([0-9]{1,2})((?::[0-9]{2}){1,2})\s*([AaPp])\.?[Mm]\.?", re.DOTALL)
SHORT_HOUR = re.compile(r"(?<=[T ])([0-9]):")
SHORT_YEAR = re.compile(r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-])([0-9]{2})(?![0-9])(.*)", re.DOTALL)
STRAIGHT = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})(.*)", re.DOTALL)


def moment(
    cell: str, column: str, zone: tzinfo, day_first: bool | None, pattern: str = ""
) -> tuple[datetime, int] | None:
    """A time as naive UTC and its offset in minutes; None when blank, Trouble when it is none.

    `zone` is that of times without an offset. A time that the clocks jumped over counts from
    before the jump (02:30 is 03:30), one that came twice is the first of the two.
    """
    text = clean(cell)
    if not text:
        return None
    if pattern:
        return _by_pattern(text, column, zone, pattern)
    try:
        text = _plain(text)
    except ValueError:
        raise wrong(column, cell, _("which is not a date")) from None
    try:
        return cells.moment(text, column, zone, day_first)
    except cells.Trouble:
        raise wrong(column, cell, _("which is not a date")) from None


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """24 hours, two digits, four digits of the year."""
    if half := HALF_DAY.fullmatch(text):
        before, hour, rest, mark = half.groups()
        if not 1 <= int(hour) <= 12:
            raise ValueError
        text = f"{before}{int(hour) % 12 + (12 if mark in 'pP' else 0):02}{rest}"
    if straight := STRAIGHT.fullmatch(text):
        year, month, day, rest = straight.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{rest}"
    elif short := SHORT_YEAR.fullmatch(text):
        text = f"{short[1]}{'20' if int(short[2]) < 70 else '19'}{short[2]}{short[3]}"
    return SHORT_HOUR.sub(r"0\1:", text)


def _by_pattern(text: str, column: str, zone: tzinfo, pattern: str) -> tuple[datetime, int]:
    try:
        at = datetime.strptime(text, pattern)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        offset = at.utcoffset() or timedelta()
        utc = (at - offset).replace(tzinfo=None)
        if not 1970 <= utc.year <= 2200:
            raise ValueError
    except (ValueError, OverflowError, re.error):
        expected = _("which does not fit the pattern %(pattern)s", pattern=pattern)
        raise wrong(column, text, expected) from None
    return utc, int(offset.total_seconds()) // 60
