"""What a scanner or a person typed, read as a member number; a wrong one is told from none."""

import re

from portal.lib.tokens import ALPHABET, check_character, plain_code

_KIND = re.compile(r"^\s*\][A-Za-z][0-9]")  # some scanners say first what kind of code they read
_FORM = re.compile(r"[A-Z0-9]{4}([-‐‑–— ]?)[A-Z0-9]{4}\1[A-Z0-9]", re.IGNORECASE)


def number_in(text: str) -> str | None:
    """The member number that a text is, as it is written on the card; None when it is none.

    Blanks, line ends, hyphens and case do not count, nor does what scanners put before a code.
    """
    plain = plain_code(_KIND.sub("", text))
    return _written(plain) if len(plain) == 9 and _checks(plain) else None


def is_slip(text: str) -> bool:
    """Whether a text has the form of a member number whose last character does not fit."""
    typed = _KIND.sub("", text).strip()
    found = _FORM.fullmatch(typed)
    if found is None or number_in(typed) or not re.search("[A-Za-z]", typed):
        return False
    return bool(found[1] or re.search("[0-9]", typed))  # nine letters alone may be a name


def meant(text: str) -> list[str]:
    """The numbers that one wrong character, or two in the wrong order, may have made of it."""
    plain = plain_code(_KIND.sub("", text))
    if len(plain) != 9:
        return []
    changed = {
        plain[:place] + character + plain[place + 1 :]
        for place in range(9)
        for character in ALPHABET
    }
    swapped = {
        plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :] for place in range(8)
    }
    return sorted(_written(one) for one in changed | swapped if _checks(one))


def _checks(plain: str) -> bool:
    return set(plain) <= set(ALPHABET) and check_character(plain[:8]) == plain[8]


def _written(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:8]}-{plain[8]}"
