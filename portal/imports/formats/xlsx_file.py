"""An XLSX workbook read like a CSV file: the first sheet that has a header, row by row, as text.

A cell is what a person sees as far as that can be told exactly: a date as ISO text in no zone, a
number without the noise of binary fractions, yes and no as `true` and `false`, a formula as the
result that was saved. What can't be told (#REF!, a formula without a result) is a problem of its
row. Excel keeps 15 digits: a longer number is written as 1.23E+18, which no reader takes for an id.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from itertools import islice

from portal.imports.formats.foreign import broken_workbook
from portal.imports.formats.sheet import Cells, Problem, cells_of
from portal.imports.formats.sources import Source, Unreadable, checked_header, fitted
from portal.imports.formats.workbook import (
    BROKEN,
    SHEET,
    STRINGS,
    Sheet,
    Workbook,
)
from portal.imports.records import Row
from portal.lib.text import _

SLASHED = re.compile(rb"[/-]\d{1,2}[/-]\d{4}(?!\d)")
ABOVE = 10  # rows in which the header is looked for: some exports have a title above it


def look_at(source: Source) -> None:
    """Read a workbook once: digest, the sheet that is read, its header. Raises Unreadable."""
    digest = hashlib.sha256()
    with source.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            source.size += len(chunk)
    source.sha256 = digest.hexdigest()
    with Workbook(source.path) as book:
        try:
            sheet = _choose(source, book)
            source.slashed_dates = _slashed(book, sheet)
        except BROKEN:
            raise broken_workbook() from None


def _choose(source: Source, book: Workbook) -> Sheet:
    """The first sheet with a header; hidden ones come last. Its place goes into `source`."""
    sheets = sorted(book.sheets, key=lambda sheet: sheet.hidden)
    source.sheets = len(sheets)
    strings, refused = book.strings(), None
    for sheet in sheets:
        for line, cells, _problem in islice(cells_of(book, sheet, strings), ABOVE):
            if len(cells) < 2:
                continue
            first, last = min(cells), max(cells)
            try:
                source.header = checked_header(
                    [cells.get(place, "") for place in range(first, last + 1)]
                )
            except Unreadable as why:
                refused = refused or why
                break
            source.sheet, source.header_lines, source.first_column = sheet.name, line, first
            return sheet
    raise refused or Unreadable(_("No sheet of this workbook has a row of column names."))


def _slashed(book: Workbook, sheet: Sheet) -> bool:
    """Whether a text may be a date with slashes; every byte is unpacked once, and so checked."""
    found, tail = False, b""
    parts = [(sheet.part, SHEET)]
    parts += [(n, STRINGS) for n in book.archive.namelist() if n.endswith("sharedStrings.xml")]
    for part, most in parts:
        for piece in book.pieces(part, most):
            found = found or bool(SLASHED.search(tail + piece))
            tail = piece[-16:]
    return found


def rows(source: Source, told: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Every row below the header: (number in the sheet, cells, what is wrong or None).

    A row without any value is no row. Where the sheet breaks off, the last row says so.
    """
    width, line = len(source.header), source.header_lines
    with Workbook(source.path) as book:
        try:
            sheet = next(s for s in book.sheets if s.name == source.sheet)
            for line, found, problem in cells_of(book, sheet, book.strings(), source, told):
                if line > source.header_lines:
                    yield _row(source, line, found, problem, width)
        except (*BROKEN, Unreadable):
            yield line + 1, [""] * width, _("The sheet is damaged from here on.")


def _row(source: Source, line: int, found: Cells, problem: Problem | None, width: int) -> Row:
    first = source.first_column
    cells = [found.get(place, "") for place in range(first, first + width)]
    beyond = [place for place in found if not first <= place < first + width]
    if beyond:
        problem = problem or (beyond[0], "beyond", found[beyond[0]])
    line, cells, trouble = fitted(source, line, cells, width)
    if problem:
        trouble = _sentence(source, problem)
    return line, cells, trouble


def _sentence(source: Source, problem: Problem) -> str:
    place, what, value = problem
    at = place - source.first_column
    column = source.header[at] if 0 <= at < len(source.header) else _letters(place)
    if what == "beyond":
        return _("Column %(column)s has no name, but “%(value)s” stands in it.", column=column,
                 value=value[:60])  # fmt: skip
    if what == "formula":
        return _(
            "“%(column)s” holds a formula without its result. Open the file in a spreadsheet"
            " program, save it, and bring it in again.",
            column=column,
        )
    return _("“%(column)s” holds the error %(value)s.", column=column, value=value[:60])


def _letters(place: int) -> str:
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text
