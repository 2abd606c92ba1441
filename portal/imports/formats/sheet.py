"""The cells of one sheet, row by row, as its tags go by."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from portal.imports.formats.sheet_numbers import number
from portal.imports.formats.sources import Source, Unreadable
from portal.imports.formats.workbook import (
    BROKEN,
    SHEET,
    TEXT,
    Sheet,
    Strings,
    Workbook,
    local,
    unescaped,
)

COLUMNS, ROWS = 16_384, 1_048_576

Problem = tuple[int, str, str]  # column, what is wrong (beyond, formula, error), the value
Cells = dict[int, str]


def cells_of(
    book: Workbook,
    sheet: Sheet,
    strings: Strings,
    source: Source | None = None,
    told: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, Cells, Problem | None]]:
    """The rows of a sheet that hold anything: number, text by column, the first problem."""
    grid = _Grid(book, strings)
    whole = max(book.size(sheet.part), 1)
    try:
        for done in book.parse(sheet.part, SHEET, grid.start, grid.end, grid.text):
            ready, grid.ready = grid.ready, []
            yield from ready
            if told and source:
                told(source.size * min(done, whole) // whole)
    except (*BROKEN, Unreadable):
        yield from grid.ready
        raise


class _Grid:
    """What the tags of a sheet come to. These three run for every cell of files with millions."""

    def __init__(self, book: Workbook, strings: Strings) -> None:
        self.strings, self.dates, self.since_1904 = strings, book.dates, book.since_1904
        self.ready: list[tuple[int, Cells, Problem | None]] = []
        self.line, self.place = 0, -1
        self.cells: Cells = {}
        self.problem: Problem | None = None
        self.attributes: dict[str, str] = {}
        self.texts: list[str] = []
        self.taking = self.valued = self.formula = self.spoken = False
        self.length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A tag opens."""
        name = local(name)
        if name == "c":
            self.attributes, self.texts, self.length = attributes, [], 0
            self.valued = self.formula = False
            reference = attributes.get("r")
            self.place = _place(reference.rstrip("0123456789")) if reference else self.place + 1
        elif name == "v" or name == "t":
            self.taking = not self.spoken
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.spoken = True
        elif name == "row":
            self.line = int(attributes.get("r", self.line + 1))
            if not 1 <= self.line <= ROWS:
                raise ValueError(self.line)
            self.place, self.cells, self.problem = -1, {}, None

    def text(self, piece: str) -> None:
        """Text inside a tag."""
        if self.taking:
            self.texts.append(piece)
            self.length += len(piece)
            if self.length > TEXT:
                raise ValueError(self.length)

    def end(self, name: str) -> None:
        """A tag closes."""
        name = local(name)
        if name == "v" or name == "t":
            self.taking, self.valued = False, self.valued or not self.spoken
        elif name == "c":
            self._cell()
        elif name == "rPh":
            self.spoken = False
        elif name == "row" and (self.cells or self.problem):
            self.ready.append((self.line, self.cells, self.problem))

    def _cell(self) -> None:
        if not self.valued:
            if self.formula:
                self._wrong("formula", "")
            return
        if self.place >= COLUMNS:
            raise ValueError(self.place)
        text = self.texts[0] if len(self.texts) == 1 else "".join(self.texts)
        kind = self.attributes.get("t", "n")
        if self.formula and not text and kind == "n":
            self._wrong("formula", "")
        elif kind == "s":
            text = self.strings[int(text)]
        elif kind == "n":
            try:
                text = number(text, self.attributes.get("s") in self.dates, self.since_1904)
            except ValueError:
                self._wrong("error", text)
                return
        elif kind == "b":
            text = "true" if text.strip() == "1" else "false"
        elif kind == "e":
            self._wrong("error", text)
            return
        elif kind == "d":
            text = text.replace("T", " ")
        else:
            text = unescaped(text)
        if text:
            self.cells[self.place] = text

    def _wrong(self, what: str, value: str) -> None:
        self.problem = self.problem or (self.place, what, value)


@lru_cache(maxsize=COLUMNS)
def _place(letters: str) -> int:
    """A column's place from its letters; ValueError when they are none."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise ValueError(letters)
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
