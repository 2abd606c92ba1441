"""Rows of our own exports, from CSV, a workbook or JSON: values as they were written."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from portal.imports.exports.columns import BETWEEN, GUARDED
from portal.imports.readers import Context
from portal.imports.reading.cells import Trouble, empty, wrong
from portal.imports.reading.grouping import MOST_ROWS, bad
from portal.imports.reading.single_rows import Cells
from portal.imports.records import Nothing, Record, Row
from portal.lib.text import _
from portal.lib.tokens import is_number

FORMATS = ("csv", "xlsx", "json")


class Own(Cells):
    """A row of our own; `text` gives a value exactly as it was, without the guard."""

    def __init__(self, line: int, cells: list[str], context: Context) -> None:
        super().__init__(line, cells, context)
        self.kept = cells  # as they stood, for the raw row

    def text(self, *names: str, most: int = 5000) -> str:
        """The value, cut to what its column can hold."""
        place = self._place(names)
        return "" if place is None else unguarded(self.cells[place])[:most]

    def code(self, *names: str, most: int = 60) -> str:
        """A key; Trouble where it is too long for one."""
        value = self.text(*names)
        if len(value) > most:
            raise wrong(self.column(*names), value, _("which is too long for an id"))
        return value

    def several(self, *names: str) -> list[str]:
        """The values of a cell that can hold several."""
        return [part for part in self.text(*names).split(BETWEEN) if part]

    def member(self, *names: str) -> str:
        """A member number that checks, or blank."""
        value = self.text(*names).strip()
        if value and not is_number(value):
            raise wrong(self.column(*names), value, _("which is not a member number"))
        return value

    def needed(self, *names: str, most: int = 60) -> str:
        """A key that must be there."""
        value = self.code(*names, most=most)
        if not value:
            raise empty(self.column(*names))
        return value

    def amount(self, currency: str, *names: str) -> int:
        """An amount; a blank one is nothing."""
        return self.money(currency, *names) or 0

    def at(self, *names: str) -> datetime | None:
        """A time in UTC."""
        return self.moment(*names)


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from calculating it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in GUARDED else cell


def own(row: Row, context: Context) -> Own:
    """One row, whichever format it comes from; raises Trouble."""
    line, cells, problem = row
    if problem:
        raise Trouble(problem)
    if len(cells) == 1 and len(context.header) > 1:
        return _of_object(line, cells, context)
    if context.scrub:
        context.scrub(cells)
    return Own(line, cells, context)


def _of_object(line: int, cells: list[str], context: Context) -> Own:
    thing = json.loads(cells[0])
    values = []
    for name in context.header:
        value = thing.get(name)
        if isinstance(value, dict | list | bool):
            raise wrong(name, json.dumps(value), _("which is neither text nor a number"))
        text = "" if value is None else str(value)
        values.append(f"'{text}" if text.startswith(GUARDED) else text)
    if context.scrub:
        context.scrub(values)
    found = Own(line, values, context)
    found.kept = cells
    return found


def own_records(
    rows: Iterable[Row],
    context: Context,
    key: Callable[[Own], str],
    make: Callable[[str, list[Own]], Record],
) -> Iterator[Record]:
    """One record for rows that stand together and have the same key; each alone where it is blank.

    Any trouble in any of its rows puts all of them aside.
    """
    held: list[Own] = []
    name = ""
    for row in rows:
        if row[2] is None and not any(cell.strip() for cell in row[1]):
            yield Nothing([row[0]])
            continue
        try:
            cells = own(row, context)
            new = key(cells)
        except Trouble as trouble:
            if held:
                yield _made(name, held, make)
            held = []
            yield bad("", [row], row[0], str(trouble))
            continue
        if held and (not new or new != name or len(held) >= MOST_ROWS):
            yield _made(name, held, make)
            held = []
        held.append(cells)
        name = new
    if held:
        yield _made(name, held, make)


def _made(name: str, held: list[Own], make: Callable[[str, list[Own]], Record]) -> Record:
    try:
        return make(name, held)
    except Trouble as trouble:
        rows: list[Row] = [(cells.line, cells.kept, None) for cells in held]
        return bad(name, rows, trouble.line or held[0].line, str(trouble))


def raw_of(held: list[Own]) -> tuple[list[int], list[list[str]]]:
    """Lines and rows of a record."""
    return [cells.line for cells in held], [cells.kept for cells in held]
