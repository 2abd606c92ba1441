"""Files of every kind, broken in every usual way: what people really send, and what nobody should.

`broken(kind, reader)` yields the name of the break, the file's bytes and its ending. The values are
plausible by the names of the columns, so that some rows come in where the break lets them.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from openpyxl import Workbook

from portal.imports.readers import Reader, formats

ROWS = 6
HOSTILE = (
    "=HYPERLINK(\"http://x\",\"y\")", "+1+1", "@SUM(A1)", "-1", "\u202eevil", "a" * 5000, "NaN",
    "1e999", "-99999999999999999999", "9999-99-99", "0000-00-00 00:00:00", "<script>", "'; DROP",
    "\ufeff", "\u2028", "१२३", "12.345.678,90", "£1", "null", "  ",
)  # fmt: skip


def header(reader: Reader) -> list[str]:
    """Columns that the reader needs, by their first names."""
    names = [names[0] for names in reader.REQUIRED]
    return [*dict.fromkeys(names), "Something of its own"]


def value(name: str, row: int) -> str:
    """A cell that could stand under that name."""
    folded = name.casefold()
    if "mail" in folded:
        return f"person{row}@example.com"
    if any(
        part in folded for part in ("date", " at", "created", "registered", "active", "sign up")
    ):
        return f"2025-03-{row + 1:02} 10:00:00"
    if "currency" in folded:
        return "EUR"
    amounts = ("amount", "total", "price", "gross", "net", "fee", "spend", "available")
    if any(part in folded for part in amounts):
        return f"{row + 1}.50"
    return f"{1000 + row}"


def table(reader: Reader) -> list[list[str]]:
    """A header and rows that nothing is wrong with as far as a stranger can tell."""
    names = header(reader)
    return [names, *([value(name, row) for name in names] for row in range(ROWS))]


def as_csv(rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding, "replace")


def as_xlsx(rows: list[list[str]]) -> bytes:
    """Rows as a workbook."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append([cell if cell.isprintable() else "?" for cell in row])
    book.save(file)
    return file.getvalue()


def as_json(rows: list[list[str]]) -> bytes:
    """Rows as a list of objects."""
    names, *others = rows
    return json.dumps([dict(zip(names, row, strict=True)) for row in others]).encode()


def broken(reader: Reader) -> Iterator[tuple[str, bytes, str]]:
    """Every break that can be made of the formats in which this kind comes."""
    known = formats(reader)
    if "csv" in known:
        yield from ((name, content, "csv") for name, content in _tables(table(reader)))
    if "xlsx" in known:
        yield from ((name, content, "xlsx") for name, content in _workbooks(table(reader)))
    if "json" in known:
        yield from ((name, content, "json") for name, content in _lists(table(reader)))


def _tables(rows: list[list[str]]) -> Iterator[tuple[str, bytes]]:
    names, *others = rows
    plain = as_csv(rows)
    yield "as it should be", plain
    yield "nothing", b""
    yield "one blank line", b"\n"
    yield "header only", as_csv([names])
    yield "header twice", as_csv([names, names, *others])
    yield "a column twice", as_csv([[*names[:-1], names[0]], *others])
    yield "cells missing", as_csv([names, *(row[: len(row) // 2] for row in others)])
    yield "cells too many", as_csv([names, *([*row, "more", "and more"] for row in others)])
    yield "BOM", b"\xef\xbb\xbf" + plain
    yield (
        "cp1252",
        as_csv([names, *(["Pérez – Groß" for _cell in row] for row in others)], encoding="cp1252"),
    )
    yield "broken UTF-8", plain.replace(b"1000", b"\xc3\x28\xff")
    yield "UTF-16", plain.decode().encode("utf-16")
    yield "semicolons", as_csv(rows, ";")
    yield "tabs", as_csv(rows, "\t")
    yield "old Mac", plain.replace(b"\r\n", b"\r")
    yield "NUL", plain.replace(b"1002", b"10\x0002")
    yield "NUL in the header", b"\0" + plain
    yield "an open quotation mark", plain + b'"never closed,\n' * 3
    yield "cut in the middle", plain[: len(plain) * 2 // 3]
    yield "a long cell", as_csv([names, *([cell * 50_000 for cell in row] for row in others[:1])])
    yield "formulas and worse", as_csv([names, *_hostile(names)])
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    yield "a web page", b"<!doctype html><html><body>Please sign in</body></html>\n"


def _hostile(names: list[str]) -> list[list[str]]:
    """Every hostile value under every column, the others as they should be."""
    rows = []
    for place in range(len(names)):
        for number, bad in enumerate(HOSTILE):
            row = [value(name, number) for name in names]
            row[place] = bad
            rows.append(row)
    return rows


def _workbooks(rows: list[list[str]]) -> Iterator[tuple[str, bytes]]:
    names = rows[0]
    plain = as_xlsx(rows)
    yield "as it should be", plain
    yield "header only", as_xlsx([names])
    yield "formulas and worse", as_xlsx([names, *_hostile(names)[: 2 * len(HOSTILE)]])
    yield "cut in the middle", plain[: len(plain) // 2]
    yield "no sheet", _changed(plain, lambda name, text: None if "sheet1" in name else text)
    yield (
        "a broken sheet",
        _changed(plain, lambda name, text: text[: len(text) // 2] if "sheet1" in name else text),
    )
    yield "entities", _changed(plain, _entities)
    if "Gateway" in names:  # one kind is enough: it takes seconds, and no reader sees it
        yield (
            "a bomb",
            _changed(
                plain, lambda name, text: text + b" " * 300_000_000 if "sheet1" in name else text
            ),
        )


def _entities(name: str, text: bytes) -> bytes:
    if "sheet1" not in name:
        return text
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    return bomb + text.replace(b"1000", b"&b;")


def _changed(book: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """A workbook with its parts changed, or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            text = change(name, old.read(name))
            if text is not None:
                new.writestr(name, text)
    return file.getvalue()


def _lists(rows: list[list[str]]) -> Iterator[tuple[str, bytes]]:
    plain = as_json(rows)
    objects: list[dict[str, Any]] = json.loads(plain)
    first = objects[0]
    yield "as it should be", plain
    yield "an empty list", b"[]"
    yield "null", b"null"
    yield "a number", b"42"
    yield "wrapped", b'{"data": ' + plain + b"}"
    yield "BOM", b"\xef\xbb\xbf" + plain
    yield "cut in the middle", plain[: len(plain) * 2 // 3]
    yield "a comma too many", plain.replace(b"}, {", b"},, {", 1)
    yield "broken UTF-8", plain.replace(b"1000", b"\xc3\x28\xff")
    yield "NUL", plain.replace(b"1002", b"10\\u000002")
    yield "half a surrogate", plain.replace(b"1002", b"\\ud800")
    yield "deep", b'[{"id": ' + b"[" * 20_000 + b"]" * 20_000 + b"}]"
    yield "one thing of each sort", json.dumps([first, 1, None, "x", [], {}, True]).encode()
    for bad in (None, True, [], {}, 1e300, -1, "", "x" * 5000, [None], {"id": {}}):
        wrong = [first | {name: bad} for name in first]
        yield f"{json.dumps(bad)[:12]} everywhere", json.dumps([first, *wrong]).encode()
    yield "NaN", plain.replace(b'"1000"', b"NaN")
    yield "a huge number", plain.replace(b'"1000"', b"9" * 5000)
