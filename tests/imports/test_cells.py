"""One cell at a time: read exactly, or refused in plain words."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.imports.reading.cells import (
    Trouble,
    attributes,
    clean,
    code,
    moment,
    money,
    whole,
    yes,
)
from portal.imports.reading.secrecy import scrubber


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("12.50", 1250), ("12", 1200), ("-3.20", -320), ("1,250.00", 125000), ("12,50", 1250),
        ("1,23,456.78", 12345678), ("1.250,00", 125000), ("'7.00", 700), ('="7.00"', 700),
        ("2.5000", 250), ("1,250", 125000), ("0", 0), ("1.234.567,8", 123456780),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_every_usual_spelling(cell: str, minor: int) -> None:
    assert money(cell, "Total", 2) == minor


def test_an_amount_follows_its_currency() -> None:
    assert money("1200", "Total", 0) == 1200
    assert money("1200.00", "Total", 0) == 1200
    assert money("1.250", "Total", 3) == 1250
    assert money("", "Total", 2) is None


@pytest.mark.parametrize(
    "cell", ["twelve", "12.5.0", "1.005", "12,3456.7", "€12", "1e5", "NaN", "--1", "1_000", "٣"]
)
def test_what_is_no_amount_names_its_column_and_itself(cell: str) -> None:
    with pytest.raises(Trouble, match=f"^“Total” holds “{cell}”, which "):
        money(cell, "Total", 2)


def test_thousands_in_a_file_with_semicolons_are_not_taken_for_decimals() -> None:
    assert money("1.250", "Total", 2, comma=True) == 125000
    assert money("1.250", "Total", 2, comma=False) == 125
    with pytest.raises(Trouble, match="two ways"):
        money("1,250", "Total", 2, comma=True)


def test_guards_of_spreadsheets_go_and_names_keep_their_apostrophe() -> None:
    assert clean("'+32470") == "+32470"
    assert clean('="6585954"') == "6585954"
    assert clean("'s-Hertogenbosch") == "'s-Hertogenbosch"
    assert code("'K2P 1L4") == "K2P 1L4"
    assert clean("null") == ""


@pytest.mark.parametrize(
    ("cell", "utc", "offset"),
    [
        ("2025-10-07 09:50:26 +0200", datetime(2025, 10, 7, 7, 50, 26), 120),
        ("2025-01-15 17:41:00 -0500", datetime(2025, 1, 15, 22, 41), -300),
        ("2025-01-15 17:41:00 +0530", datetime(2025, 1, 15, 12, 11), 330),
        ("2025-01-15T17:41:00Z", datetime(2025, 1, 15, 17, 41), 0),
        ("2026-07-10 18:37:41 UTC", datetime(2026, 7, 10, 18, 37, 41), 0),
        ("2026-07-10 00:18", datetime(2026, 7, 10, 0, 18), 0),
        ("03.04.2024 9:05", datetime(2024, 4, 3, 9, 5), 0),
    ],
)
def test_a_moment_is_kept_as_utc_with_its_offset(cell: str, utc: datetime, offset: int) -> None:
    assert moment(cell, "Created at") == (utc, offset)


def test_a_moment_without_an_offset_is_in_the_shops_zone() -> None:
    found = moment("2024-07-01 12:00", "Created at", ZoneInfo("Europe/Brussels"))
    assert found == (datetime(2024, 7, 1, 10), 120)


def test_slashes_are_read_in_the_order_that_the_file_decided() -> None:
    assert moment("03/04/2024 10:00", "Paid at", UTC, True) == (datetime(2024, 4, 3, 10), 0)
    assert moment("03/04/2024 10:00", "Paid at", UTC, False) == (datetime(2024, 3, 4, 10), 0)
    with pytest.raises(Trouble, match="“Paid at” holds “03/04/2024”, which is not a date"):
        moment("03/04/2024", "Paid at", UTC, None)


def test_counts_and_flags_are_read_or_refused() -> None:
    assert whole("3", "Lineitem quantity") == 3
    assert whole("3.0", "Lineitem quantity") == 3
    assert yes("TRUE", "x") is True
    assert yes("no", "x") is False
    assert yes("", "x") is None
    with pytest.raises(Trouble, match="Mini Handle Shovel"):
        whole("Mini Handle Shovel", "Lineitem quantity")
    with pytest.raises(Trouble, match="neither yes nor no"):
        yes("perhaps", "Accepts Marketing")


def test_note_attributes_are_lines_of_key_and_value() -> None:
    cell = "Tracking number: 3S123456\r\nGift: yes: please\nloose words"
    assert attributes(cell) == {"Tracking number": "3S123456", "Gift": "yes: please"}


def test_secrets_never_leave_the_row() -> None:
    header = ["Email", "user_pass", "session_tokens", "Card Number", "Notes", "Passport name"]
    scrub = scrubber(header)
    assert scrub is not None
    note = "call me\nmy card 4111 1111 1111 1111\nTracking number: 4111111111111111"
    row = ["a@example.com", "$P$Bhash", "a:1:{}", "5500000000000004", note, "Ana"]
    assert scrub(row) == [
        "a@example.com", "", "", "•••• 0004",
        "call me\nmy card •••• 1111\nTracking number: 4111111111111111", "Ana",
    ]  # fmt: skip


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.sampled_from([0, 2, 3]))
def test_every_amount_that_is_written_plainly_is_read_back(minor: int, digits: int) -> None:
    sign, whole = ("-", -minor) if minor < 0 else ("", minor)
    text = str(whole).rjust(digits + 1, "0")
    cell = f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"
    assert money(cell, "Total", digits) == minor


@settings(deadline=None)
@given(st.text(max_size=40), st.booleans())
@example("9" * 40, False)
@example("0001-01-01 00:00:00 +2359", True)
@example("31/02/2024", True)
def test_any_text_is_read_or_refused_in_words(text: str, flag: bool) -> None:
    for read in (
        lambda: money(text, "Total", 2, flag),
        lambda: moment(text, "Created at", UTC, flag),
        lambda: whole(text, "Lineitem quantity"),
        lambda: yes(text, "Taxable"),
    ):
        with suppress(Trouble):
            read()
