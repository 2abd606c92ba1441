"""Objects of WooCommerce's REST interface (version 3): their texts, amounts and times."""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from portal.imports.formats.json_text import without_halves
from portal.imports.reading.cells import MOST, PLAIN, Trouble, moment, money, show, wrong
from portal.imports.reading.woocommerce import ADDRESS, address
from portal.imports.records import Address, Bad, Nothing, Record, Row
from portal.lib.text import _

POWER = re.compile(r"-?[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
NEVER = "0000-00-00"


class Thing:
    """One object. What is missing, null or of another type than expected is blank."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def text(self, name: str, most: int = 300) -> str:
        """A string or number as text."""
        return as_text(self.fields.get(name))[:most]

    def words(self, name: str, most: int = 300) -> str:
        """Text that WordPress encodes as HTML, decoded once."""
        text = as_text(self.fields.get(name))
        return (html.unescape(text).strip() if "&" in text else text)[:most]

    def key(self, name: str, most: int = 60) -> str:
        """An id; blank for 0. Raises Trouble when it is too long for one."""
        text = as_text(self.fields.get(name))
        if len(text) > most:
            raise wrong(name, text, _("which is too long for an id"))
        return "" if text == "0" else text

    def inside(self, name: str) -> "Thing":
        """An object in this one."""
        value = self.fields.get(name)
        return Thing(value if isinstance(value, dict) else {})

    def things(self, name: str) -> list["Thing"]:
        """The objects of a list in this one."""
        value = self.fields.get(name)
        parts = value if isinstance(value, list) else []
        return [Thing(part) for part in parts if isinstance(part, dict)]

    def exact(self, name: str, digits: int) -> int | None:
        """An amount in minor units; Trouble when it is none, or finer than the currency."""
        return money(_plain(self.text(name)), name, digits)

    def rounded(self, name: str, digits: int) -> int:
        """An amount rounded to minor units: shops that price with tax keep finer ones."""
        text = _plain(self.text(name))
        if not text:
            return 0
        if not PLAIN.fullmatch(text):
            raise wrong(name, text, _("which is not an amount"))
        minor = int(Decimal(text).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP))
        if abs(minor) >= MOST:
            raise wrong(name, text, _("which is too large an amount"))
        return minor

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """A time as naive UTC, from its `_gmt` twin where there is one, else in the shop's zone."""
        for twin, place in ((f"{name}_gmt", UTC), (name, zone)):
            text = self.text(twin)
            if text and not text.startswith(NEVER):
                found = moment(text, twin, place)
                return found[0] if found else None
        return None

    def offset(self, name: str, at: datetime, zone: tzinfo) -> int:
        """Minutes east of UTC of a time whose `_gmt` twin is `at`."""
        local = self.moment(name, UTC) and self.text(name)
        found = moment(local, name, UTC) if local and not local.startswith(NEVER) else None
        if found and self.text(f"{name}_gmt"):
            minutes = round((found[0] - at) / timedelta(minutes=1))
            return minutes if abs(minutes) <= 14 * 60 else 0
        here = at.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        return round((here or timedelta()) / timedelta(minutes=1))

    def name(self) -> str:
        """First and last name."""
        parts = (self.words("first_name", 100), self.words("last_name", 100))
        return " ".join(filter(None, parts))

    def address(self) -> Address:
        """A postal address, only what is known."""
        names = ("first_name", "last_name", *ADDRESS.values())
        return address({name: self.words(name) for name in names})

    def meta(self) -> dict[str, Any]:
        """Fields that plug-ins added, by key; values of any type."""
        return {part.text("key"): part.fields.get("value") for part in self.things("meta_data")}


Make = Callable[[int, list[str], Thing], Record]


def records(rows: Iterable[Row], make: Make, key: str) -> Iterator[Record]:
    """One record for each object; any trouble puts it aside. `key`: the field that names it."""
    for line, cells, problem in rows:
        thing = None
        try:
            if problem:
                raise Trouble(problem)
            if not "".join(cells).strip():
                yield Nothing([line])
                continue
            thing = _parsed(cells[0])
            record = make(line, cells[:1], thing)
        except Trouble as trouble:
            record = Bad(thing.text(key, 60) if thing else "", [(line, str(trouble), cells)])
        yield record


def _parsed(cell: str) -> Thing:
    try:
        value = json.loads(cell, parse_float=Decimal, parse_int=_number)
    except (ValueError, RecursionError):
        value = None
    if "\\ud" in cell.casefold():  # halves of characters, which no database takes
        value = json.loads(without_halves(json.dumps(value, ensure_ascii=False, default=str)))
    if not isinstance(value, dict):
        raise Trouble(_("“%(text)s” is no object of JSON.", text=show(cell)))
    return Thing(value)


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < 300 else digits


def as_text(value: Any) -> str:
    """A string, or a number as it is written; anything else is blank."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return ""


def _plain(text: str) -> str:
    """A number without powers of ten."""
    return format(Decimal(text), "f") if POWER.fullmatch(text) else text
