"""An export as a stream of text: CSV that no spreadsheet can be tricked with, or a list in JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from portal.imports.exports.columns import GUARDED, SHEETS
from portal.imports.exports.rows import SOURCES, Plain, Rows

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_SLICE = 200  # rows that are written at once


def export(what: str, format: str, shop: str) -> Iterator[str]:
    """The text of an export, piece by piece. `what`: members, orders, lines, payments, points."""
    rows = SOURCES[what](shop)
    return _csv(SHEETS[what], rows) if format == "csv" else _json(SHEETS[what], rows)


def guarded(value: Any) -> Any:
    """A value for a cell of CSV: text that a spreadsheet would calculate gets an apostrophe."""
    if isinstance(value, str) and not isinstance(value, Plain) and value.startswith(GUARDED):
        return f"'{value}"
    return value


def _csv(header: tuple[str, ...], rows: Rows) -> Iterator[str]:
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\r\n")
    table.writerow(header)
    for number, row in enumerate(rows, start=1):
        table.writerow(["" if value is None else guarded(value) for value in row])
        if number % _SLICE == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()


def _json(header: tuple[str, ...], rows: Rows) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    yield "["
    between = "\n"
    for row in rows:
        yield between + encode(dict(zip(header, row, strict=True)))
        between = ",\n"
    yield "\n]\n"
