"""What is said of a password: common ones are refused however they are dressed, long ones taken."""

import time

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.factors.strength import as_kept, judge

TOP = FREQUENCY_LISTS["passwords"][:3000]


@pytest.mark.parametrize("typed", ["", "short", "1234567", "ninechars"])
def test_less_than_ten_characters_are_too_few(typed: str) -> None:
    assert not judge(typed).fits


def test_the_missing_characters_are_counted() -> None:
    assert judge("kettle").sentence == "4 more characters."
    assert judge("kettlefer").sentence == "One more character."


def test_at_most_256_characters() -> None:
    phrase = "zebra tulip ladder cobalt " * 10
    assert judge(phrase[:257]).sentence == "Use at most 256 characters."


def test_no_common_password_becomes_good_by_a_tail_capitals_or_saying_it_twice() -> None:
    passed = [
        dressed
        for word in TOP[::30]
        for dressed in (
            f"{word.capitalize()}2026!",
            f"{word}1234567890",
            word * 4,
            f"!!!!!!!!{word}",
        )
        if judge(dressed).fits
    ]
    assert passed == []


@pytest.mark.parametrize(
    "typed",
    [
        "password123", "P4ssw0rd!!", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "abcabcabcabc",
        "Password2026!", "iloveyou!!", "a" * 256, "1q2w3e4r5t6y", "19.11.1984!!",
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused_with_a_sentence(typed: str) -> None:
    verdict = judge(typed)
    assert (verdict.fits, verdict.sentence.endswith(".")) == (False, True)


@pytest.mark.parametrize(
    "typed",
    [
        "zebra tulip ladder cobalt",  # words and blanks
        "всадник чайник ладья туман",  # another script
        "🫖🦓🌷🪜🧊🎷🪁🧵🫧🪴🧭🎈🪵🥁🧦",  # signs
        "x7#qLm2!vTz9",
        "  leading blanks ladder cobalt ",
        "ladder-cobalt-" + "zebra tulip " * 20,
    ],
)
def test_any_characters_will_do(typed: str) -> None:
    assert judge(typed).fits


def test_what_everybody_knows_of_somebody_is_no_password() -> None:
    about = ["Alice Janssens", "alice.janssens@example.com", "Fern & Kettle"]
    assert judge("fernkettle", about).fits is False
    assert judge("alicejanssens", about).fits is False
    assert judge("Janssens1984", about).fits is False


def test_advice_is_in_our_words() -> None:
    assert judge("hgfdsaqwer").advice == "Patterns of keys are among the first guesses."


def test_the_same_letters_composed_otherwise_are_the_same_password() -> None:
    assert as_kept("cafe\N{COMBINING ACUTE ACCENT}") == as_kept("café")
    assert as_kept(" Two  Blanks ") == " Two  Blanks "


@pytest.mark.parametrize(
    "typed", ["\ud7ff" * 200, "a\0" * 100, "\N{RIGHT-TO-LEFT MARK}" * 50, "P4ssw0rd!" * 28]
)
def test_odd_passwords_are_judged_soon(typed: str) -> None:
    began = time.monotonic()
    judge(typed)
    assert time.monotonic() - began < 3
