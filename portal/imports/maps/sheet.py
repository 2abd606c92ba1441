"""Where a map's fields stand in the rows of a file, and what their cells say."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from portal.imports.formats.files import fold
from portal.imports.maps.amounts import coins, whole
from portal.imports.maps.conditions import all_hold
from portal.imports.maps.fields import STATES
from portal.imports.maps.grammar import Map, Value
from portal.imports.maps.moments import moment
from portal.imports.readers import Context
from portal.imports.reading.cells import clean, code, email, empty, wrong, yes
from portal.imports.records import Row
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _

WHOLE_FLOAT = re.compile(r"([0-9]+)\.0+")  # an id that a spreadsheet or pandas took for a number
ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
LONG = {"note": 5000, "tags": 500, "source": 60, "gateway": 60, "card": 40, "description": 300}
LONGEST_LINE = {"sku": 200, "product_id": 60, "title": 400, "vendor": 200}


class Sheet:
    """A map laid over a header: cells by the names of our fields."""

    def __init__(self, map: Map, context: Context) -> None:
        self.map, self.context = map, context
        self.comma = map.decimal == "comma" or (not map.decimal and context.comma)
        self.places: dict[str, int] = {}
        for _key, column in map.columns():
            place = place_of(column, context.columns, map.main)
            if place is not None:
                self.places[column] = place

    def column(self, value: Value | None) -> str:
        """The column, as the file spells it, that a sentence about a value names."""
        if value is None or not value.columns:
            return ""
        return self.context.header[self.places[value.columns[0]]]

    def cell(self, cells: Sequence[str], column: str) -> str:
        """The cell of a column that the map names."""
        return cells[self.places[column]]

    def own_id(self, cells: Sequence[str]) -> str:
        """The number of the row's record; blank where the row continues the one above."""
        return self._id(self._said(self.map.fields["number"], cells)).removeprefix("#").strip()

    def left_out(self, cells: Sequence[str]) -> str | None:
        """Why a row is not to come in, or None."""
        if not any(cells):
            return _("blank row")
        for skip in self.map.skips:
            if all_hold(skip.conditions, lambda column: self.cell(cells, column), self.comma):
                return skip.reason
        return None

    def is_credit_note(self, cells: Sequence[str]) -> bool:
        """Whether a row belongs to a credit note."""
        rules = self.map.credit_notes
        return bool(rules) and all_hold(rules, lambda c: self.cell(cells, c), self.comma)

    def _said(self, value: Value, cells: Sequence[str]) -> str:
        if not value.columns:
            return value.const
        if len(value.columns) == 1:
            return clean(cells[self.places[value.columns[0]]])
        parts = (clean(cells[self.places[column]]) for column in value.columns)
        return value.between.join(part for part in parts if part)

    def text(self, name: str, group: Sequence[Row], longest: int = 200) -> str:
        """A field of the record: the first row of the group that says something, translated."""
        value = self.map.fields.get(name)
        if value is None:
            return ""
        said = next((text for row in group if (text := self._said(value, row[1]))), "")
        return self._translated(name, said)[: LONG.get(name, longest)]

    def of_line(self, name: str, cells: Sequence[str]) -> str:
        """A field of the line that a row is."""
        value = self.map.lines.get(name)
        if value is None:
            return ""
        said = self._translated(name, self._said(value, cells))
        return self._id(said) if name in ("sku", "product_id") else said

    def _translated(self, name: str, said: str) -> str:
        words = self.map.values.get(name)
        if words is None:
            return said
        return words.get(" ".join(said.split()).casefold(), words.get("*", said))

    def _id(self, said: str) -> str:
        said = code(said)
        whole_number = WHOLE_FLOAT.fullmatch(said)
        return whole_number[1] if whole_number else said

    def code(self, name: str, group: Sequence[Row], longest: int = 60) -> str:
        """An id: whole floats without their `.0`, ids that a spreadsheet rounded refused."""
        said = self._id(self.text(name, group, 320))
        value = self.map.fields.get(name)
        if ROUNDED.fullmatch(said):
            raise wrong(self.column(value), said, _("which a spreadsheet has rounded"))
        if len(said) > longest:
            raise wrong(self.column(value), said, _("which is too long"))
        return said

    def email(self, name: str, group: Sequence[Row]) -> str:
        """An e-mail address as written."""
        return email(self.text(name, group, 400), self.column(self.map.fields.get(name)))

    def yes(self, name: str, group: Sequence[Row]) -> bool | None:
        """Yes or no; None when nothing is said."""
        return yes(self.text(name, group), self.column(self.map.fields.get(name)))

    def state(self, name: str, group: Sequence[Row]) -> str:
        """One of our words for a state; Trouble for one that [values] does not translate."""
        said = self.text(name, group)
        word = said.casefold().replace(" ", "_").replace("-", "_")
        if word and word not in STATES[name]:
            expected = _("which the map does not translate")
            raise wrong(self.column(self.map.fields[name]), said, expected)
        return word

    def moment(self, name: str, group: Sequence[Row]) -> tuple[datetime, int] | None:
        """A time as naive UTC and its offset in minutes."""
        value = self.map.fields.get(name)
        pattern = self.map.dates if "%" in self.map.dates else ""
        context = self.context
        return moment(
            self.text(name, group), self.column(value), context.zone, context.day_first, pattern
        )

    def needed_moment(self, name: str, group: Sequence[Row]) -> tuple[datetime, int]:
        """A time that must be there."""
        found = self.moment(name, group)
        if found is None:
            raise empty(self.column(self.map.fields.get(name)))
        return found

    def currency(self, group: Sequence[Row]) -> str:
        """The record's currency: its column's, else the map's, else the shop's."""
        said = self.text("currency", group).upper() or self.map.currency or self.context.currency
        if said not in currencies():
            column = self.column(self.map.fields.get("currency"))
            raise wrong(column, said, _("which is not a currency"))
        return said

    def coins(self, value: Value, said: str, digits: int) -> Decimal | None:
        """An amount in the smallest coins, not rounded; None when blank."""
        try:
            return coins(said, digits, self.comma, self.map.minor)
        except ValueError as why:
            raise wrong(self.column(value), said, str(why)) from None

    def amount(self, name: str, group: Sequence[Row], digits: int) -> Decimal | None:
        """A field of money: of the first row that says something, or the sum of all rows."""
        value = self.map.fields.get(name)
        if value is None:
            return None
        if not value.summed:
            return self.coins(value, self.text(name, group), digits)
        parts = [self.coins(value, self._said(value, row[1]), digits) for row in group]
        return sum((part for part in parts if part is not None), Decimal())

    def whole_amount(self, name: str, group: Sequence[Row], currency: str) -> int | None:
        """A field of money in whole coins."""
        amount = self.amount(name, group, minor_digits(currency))
        return None if amount is None else whole(amount, self.map.rounding)

    def address(self, prefix: str, group: Sequence[Row]) -> dict[str, str]:
        """The parts of an address that are known."""
        found = {}
        for name in self.map.fields:
            if name.startswith(prefix + "."):
                part = name.partition(".")[2]
                said = self.text(name, group, 300)
                if said := code(said) if part in ("zip", "phone") else said:
                    found[part] = said
        return found


def place_of(column: str, columns: dict[str, int], main: str) -> int | None:
    """Where a column stands: by its own name, or as one of the first file's."""
    folded = fold(column)
    if folded in columns:
        return columns[folded]
    return columns.get(f"{main.casefold()}.{folded}")
