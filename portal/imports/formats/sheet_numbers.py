"""Numbers in a sheet as a person sees them: amounts, counts, and days since 1900 as dates."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,13})")
DIGITS = 15  # that a spreadsheet keeps
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def shows_a_moment(number: int, code: str | None) -> bool:
    """Whether a number format is one for moments; `[h]:mm` shows how long something took."""
    if code is None:
        return number in BUILT_IN_DATES
    bare = LITERALS.sub("", code.split(";")[0])
    return bool(re.search(r"[dmyhs]", bare, re.IGNORECASE)) and not DURATION.search(bare)


@lru_cache(maxsize=16_384)
def number(raw: str, dated: bool = False, since_1904: bool = False) -> str:
    """A number as a person sees it; ValueError when it is none, or no date where it is `dated`."""
    raw = raw.strip()
    if dated:
        return _moment(raw, since_1904)
    if PLAIN.fullmatch(raw):
        return raw
    if not raw:
        return ""
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise ValueError(raw) from None
    if not value.is_finite() or value.adjusted() > 300:
        raise ValueError(raw)
    if value.adjusted() >= DIGITS:
        return f"{value:.14E}"
    text = f"{Decimal(f'{value:.14E}'):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _moment(raw: str, since_1904: bool) -> str:
    if not raw:
        return ""
    days = float(raw)
    if not 0 <= days < 2_958_466:  # the year 10000
        raise ValueError(raw)
    seconds = timedelta(seconds=round(days * 86_400))
    if days < 1 and not since_1904:
        return f"{datetime(1900, 1, 1) + seconds:%H:%M:%S}"
    at = (datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)) + seconds
    return f"{at:%Y-%m-%d}" if seconds.seconds == 0 else f"{at:%Y-%m-%d %H:%M:%S}"
