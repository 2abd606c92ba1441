"""Files as people really have them."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.imports.formats.files import Unreadable, fold, look_at, rows
from portal.imports.reading.dayorder import day_first


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def test_a_column_is_known_by_every_spelling() -> None:
    assert fold("Lineitem compare-at price") == fold("LINEITEM  Compare at Price")
    assert fold("\ufeffName") == "name"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Name,City\n#1,Besançon\n".encode(), "utf-8"),
        (b"\xef\xbb\xbf" + "Name,City\n#1,Besançon\n".encode(), "utf-8-sig"),
        ("Name;City\r\n#1;Besançon\r\n".encode("cp1252"), "cp1252"),
        ("Name\tCity\n#1\tBesançon".encode(), "utf-8"),
        ("sep=;\r\nName;City\r\n#1;Besançon\r\n".encode(), "utf-8"),
    ],
)
def test_encodings_and_delimiters_are_found_out(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    source = look_at(saved(tmp_path, content))
    assert source.encoding == encoding
    assert source.columns == ["name", "city"]
    assert [cells for _line, cells, _problem in rows(source)] == [["#1", "Besançon"]]


def test_a_record_stands_at_its_first_physical_line(tmp_path: Path) -> None:
    content = b'Name,Notes\r\n#1,"two\r\nlines"\r\n\r\n#2,plain\r\n'
    found = list(rows(look_at(saved(tmp_path, content))))
    assert found == [(2, ["#1", "two\r\nlines"], None), (5, ["#2", "plain"], None)]


def test_short_rows_are_filled_and_long_ones_are_told(tmp_path: Path) -> None:
    content = b"Name,City,Zip\n#1\n#2,Ghent,9000,,\n#3,Ghent,9000,more\n"
    found = list(rows(look_at(saved(tmp_path, content))))
    assert found == [
        (2, ["#1", "", ""], None),
        (3, ["#2", "Ghent", "9000"], None),
        (
            4,
            ["#3", "Ghent", "9000", "more"],
            "The row has 4 cells where the header names 3 columns.",
        ),
    ]


def test_a_quotation_mark_that_never_closes_costs_one_line(tmp_path: Path) -> None:
    content = b'Name,City\n#1,"Ghent\n#2,Aalst\n#3,Bruges\n'
    found = list(rows(look_at(saved(tmp_path, content))))
    assert [(line, problem) for line, _cells, problem in found] == [
        (2, "A quotation mark opens on this line and is never closed."),
        (3, None),
        (4, None),
    ]


def test_a_stray_quotation_mark_inside_a_line_is_no_trouble(tmp_path: Path) -> None:
    content = b'Name,City\n#1,"Ghent" old town\n#2,5" pot\n'
    found = list(rows(look_at(saved(tmp_path, content))))
    assert [cells for _line, cells, _problem in found] == [
        ["#1", "Ghent old town"],
        ["#2", '5" pot'],
    ]


def test_nul_bytes_and_broken_text_are_told_by_column(tmp_path: Path) -> None:
    content = (
        "Name,City\n#1,Gh\0ent\n#2,Besançon\n".encode() + b"#3,Gh\xffent\n" + "#4,ééé\n".encode()
    )
    found = list(rows(look_at(saved(tmp_path, content))))
    assert [problem for _line, _cells, problem in found] == [
        "“City” holds a NUL byte.", None, "“City” holds bytes that are no utf-8 text.", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The first line holds no column names."),
        (b"Na\0me,City\n", "The first line holds a NUL byte; this is no CSV file."),
        (b"Name,,City\n", "Column 2 has no name."),
        (b"Name,City,name\n", "The column “name” is there twice."),
        (
            b"PK\x03\x04zip",
            "This workbook or ZIP file is damaged, perhaps because it did not arrive whole."
            " Fetch or save it again, and bring in the new one.",
        ),
        (b"\xff\xfeN\0a\0", "This is a UTF-16 file. Save it as CSV UTF-8 first."),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        look_at(saved(tmp_path, content))
    assert refusal.value.sentence == sentence


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        look_at(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["03/04/2024", "13/04/2024"], True),
        (["03/04/2024", "04/13/2024"], False),
        (["05/05/2024"], True),
        (["2024-04-03 10:00:00 +0000"], None),
        (["03.04.2024"], None),
    ],
)
def test_the_whole_file_decides_what_comes_first_in_a_date(
    tmp_path: Path, dates: list[str], first: bool | None
) -> None:
    source = look_at(saved(tmp_path, ("Created at\n" + "\n".join(dates)).encode()))
    assert day_first(source, ("createdat",)) is first


@pytest.mark.parametrize("dates", ["03/04/2024", "13/04/2024\n04/13/2024"])
def test_dates_that_stay_unclear_are_refused(tmp_path: Path, dates: str) -> None:
    source = look_at(saved(tmp_path, f"Created at\n{dates}\n".encode()))
    with pytest.raises(Unreadable, match="dates like 2024-04-03"):
        day_first(source, ("createdat",))


SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3).filter(any), max_size=8),
    st.sampled_from([",", ";"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_python_writes_is_read_back_cell_by_cell(
    tmp_path: Path, table: list[list[str]], delimiter: str, ending: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([["Name", "Email", "City"], *table])
    source = look_at(saved(tmp_path, text.getvalue().encode()))
    assert [cells for _line, cells, _problem in rows(source)] == table


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.binary(max_size=300), st.lists(st.sampled_from([b'"', b"\n", b",", b"\r", b"x", b"\0"])))
def test_any_bytes_are_rows_or_a_refusal(tmp_path: Path, noise: bytes, marks: list[bytes]) -> None:
    path = saved(tmp_path, b"Name,Email\n" + noise + b"\n" + b"".join(marks))
    try:
        found = list(rows(look_at(path)))
    except Unreadable:
        return
    lines = [line for line, _cells, _problem in found]
    assert lines == sorted(set(lines))
    assert all(len(cells) == 2 or problem for _line, cells, problem in found)
