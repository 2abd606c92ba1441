"""What never comes in, whatever file it stands in: password hashes, tokens, full card numbers."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

SECRET = re.compile(
    r"pass(?!port)(?:w|hash|word|$)|userpass|sessiontoken|orderkey|cvv|cvc|secret|salt$", re.ASCII
)
CARDS = re.compile(r"card|^pan$|iban", re.ASCII)
FREE = re.compile(r"note|comment|paymentref|attribute|tags|description|memo", re.ASCII)
#: In JSON as well: keys that open an order, or a shop, to whoever has them.
KEYS = re.compile(r"token|^orderkey$|^giftcardcode$|paymenturl$|nonce|consumerkey|apikey", re.ASCII)
CARD = re.compile(r"(?<![0-9])[3-6](?:[ -]?[0-9]){12,18}(?![0-9])")
LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){13}")


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _masked(found: re.Match[str], surely: bool) -> str:
    digits = re.sub(r"[^0-9]", "", found[0])
    return "•••• " + digits[-4:] if surely or _luhn(digits) else found[0]


def without_cards(cell: str, surely: bool = False) -> str:
    """A cell in which a full card number keeps its last four digits only.

    `surely`: the column is one for cards, so the check digit is not asked.
    """
    return CARD.sub(lambda found: _masked(found, surely), cell)


def scrubber(header: list[str]) -> Callable[[list[str]], list[str]] | None:
    """A function that takes secrets out of a row before anything is kept, or None if none can be.

    Password hashes, session tokens, keys of orders and card codes become blank in whatever file
    they stand; card columns and free text lose full card numbers.
    """
    blank, cards, notes = [], [], []
    for place, name in enumerate(header):
        bare = re.sub(r"[^a-z0-9]", "", name.casefold())
        if SECRET.search(bare):
            blank.append(place)
        elif CARDS.search(bare):
            cards.append(place)
        elif FREE.search(bare):
            notes.append(place)
    if not blank and not cards and not notes:
        return None

    def scrub(cells: list[str]) -> list[str]:
        for place in blank:
            cells[place] = ""
        for place in cards:
            if len(cells[place]) > 11:
                cells[place] = without_cards(cells[place], surely=True)
        for place in notes:
            if len(cells[place]) > 12 and LONG_NUMBER.search(cells[place]):
                cells[place] = _without_cards_by_line(cells[place])
        return cells

    return scrub


def _without_cards_by_line(cell: str) -> str:
    """Free text; lines about tracking are left alone, since their numbers look alike."""
    lines = [
        line if len(line) < 13 or "track" in line.casefold() else without_cards(line)
        for line in cell.split("\n")
    ]
    return "\n".join(lines)


def without_secrets(value: Any, name: str = "") -> Any:
    """A value of JSON, in place, without what never comes in; a meta field goes by its own key."""
    rule = _rule(name)
    if rule is SECRET:
        return ""
    if isinstance(value, dict):
        key = value.get("key")
        for inner, part in value.items():
            named = key if isinstance(key, str) and inner in ("value", "display_value") else inner
            named = f"gift_card_{inner}" if name == "gift_cards" else named
            value[inner] = without_secrets(part, named)
        return value
    if isinstance(value, list):
        return [without_secrets(part, name) for part in value]
    if rule is None or value is None or isinstance(value, bool):
        return value
    text = str(value)
    if len(text) < 12 or (rule is FREE and not LONG_NUMBER.search(text)):
        return value
    return without_cards(text, surely=True) if rule is CARDS else _without_cards_by_line(text)


@lru_cache(maxsize=4096)
def _rule(name: str) -> re.Pattern[str] | None:
    bare = re.sub(r"[^a-z0-9]", "", name[:200].casefold())
    if SECRET.search(bare) or KEYS.search(bare):
        return SECRET
    return CARDS if CARDS.search(bare) else FREE if FREE.search(bare) else None
