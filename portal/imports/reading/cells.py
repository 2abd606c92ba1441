"""What stands in one cell: amounts, moments, yes and no, read exactly or refused in plain words."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from portal.lib.text import _

MOST = 10**15
PLAIN = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]+)?")
COMMA_GROUPS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
POINT_GROUPS = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?")
DECIMAL_COMMA = re.compile(r"-?[0-9]{1,13},[0-9]+")
COUNT = re.compile(r"-?[0-9]{1,9}(?:[.,]0+)?")
SLASHED = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(.*)", re.DOTALL)
EMAIL = re.compile(r"\S+@[^\s@]+")
YES = frozenset({"yes", "true", "1", "y", "t", "ja", "oui"})
NO = frozenset({"no", "false", "0", "n", "f", "nein", "nee", "non"})


class Trouble(ValueError):
    """A cell that can't be read; the text says which column, what it holds and what is wrong.

    `line` is the physical line of the row to blame, where a record has several.
    """

    line: int | None = None


class CameAway(Trouble):
    """Rows of an order that do not stand below its first row, which tells what the order is."""


def clean(cell: str) -> str:
    """A cell without blanks around it, spreadsheet guards (`'…`, `="…"`) or a literal null."""
    cell = cell.strip()
    if not cell or cell == "null":
        return ""
    if cell[0] not in "'=":
        return cell
    if cell[0] == "'" and len(cell) > 1 and (cell[1].isdigit() or cell[1] in "=+-@"):
        cell = cell[1:]
    elif cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    return cell


#: `clean` for short cells, of which a file has few different ones.
tidy = lru_cache(maxsize=8192)(clean)


def code(cell: str) -> str:
    """An id, phone or postcode: a leading `'` is always the spreadsheet's."""
    cell = clean(cell)
    return cell[1:].strip() if cell[:1] == "'" else cell


def show(value: str) -> str:
    """A cell's text short enough for a sentence."""
    value = " ".join(value.replace("\0", " ").split())
    return value if len(value) <= 60 else value[:59] + "…"


def wrong(column: str, value: str, expected: str) -> Trouble:
    """The one shape of sentence for a cell that can't be read."""
    return Trouble(
        _("“%(column)s” holds “%(value)s”, %(expected)s.", column=column, value=show(value),
          expected=expected)
    )  # fmt: skip


def empty(column: str) -> Trouble:
    """The sentence for a cell that must not be empty."""
    return Trouble(_("“%(column)s” is empty.", column=column))


def email(cell: str, column: str) -> str:
    """An e-mail address as written; Trouble when the cell holds something else."""
    if not cell:
        return ""
    if len(cell.casefold()) > 320 or not EMAIL.fullmatch(cell):
        raise wrong(column, cell, _("which is not an e-mail address"))
    return cell


@lru_cache(maxsize=16384)
def minor_units(text: str, digits: int, comma: bool) -> int | None:
    """An amount in major units as minor units; None when blank, ValueError when it is no amount.

    `1250.00`, `1,250.00`, `1,23,456.78`, `1.250,00`, `12,50`. `comma`: the file separates columns
    with `;`, so `1.250` are thousands there, and `1,250` is refused since it can mean both.
    """
    text = clean(text)
    if not text:
        return None
    if PLAIN.fullmatch(text) and not (comma and POINT_GROUPS.fullmatch(text)):
        plain = text
    elif COMMA_GROUPS.fullmatch(text):
        if comma and "." not in text and text.count(",") == 1:
            raise ValueError(_("which can be read in two ways"))
        plain = text.replace(",", "")
    elif POINT_GROUPS.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
    elif DECIMAL_COMMA.fullmatch(text):
        plain = text.replace(",", ".")
    else:
        raise ValueError(_("which is not an amount"))
    whole, _point, part = plain.partition(".")
    if part[digits:].strip("0"):
        raise ValueError(_("which has more decimals than the currency"))
    minor = int(whole + part[:digits].ljust(digits, "0"))
    if abs(minor) >= MOST:
        raise ValueError(_("which is too large an amount"))
    return minor


def money(cell: str, column: str, digits: int, comma: bool = False) -> int | None:
    """The amount in a cell as minor units of a currency with `digits` decimals; None when blank."""
    try:
        return minor_units(cell, digits, comma)
    except ValueError as why:
        raise wrong(column, cell, str(why)) from None


def whole(cell: str, column: str) -> int | None:
    """A whole number; None when blank."""
    try:
        return _whole(cell)
    except ValueError:
        raise wrong(column, cell, _("which is not a whole number")) from None


@lru_cache(maxsize=4096)
def _whole(cell: str) -> int | None:
    text = clean(cell)
    if not text:
        return None
    if not COUNT.fullmatch(text):
        raise ValueError
    return int(re.split(r"[.,]", text)[0])


def moment(
    cell: str, column: str, zone: tzinfo = UTC, day_first: bool | None = None
) -> tuple[datetime, int] | None:
    """A time as naive UTC and its offset in minutes; None when blank. `zone`: of times without one.

    `2024-05-01 09:58:12 +0200`, ISO 8601, `dd.mm.yyyy HH:MM`, and with slashes or hyphens in the
    order that `day_first` names (None: not known, refused).
    """
    try:
        return _moment(cell, zone, day_first)
    except (ValueError, OverflowError):
        raise wrong(column, cell, _("which is not a date")) from None


@lru_cache(maxsize=8192)
def _moment(cell: str, zone: tzinfo, day_first: bool | None) -> tuple[datetime, int] | None:
    text = clean(cell)
    if not text:
        return None
    if len(text) == 25 and text[4] == "-" and text[19] == " " and text[20] in "+-":
        # As Shopify writes it; the general way below takes five times as long.
        minutes = int(text[21:23]) * 60 + int(text[23:25])
        offset = timedelta(minutes=minutes if text[20] == "+" else -minutes)
        return _known(datetime.fromisoformat(text[:19]), offset)
    if slashed := SLASHED.fullmatch(text):
        text = _turned(slashed, day_first)
    text = re.sub(r"\s*(?:UTC|GMT|Z)$", "+0000", text)
    text = re.sub(r"\s+([+-][0-9]{2}:?[0-9]{2})$", r"\1", text)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return _known(at.replace(tzinfo=None), at.utcoffset() or timedelta())


def _known(local: datetime, offset: timedelta) -> tuple[datetime, int]:
    utc = local - offset
    if not 1970 <= utc.year <= 2200:
        raise ValueError
    return utc, int(offset.total_seconds()) // 60


def _turned(slashed: re.Match[str], day_first: bool | None) -> str:
    first, mark, second, year, rest = slashed.groups()
    if mark != "." and day_first is None:
        raise ValueError
    day, month = (first, second) if mark == "." or day_first else (second, first)
    rest = re.sub(r"(?<=[T ])([0-9]):", r"0\1:", rest.rstrip())
    return f"{year}-{month:0>2}-{day:0>2}{rest}"


def yes(cell: str, column: str) -> bool | None:
    """Yes or no; None when blank."""
    text = clean(cell).casefold()
    if not text:
        return None
    if text in YES:
        return True
    if text in NO:
        return False
    raise wrong(column, cell, _("which is neither yes nor no"))


def attributes(cell: str) -> dict[str, str]:
    """`Note Attributes`: one `key: value` a line."""
    found: dict[str, str] = {}
    for line in cell.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() and value.strip():
            found[key.strip()[:100]] = value.strip()[:500]
    return found
