"""What a first look at a file finds out, whatever its format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.imports.records import Row
from portal.lib.text import _


class Unreadable(Exception):
    """The file as a whole can't be read; the text says why, `missing` names absent columns.

    `nearest`: kinds that it could have been, each with the columns that it lacks for that.
    """

    def __init__(
        self,
        sentence: str,
        missing: list[str] | None = None,
        nearest: list[tuple[str, list[str]]] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.missing = missing or []
        self.nearest = nearest or []


@dataclass(slots=True)
class Source:
    """What a first look at a file found out."""

    path: Path
    format: str = "csv"
    size: int = 0
    sha256: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    header: list[str] = field(default_factory=list)
    header_lines: int = 1
    suspicious: bool = False
    slashed_dates: bool = False
    wrapped: bool = False  # JSON whose list stands under “data”
    sheet: str = ""  # of a workbook: the one that is read
    sheets: int = 0
    first_column: int = 0

    @property
    def columns(self) -> list[str]:
        """The header's names folded, in the order of the file."""
        return [fold(name) for name in self.header]


def fold(name: str) -> str:
    """A column name for comparing: case-folded, blanks, hyphens and a BOM removed."""
    return re.sub(r"[\s\-\u2010\u2011\ufeff]+", "", name).casefold()


def checked_header(header: Sequence[str]) -> list[str]:
    """The names of the columns without blanks around them; raises Unreadable."""
    names = [name.strip() for name in header]
    if any("\0" in name for name in names):
        raise Unreadable(_("The first line holds a NUL byte; this is no CSV file."))
    if not any(names):
        raise Unreadable(_("The first line holds no column names."))
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        folded = fold(name)
        if not folded:
            raise Unreadable(_("Column %(place)s has no name.", place=place))
        if folded in seen:
            raise Unreadable(_("The column “%(name)s” is there twice.", name=name[:80]))
        seen.add(folded)
    return names


def fitted(source: Source, line: int, cells: list[str], width: int) -> Row:
    """A row with as many cells as the header, or what is wrong with it."""
    problem = None
    if len(cells) != width:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            problem = _(
                "The row has %(count)s cells where the header names %(width)s columns.",
                count=len(cells),
                width=width,
            )
        elif len(cells) > width:
            del cells[width:]
        else:
            cells.extend([""] * (width - len(cells)))
    if source.suspicious:
        problem = problem or _unreadable_cell(source, cells)
    return line, cells, problem


def _unreadable_cell(source: Source, cells: list[str]) -> str | None:
    for name, cell in zip(source.header, cells, strict=False):
        if "\0" in cell:
            return _("“%(column)s” holds a NUL byte.", column=name)
        if "\ufffd" in cell:
            return _(
                "“%(column)s” holds bytes that are no %(encoding)s text.",
                column=name,
                encoding=source.encoding.removesuffix("-sig"),
            )
    return None
