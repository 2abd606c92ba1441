"""How good a password is, in words: how long it is, whether it is on a list, how soon guessed."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from portal.lib.text import _, ngettext

SHORTEST, LONGEST = 10, 256
ENOUGH = 3  # of zxcvbn's 0 to 4: more than a hundred million guesses
_READ = 72  # zxcvbn takes no more, and the rest makes nothing weaker
_SWAPS = str.maketrans("@4831!0$57", "aabeiiosst")
_WARNINGS = {
    "Straight rows of keys are easy to guess.": _("Rows of keys are among the first guesses."),
    "Short keyboard patterns are easy to guess.": _(
        "Patterns of keys are among the first guesses."
    ),
    'Repeats like "aaa" are easy to guess.': _("Repeating one character adds next to nothing."),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': _(
        "Repeating a piece adds next to nothing."
    ),
    'Sequences like "abc" or "6543" are easy to guess.': _(
        "Runs such as “abc” or “6543” are soon tried."
    ),
    "Recent years are easy to guess.": _("Years of our time are soon tried."),
    "Dates are often easy to guess.": _("Dates are soon tried."),
    "This is similar to a commonly used password.": _("It is much like one that many people use."),
    "A word by itself is easy to guess.": _("One word alone is soon tried."),
    "Names and surnames by themselves are easy to guess.": _("A name alone is soon tried."),
    "Common names and surnames are easy to guess.": _("Names are soon tried."),
}  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What is said of a password: whether it will do, one sentence, and what would be better."""

    fits: bool
    sentence: str
    advice: str = ""
    score: int = 0


def as_kept(typed: str) -> str:
    """A password as typed; only letters that keyboards compose differently are made one."""
    return unicodedata.normalize("NFC", typed)


def judge(password: str, about: Iterable[str] = ()) -> Judgement:
    """Judge a password of a person whom the words `about` describe (name, address, shop)."""
    missing = SHORTEST - len(password)
    if missing > 0:
        return Judgement(
            False,
            ngettext("One more character.", "%(count)s more characters.", missing)
            if password
            else _("Use at least %(count)s characters.", count=SHORTEST),
            _("Three or four words that have nothing to do with each other are easy to keep."),
        )
    if len(password) > LONGEST:
        return Judgement(False, _("Use at most %(count)s characters.", count=LONGEST))
    if _listed(password):
        return Judgement(
            False,
            _("This one, or one like it, stands on the lists that are tried first."),
            _("Choose another. A number or a sign at the end does not help."),
        )
    words = {part.casefold() for text in about for part in re.split(r"\W+", text) if len(part) > 2}
    if _known(password, words):
        return Judgement(
            False,
            _("It is made of your name, your address or the shop’s."),
            _("Choose other words."),
        )
    return _guessed(password, words)


def _guessed(password: str, words: set[str]) -> Judgement:
    from zxcvbn import zxcvbn  # its word lists take 13 MB: only where passwords are chosen

    read = zxcvbn(password[:_READ], user_inputs=sorted(words))
    score = read["score"]
    warning = _WARNINGS.get(read["feedback"]["warning"], "")
    if score < ENOUGH:
        return Judgement(
            False,
            _("A program would guess this one."),
            warning or _("Another word or two would do; uncommon ones are better."),
            score,
        )
    return Judgement(True, _("Strong.") if score == ENOUGH else _("Very strong."), "", score)


def _known(password: str, words: set[str]) -> bool:
    """Whether next to nothing is left of it without the words that describe the person."""
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, " ")
    return len(re.sub(r"[\W_]", "", left)) <= 4 and left != password.casefold()


def _listed(password: str) -> bool:
    """Whether it is a common one, also with other capitals, signs round it, or said twice."""
    folded = password.casefold()
    common = _common()
    for text in (folded, folded.translate(_SWAPS)):
        bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        without_year = re.sub(r"[\W_]*(19|20)\d\d[\W_]*$", "", text)
        piece = re.fullmatch(r"(.{3,}?)\1+", text)
        if {text, bare, without_year, piece[1] if piece else text} & common:
            return True
    return False


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The thirty thousand passwords that leaked most often."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
