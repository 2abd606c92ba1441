"""JSON as shops' interfaces answer it: read as a stream, told in a sentence when it is broken."""

import json
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.imports.formats.files import Unreadable, look_at, rows
from portal.imports.reading.secrecy import without_secrets

SAME_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "file.json"
    path.write_bytes(content)
    return path


def read(folder: Path, content: bytes) -> list[Any]:
    """Each row: its object, or what is wrong with it."""
    found = list(rows(look_at(saved(folder, content))))
    assert [place for place, _cells, _problem in found] == list(range(1, len(found) + 1))
    return [problem or json.loads(cells[0]) for _place, cells, problem in found]


@pytest.mark.parametrize(
    "content",
    [
        b'[{"id": 1}, {"id": 2}]',
        b'\xef\xbb\xbf \r\n[{"id":1},\n{"id":2}]\n',
        b'{"data": [{"id": 1}, {"id": 2}]}',
        b'{"page": {"of": [3]}, "data": [{"id": 1}], "next": null}\n{"data": {"id": 2}}',
        b'{"id": 1}\n{"id": 2}\n',
        b'[{"id": 1}]\n[{"id": 2}]',
    ],
)
def test_a_list_is_read_however_it_is_wrapped(tmp_path: Path, content: bytes) -> None:
    source = look_at(saved(tmp_path, content))
    assert (source.format, source.header) == ("json", ["id"])
    assert read(tmp_path, content) == [{"id": 1}, {"id": 2}]


def test_one_object_is_a_list_of_one(tmp_path: Path) -> None:
    assert read(tmp_path, b'{"id": 7, "name": "Tea"}') == [{"id": 7, "name": "Tea"}]


def test_a_table_that_begins_with_a_bracket_stays_a_table(tmp_path: Path) -> None:
    source = look_at(saved(tmp_path, b"[Name],[City]\nAna,Ghent\n"))
    assert (source.format, source.header) == ("csv", ["[Name]", "[City]"])


def test_fractions_never_go_through_a_float(tmp_path: Path) -> None:
    content = b'[{"id": 1, "price": 10.10, "sum": 123456789012345.67, "big": 1E400}]'
    assert read(tmp_path, content) == [
        {"id": 1, "price": "10.10", "sum": "123456789012345.67", "big": "1E+400"}
    ]


def test_windows_text_and_characters_beyond_the_first_plane_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, '[{"id":1,"name":"Besançon"}]'.encode("cp1252")) == [
        {"id": 1, "name": "Besançon"}
    ]
    assert read(tmp_path, rb'[{"id":1,"name":"\ud83c\udf75 \ud83c"}]') == [
        {"id": 1, "name": "🍵 ?"}
    ]


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        (b',{"id":', "The file ends too early, on line 1."),
        (b',{"id" 3},{"id":4}]', 'Line 1 can\'t be read from “3},{"id":4}]” on.'),
        (b"] and more", "Line 1 can't be read from “and more” on."),
        (b",]", "Line 1 can't be read from “]” on."),
        (b',\n{"id": NaN}]', 'Line 2 can\'t be read from “{"id": NaN}]” on.'),
        (b"," + b'{"a":' * 2000, "Line 1 is nested too deeply."),
    ],
)
def test_what_stands_before_a_break_is_read_and_the_rest_is_one_row(
    tmp_path: Path, rest: bytes, sentence: str
) -> None:
    found = read(tmp_path, b'[{"id":1},{"id":2}' + rest)
    assert found == [
        {"id": 1},
        {"id": 2},
        f"{sentence} Everything from object 3 on was left out.",
    ]


def test_a_list_cut_off_between_two_objects_is_not_taken_for_whole(tmp_path: Path) -> None:
    assert read(tmp_path, b'{"data": [{"id":1}')[1:] == [
        "The file ends too early, on line 1. Everything from object 2 on was left out."
    ]


def test_what_is_no_object_is_told_by_its_place(tmp_path: Path) -> None:
    assert read(tmp_path, b'["x", {"id":1}, null, [], 4]') == [
        "Object 1 is no object: it has no fields.",
        {"id": 1},
        "Object 3 is no object: it has no fields.",
        "Object 4 is no object: it has no fields.",
        "Object 5 is no object: it has no fields.",
    ]


@pytest.mark.parametrize("nul", [b'"a\\u0000b"', b'"a\0b"'])
def test_a_nul_character_costs_one_object(tmp_path: Path, nul: bytes) -> None:
    found = read(tmp_path, b'[{"id":' + nul + b'}, {"id":"\\\\u0000"}]')
    assert found == ["The object holds a NUL character.", {"id": "\\u0000"}]


def test_bytes_that_are_no_text_cost_one_object(tmp_path: Path) -> None:
    found = read(tmp_path, b'[{"id":"\xff"},' + '{"id":"ééé"}]'.encode())
    assert found == ["The object holds bytes that are no utf-8 text.", {"id": "ééé"}]


def test_the_last_of_two_equal_names_counts(tmp_path: Path) -> None:
    assert read(tmp_path, b'[{"id":1,"id":2}]') == [{"id": 2}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[]", "There is no object in this JSON file, so there is nothing to import."),
        (b'{"data": []}', "There is no object in this JSON file, so there is nothing to import."),
        (b"[1, null]", "There is no object in this JSON file, so there is nothing to import."),
        (b"[{", "This is no JSON that can be read: The file ends too early, on line 1."),
        (
            b'{"order": {"id": 1}}',
            "This JSON holds “order”. Wanted is a list of orders, customers, refunds or products as"
            " the shop's own interface gives them, or one of them, bare or inside “data”.",
        ),
        (
            b'{"code": "rest_forbidden", "message": "Sorry.", "data": {"status": 401}}',
            "The shop answered with an error (401) instead of its data. Ask it again, with a key"
            " that may read.",
        ),
        (b"[" * 5000, "This is no JSON that can be read: Line 1 is nested too deeply."),
    ],
)
def test_what_holds_nothing_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        look_at(saved(tmp_path, content))
    assert refusal.value.sentence == sentence


@pytest.mark.parametrize("part", [b"[],", b"{},", b"1.5,", b'"abc",', b'{"a":[{}]},'])
def test_a_bomb_is_told_and_costs_little_memory(tmp_path: Path, part: bytes) -> None:
    bomb = part * (6_000_000 // len(part))
    path = saved(tmp_path, b'[{"id":1},{"id":[' + bomb + b"1]}]")
    tracemalloc.start()
    found = list(rows(look_at(path)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[1][2] == (
        "The object that begins on line 1 is too big for a single one."
        " Everything from object 2 on was left out."
    )
    assert peak < 100_000_000


def test_a_long_list_is_never_in_memory(tmp_path: Path) -> None:
    one = json.dumps({"id": 1, "text": "x" * 900, "lines": [{"a": "1.00"}] * 5})
    path = saved(tmp_path, ("[" + ",".join([one] * 5_000) + "]").encode())
    positions: list[int] = []
    tracemalloc.start()
    count = sum(1 for _row in rows(look_at(path), positions.append))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, positions[-1]) == (5_000, path.stat().st_size)
    assert peak < 8_000_000


def test_secrets_and_card_numbers_never_leave_the_file(tmp_path: Path) -> None:
    told = {
        "id": 1,
        "password": "hunter2",
        "order_key": "wc_order_abc",
        "payment_url": "https://shop.example/?key=wc_order_abc",
        "cvv": "123",
        "customer_note": "my card is 4111 1111 1111 1111, thanks",
        "gift_cards": [{"code": "SU9F-MGB5", "amount": 4}],
        "meta_data": [
            {"id": 1, "key": "session_tokens", "value": {"abc": {"ip": "::1"}}},
            {"id": 2, "key": "_card_number", "value": 4111111111111111},
            {"id": 3, "key": "colour", "value": "green"},
        ],
    }
    assert read(tmp_path, json.dumps([told]).encode()) == [
        {
            "id": 1,
            "password": "",
            "order_key": "",
            "payment_url": "",
            "cvv": "",
            "customer_note": "my card is •••• 1111, thanks",
            "gift_cards": [{"code": "", "amount": 4}],
            "meta_data": [
                {"id": 1, "key": "session_tokens", "value": ""},
                {"id": 2, "key": "_card_number", "value": "•••• 1111"},
                {"id": 3, "key": "colour", "value": "green"},
            ],
        }
    ]


NAMES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@SAME_FOLDER
@given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), VALUES, min_size=1, max_size=5), min_size=1),
    st.sampled_from([None, 2]),
)
def test_what_python_writes_is_read_back_object_by_object(
    tmp_path: Path, objects: list[dict[str, Any]], indent: int | None
) -> None:
    objects[0]["id"] = 1
    found = read(tmp_path, json.dumps(objects, indent=indent).encode())
    assert found == without_secrets(objects)  # some names by chance are those of secrets


@SAME_FOLDER
@given(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b":", b"1e9", b"\\u0", b"\0", b"tr"]),
        max_size=40,
    ),
)
def test_any_bytes_are_rows_or_a_refusal(tmp_path: Path, noise: bytes, marks: list[bytes]) -> None:
    for content in (b"[" + b"".join(marks), b'[{"id":1},' + noise + b"".join(marks), b"{" + noise):
        try:
            found = list(rows(look_at(saved(tmp_path, content))))
        except Unreadable:
            continue
        assert all(len(cells) >= 1 for _line, cells, _problem in found)


@SAME_FOLDER
@given(st.integers(0, 10**25), st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_numbers_stay_as_they_are_written(tmp_path: Path, whole: int, part: Decimal) -> None:
    content = f'[{{"id": {whole}, "part": {part:f}}}]'.encode()
    (found,) = read(tmp_path, content)
    assert (found["id"], Decimal(found["part"])) == (whole, part)


def test_a_number_of_thousands_of_digits_stays_text(tmp_path: Path) -> None:
    (found,) = read(tmp_path, b'[{"id":' + b"9" * 6000 + b"}]")
    assert found["id"] == "9" * 6000
