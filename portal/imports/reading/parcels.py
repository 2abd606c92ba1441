"""Tracking numbers, wherever a shop keeps them: in a column of their own or in an order's notes."""

import re

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{5,39}")
NOT_A_NUMBER = ("company", "url", "link", "carrier", "status", "date", "page")


def tracking_numbers(cell: str, attributes: dict[str, str]) -> list[str]:
    """The tracking numbers of one order, each once, in the order in which they stand."""
    texts = [cell] if cell else []
    for key, value in attributes.items():
        named = key.casefold()
        if "track" in named and not any(word in named for word in NOT_A_NUMBER):
            texts.append(value)
    found: dict[str, None] = {}
    for text in texts:
        for part in re.split(r"[,;|\s]+", text):
            number = part.strip("'\"")
            if NUMBER.fullmatch(number) and any(c.isdigit() for c in number):
                found[number] = None
    return list(found)


def carrier(attributes: dict[str, str]) -> str:
    """The carrier that the order's notes name, or blank."""
    for key, value in attributes.items():
        named = key.casefold()
        if "carrier" in named or ("track" in named and "company" in named):
            return value[:60]
    return ""
