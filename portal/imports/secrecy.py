"""What never comes in, whatever file it stands in: password hashes, tokens, full card numbers."""

import re
from collections.abc import Callable

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

    Password hashes, session tokens and card codes become blank in whatever file they stand;
    card columns and free text lose full card numbers.
    """
    blank, cards, notes = [], [], []
    for place, name in enumerate(header):
        bare = re.sub(r"[^a-z0-9]", "", name.casefold())
        if re.search(
            r"pass(?!port)(?:w|hash|word|$)|userpass|sessiontoken|cvv|cvc|secret|salt$", bare
        ):
            blank.append(place)
        elif re.search(r"card|^pan$|iban", bare):
            cards.append(place)
        elif re.search(r"note|comment|paymentref|attribute|tags|description|memo", bare):
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
