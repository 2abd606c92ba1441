"""Workbooks are read like the CSV that somebody would have saved from them."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from exports import counts, customer, line, order
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.imports.formats.files import Unreadable, look_at, rows
from portal.imports.formats.sheet_numbers import number
from portal.imports.run import import_file
from portal.orders.models import Order

Save = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    """`saved(row, row, …)`: a workbook whose first sheet holds them."""

    def save(*table: Any, name: str = "orders.xlsx", **sheets: Any) -> Path:
        book = openpyxl.Workbook()
        for cells in table:
            book.active.append(cells)
        for title, more in sheets.items():
            sheet = book.create_sheet(title)
            for cells in more:
                sheet.append(cells)
        book.save(tmp_path / name)
        return tmp_path / name

    return save


def read(path: Path) -> list[list[str]]:
    return [cells for _line, cells, _problem in rows(look_at(path))]


def repacked(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The workbook with its parts changed; None drops one."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def test_cells_are_what_a_person_sees(saved: Save) -> None:
    path = saved(
        ("Name", "Created at", "Day", "Total", "Count", "Sent", "Note", "Hour"),
        ("#1001", datetime(2025, 3, 1, 9, 58, 12), date(2025, 3, 1), 24.489999999999998, 2.0, True,
         "two\nlines", time(9, 5)),
        (None, None, None, -0.1, 10**14, False, "  spaces ", None),
    )  # fmt: skip
    assert read(path) == [
        ["#1001", "2025-03-01 09:58:12", "2025-03-01", "24.49", "2", "true", "two\nlines",
         "09:05:00"],
        ["", "", "", "-0.1", "100000000000000", "false", "  spaces ", ""],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("12", "12"), ("12.0", "12"), ("0.30000000000000004", "0.3"), ("1E3", "1000"),
        ("-0.0", "0"), ("1e-7", "0.0000001"), ("5700000000000", "5700000000000"),
        ("1234567890123456", "1.23456789012346E+15"), ("1.2345678901234501E+18",
                                                       "1.23456789012345E+18"),
    ],
)  # fmt: skip
def test_numbers_lose_the_noise_and_nothing_else(raw: str, seen: str) -> None:
    assert number(raw) == seen


def test_an_id_that_excel_rounded_is_refused(saved: Save, app: Flask) -> None:
    cells = customer() | {"Customer ID": 1234567890123456}
    result = import_file(saved(list(cells), list(cells.values())))
    assert result.quarantined == [
        (2, "“Customer ID” holds “1.23456789012346E+15”, which a spreadsheet has rounded.")
    ]


def test_rows_keep_their_numbers_and_blank_ones_are_none(saved: Save) -> None:
    path = saved(("Name", "City"), ("#1", "Ghent"), (), (None, ""), ("#2", None))
    assert list(rows(look_at(path))) == [(2, ["#1", "Ghent"], None), (5, ["#2", ""], None)]


def test_a_title_above_and_a_margin_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for place, text in {"B1": "Orders of March", "B3": "Name", "C3": "City", "B4": "#1",
                        "C4": "Ghent"}.items():  # fmt: skip
        book.active[place] = text
    book.save(tmp_path / "margin.xlsx")
    source = look_at(tmp_path / "margin.xlsx")
    assert (source.header, list(rows(source))) == (["Name", "City"], [(4, ["#1", "Ghent"], None)])


def test_merged_cells_stand_in_their_first_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (("Name", "SKU"), ("#1", "A"), (None, "B")):
        book.active.append(cells)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "merged.xlsx")
    assert read(tmp_path / "merged.xlsx") == [["#1", "A"], ["", "B"]]


def test_errors_and_formulas_without_a_result_are_told(saved: Save) -> None:
    path = saved(("Name", "Total"), ("#1", "#REF!"), ("#2", "=1+1"), ("#3", "4"))
    assert [problem for _line, _cells, problem in rows(look_at(path))] == [
        "“Total” holds the error #REF!.",
        "“Total” holds a formula without its result. Open the file in a spreadsheet program,"
        " save it, and bring it in again.",
        None,
    ]


def test_the_result_of_a_formula_is_read(saved: Save) -> None:
    def with_result(name: str, content: bytes) -> bytes:
        return content.replace(b"<v></v>", b"<v>24.5</v>").replace(b"<v />", b"<v>24.5</v>")

    path = repacked(saved(("Name", "Total"), ("#1", "=20+4.5")), with_result)
    assert read(path) == [["#1", "24.5"]]


def test_a_value_outside_the_columns_is_told(saved: Save) -> None:
    path = saved(("Name", "Total"), ("#1", "1", None, "stray"))
    assert [problem for _line, _cells, problem in rows(look_at(path))] == [
        "Column D has no name, but “stray” stands in it."
    ]


def test_the_first_sheet_with_a_header_is_read_and_named(saved: Save, app: Flask) -> None:
    cells = order("1001")
    path = saved(Orders=[list(cells), list(cells.values())], More=[("a", "b")])
    result = import_file(path)
    assert (result.kind, result.sheet) == ("shopify-orders", "Orders")
    assert result.as_json()["sheet"] == "Orders"
    assert counts(result, "created")["orders"] == 1


def test_hidden_sheets_come_last(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(("Lists", "of", "choices"))
    book.active.sheet_state = "hidden"
    book.create_sheet("Orders").append(("Name", "Total"))
    book.save(tmp_path / "hidden.xlsx")
    assert look_at(tmp_path / "hidden.xlsx").header == ["Name", "Total"]


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(("Name", "Created at"))
    book.active.append(("#1", datetime(2025, 3, 1, 10, 0)))
    book.save(tmp_path / "mac.xlsx")
    assert read(tmp_path / "mac.xlsx") == [["#1", "2025-03-01 10:00:00"]]


def test_the_same_orders_from_a_workbook_and_from_csv_are_the_same(
    saved: Save, bring: Callable[..., Any]
) -> None:
    table = [order("1001"), line("1001", lineitem_sku="TEA-2"), order("1002")]
    first = import_file(saved(list(table[0]), *[list(row.values()) for row in table]))
    assert counts(first, "created") == {
        "members": 1, "orders": 2, "lines": 3, "payments": 2, "products": 2,
    }  # fmt: skip
    again = import_file(first.file)
    assert (counts(again, "created"), counts(again, "updated")) == ({}, {})
    csv = bring(*table)
    assert (counts(csv, "created"), counts(csv, "updated")) == ({}, {})
    assert Order.select().count() == 2


def test_amounts_and_dates_may_be_real_ones(saved: Save, app: Flask) -> None:
    cells: dict[str, Any] = order("1001") | {
        "Total": 24.5, "Lineitem price": 10, "Shipping": 4.5, "Lineitem quantity": 2,
        "Created at": datetime(2025, 3, 1, 9, 58, 12), "Id": 4500000000001,
    }  # fmt: skip
    assert import_file(saved(list(cells), list(cells.values()))).exit_code == 0
    found = Order.get()
    assert (found.total, found.external_id) == (2450, "4500000000001")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=sentence):
        look_at(path)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument"),
        ({"Index/Document.iwa": b""}, "Numbers"),
        ({"xl/workbook.bin": b""}, "xlsb"),
        ({"orders.csv": b"Name,Total"}, "Unpack it"),
    ],
)
def test_archives_of_other_kinds_are_named(
    tmp_path: Path, names: dict[str, bytes], sentence: str
) -> None:
    path = tmp_path / "file.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    with pytest.raises(Unreadable, match=sentence):
        look_at(path)


def test_a_sheet_that_unpacks_a_thousandfold_is_refused(saved: Save) -> None:
    def blown_up(name: str, content: bytes) -> bytes:
        return content + b" " * 60_000_000 if name.endswith("sheet1.xml") else content

    with pytest.raises(Unreadable, match="unpack into more"):
        look_at(repacked(saved(("Name", "Total")), blown_up))


def test_a_part_that_says_it_is_small_yields_no_more_than_it_says(saved: Save) -> None:
    path = repacked(saved(("Name", "Total"), *[("#1", "x" * 400)] * 400), lambda _n, c: c)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = content.replace(struct.pack("<I", real), struct.pack("<I", 300))
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="damaged"):
        look_at(path)


def test_entities_are_refused(saved: Save) -> None:
    def laughs(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        return content.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)

    with pytest.raises(Unreadable, match="damaged"):
        look_at(repacked(saved(("Name", "Total")), laughs))


def test_a_row_that_reaches_to_the_last_column_costs_nothing(saved: Save) -> None:
    def wide(name: str, content: bytes) -> bytes:
        far = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n)
                       for n in range(2, 5_000))  # fmt: skip
        return content.replace(b"</sheetData>", far + b"</sheetData>")

    found = list(rows(look_at(repacked(saved(("Name", "Total")), wide))))
    assert (len(found), found[0][1]) == (4_998, ["", ""])


def test_a_sheet_that_breaks_off_keeps_the_orders_that_are_whole(saved: Save, app: Flask) -> None:
    table = [list(order(number).values()) for number in ("1001", "1002", "1003")]
    whole = saved(list(order("1001")), *table)

    def cut(name: str, content: bytes) -> bytes:
        return content[: content.rindex(b"<row")] if name.endswith("sheet1.xml") else content

    result = import_file(repacked(whole, cut))
    # Nobody knows whether the last order had further rows.
    assert (result.tally.created["orders"], result.tally.rows) == (1, 3)
    assert result.quarantined == [
        (3, "The order's line 4 can't be read: The sheet is damaged from here on."),
        (4, "The sheet is damaged from here on."),
    ]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(st.data())
def test_no_bytes_whatever_make_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(_sample())
    for _change in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    path = tmp_path / "mutated.xlsx"
    path.write_bytes(content)
    _read_or_refuse(path)


PIECES = [
    b'<row r="0">', b'<c r="A1" t="s"><v>99999</v></c>', b"<v>1e999</v>", b"<v>nan</v>",
    b'<c r="ZZZZ1"><v>1</v></c>', b'<c s="1"><v>-5</v></c>', b'<c s="1"><v>9e9</v></c>',
    b'<c t="s"><v>-1</v></c>', b'<c t="s"><v>x</v></c>', b"</row>", b"<row>", b"\x00", b"\xff",
    b'<c r="1"><v>1</v></c>', b'<c t="b"/>', b'<row r="99999999999999999999">', b"&amp;", b"&lol;",
    b'<c t="inlineStr"><is><t>_xD800_ _x0000_</t></is></c>', b'<c r="A\xc2\xb2"><v>1</v></c>',
    b'<row r="\xc2\xb2">', b"<v>" + b"9" * 5000 + b"</v>", b'numFmtId="x"', b'r:id="rId99"',
]  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.data())
def test_no_xml_whatever_makes_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(PARTS))
    piece = data.draw(st.sampled_from(PIECES))

    def change(name: str, content: bytes) -> bytes | None:
        if name != part:
            return content
        place = data.draw(st.integers(0, len(content)))
        return content[:place] + piece + content[place + data.draw(st.integers(0, 8)) :]

    path = tmp_path / "sample.xlsx"
    path.write_bytes(_sample())
    _read_or_refuse(repacked(path, change))


PARTS = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml",
         "xl/worksheets/sheet1.xml"]  # fmt: skip


def _sample() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(("Name", "Created at", "Total"))
    book.active.append(("#1", datetime(2025, 3, 1), 12.5))
    book.active.append(("#2", datetime(2025, 3, 2), True))
    stream, packed = io.BytesIO(), io.BytesIO()
    book.save(stream)
    # The same bytes every time, or a failure could not be found again.
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            if not name.startswith("docProps"):
                new.writestr(zipfile.ZipInfo(name), old.read(name))
    return packed.getvalue()


def _read_or_refuse(path: Path) -> None:
    try:
        source = look_at(path)
    except Unreadable:
        return
    for _line, cells, _problem in rows(source):
        assert len(cells) == len(source.header)
        "".join(cells).encode()
