"""Files in which every row is a record of its own: their cells by name, and trouble row by row."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, tzinfo

from portal.imports.readers import Context
from portal.imports.reading.cells import Trouble, clean, code, email, empty, moment, money, wrong
from portal.imports.records import Bad, Nothing, Record, Row
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _


class Cells:
    """The cells of one row by the folded names of their columns; the first name that is there."""

    def __init__(self, line: int, cells: list[str], context: Context) -> None:
        self.line, self.cells, self.context = line, cells, context

    def _place(self, names: tuple[str, ...]) -> int | None:
        places = self.context.columns
        return next((places[name] for name in names if name in places), None)

    def text(self, *names: str, most: int = 300) -> str:
        """The cell without blanks and guards; empty where no column has such a name."""
        place = self._place(names)
        return "" if place is None else clean(self.cells[place])[:most]

    def code(self, *names: str, most: int = 60) -> str:
        """An id; Trouble where it is too long for one."""
        value = code(self.text(*names, most=1000))
        if len(value) > most:
            raise wrong(self.column(*names), value, _("which is too long for an id"))
        return value

    def column(self, *names: str) -> str:
        """The column as the file names it, for sentences."""
        place = self._place(names)
        return names[0] if place is None else self.context.header[place]

    def currency(self, *names: str) -> str:
        """An ISO code in capitals; the file's own where the cell is blank."""
        value = self.text(*names).upper() or self.context.currency
        if value not in currencies():
            raise wrong(self.column(*names), value, _("which is not a currency"))
        return value

    def money(self, currency: str, *names: str) -> int | None:
        """An amount in minor units; None where it is blank."""
        cell = self.text(*names, most=60)
        return money(cell, self.column(*names), minor_digits(currency), self.context.comma)

    def needed_money(self, currency: str, *names: str) -> int:
        """An amount that must be there."""
        amount = self.money(currency, *names)
        if amount is None:
            raise empty(self.column(*names))
        return amount

    def moment(self, *names: str, zone: tzinfo = UTC) -> datetime | None:
        """A time in UTC; None where it is blank."""
        found = moment(self.text(*names), self.column(*names), zone, self.context.day_first)
        return found[0] if found else None

    def needed_moment(self, *names: str, zone: tzinfo = UTC) -> datetime:
        """A time that must be there."""
        at = self.moment(*names, zone=zone)
        if at is None:
            raise empty(self.column(*names))
        return at

    def email(self, *names: str) -> str:
        """An e-mail address as written, or blank."""
        return email(self.text(*names, most=1000), self.column(*names))

    def rest(self, used: Iterable[str]) -> dict[str, str]:
        """The other cells that hold something, as they stand, by the names in the file."""
        skipped = set(used)
        return {
            self.context.header[place]: clean(self.cells[place])[:300]
            for name, place in self.context.columns.items()
            if name not in skipped and self.cells[place].strip()
        }


def single_rows(
    rows: Iterable[Row], context: Context, make: Callable[[Cells], Record]
) -> Iterator[Record]:
    """One record for each row; a row with any trouble is Bad, a blank one Nothing."""
    for line, cells, problem in rows:
        if context.scrub:
            context.scrub(cells)
        if problem is None and not any(cell.strip() for cell in cells):
            yield Nothing([line])
            continue
        try:
            if problem:
                raise Trouble(problem)
            yield make(Cells(line, cells, context))
        except Trouble as trouble:
            yield Bad("", [(line, str(trouble), cells)])
