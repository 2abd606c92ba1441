"""Phone numbers as people type them, read into the one form that a gateway takes."""

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

#: Numbers that a text message can reach without somebody earning on it.
_REACHED = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}


def read_phone(typed: str) -> str | None:
    """A number with its country code (`+32 470 12 34 56`, or `0032…`) as E.164; None for others."""
    text = typed.strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    if not text.startswith("+") or len(text) > 40:
        return None
    try:
        number = parse(text, None)
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
