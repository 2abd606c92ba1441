"""Phone numbers as people type them, read into the one form that a gateway takes."""

from functools import lru_cache

from babel.core import get_global
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

from portal.lib.dates import zone

#: Numbers that a text message can reach without somebody earning on it.
_REACHED = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}


def read_phone(typed: str) -> str | None:
    """A number as E.164 (`+32 470 12 34 56`, `0032…`), None for what no text message reaches.

    Without its country code it is read as one of the shop's country, where the zone tells that.
    """
    text = typed.strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    home = _country(zone().key)
    if len(text) > 40 or not (text.startswith("+") or home):
        return None
    try:
        number = parse(text, home)
    except NumberParseException:
        return None
    if number.extension or not is_valid_number(number) or number_type(number) not in _REACHED:
        return None
    return format_number(number, PhoneNumberFormat.E164)


def spaced(number: str) -> str:
    """An E.164 number as people read it."""
    try:
        return format_number(parse(number, None), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number


def masked(number: str) -> str:
    """A number of which only its end is shown: `…56`."""
    return f"…{number[-2:]}"


@lru_cache(maxsize=64)
def _country(zone_name: str) -> str | None:
    """The country of a time zone: `Europe/Brussels` is BE, UTC is none."""
    found: str | None = get_global("zone_territories").get(zone_name)
    return found if found and len(found) == 2 and found.isalpha() else None
