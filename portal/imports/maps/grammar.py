"""A map as the program holds it: what `docs/mapping.md` describes, checked and frozen."""

import hashlib
import re
from dataclasses import dataclass, field

TESTS = ("equals", "matches", "less_than", "more_than", "empty")
CODES = ("shipping", "discount", "tax", "no product")


@dataclass(frozen=True, slots=True)
class Value:
    """Where a field comes from: a constant, or columns joined (or, of all rows, summed)."""

    columns: tuple[str, ...] = ()
    const: str = ""
    between: str = " "
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about one column; `test` is one of TESTS."""

    column: str
    test: str
    words: tuple[str, ...] = ()  # equals: any of them, case-blind
    pattern: re.Pattern[str] | None = None
    number: float = 0.0
    turned: bool = False  # it must not hold


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows that stay out: those for which all conditions hold, and why in words."""

    conditions: tuple[Condition, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """One of the files of a map. All but the first are looked up: `here` equals `there`."""

    name: str
    pattern: str
    parent: str = ""
    there: str = ""  # the parent's column
    here: str = ""
    optional: bool = False  # a row that finds nothing here is fine


@dataclass(frozen=True, slots=True)
class Rounding:
    """What becomes of fractions of the smallest coin. `per`: line or order."""

    mode: str = "half-up"
    per: str = "line"


@dataclass(frozen=True, slots=True)
class Map:
    """How the rows of a file (or of several, joined) become records of one kind."""

    kind: str
    text: str
    fields: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, Value] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    currency: str = ""
    timezone: str = ""
    dates: str = ""
    decimal: str = ""
    minor: bool = False
    rounding: Rounding | None = None
    codes: dict[str, str] = field(default_factory=dict)
    credit_notes: tuple[Condition, ...] = ()
    skips: tuple[Skip, ...] = ()

    @property
    def record_kind(self) -> str:
        """The kind of the batches that this map makes."""
        return f"mapped-{self.kind}"

    @property
    def main(self) -> str:
        """The name of the first file; blank where the map is for one file."""
        return self.files[0].name if self.files else ""

    @property
    def joined(self) -> bool:
        """Whether rows are put together from several files, so that columns carry file names."""
        return len(self.files) > 1

    @property
    def sha256(self) -> str:
        """The digest of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def columns(self) -> list[tuple[str, str]]:
        """Every column that the map names, with the key of the map that does."""
        named = [(f"fields.{key}", value) for key, value in self.fields.items()]
        named += [(f"lines.{key}", value) for key, value in self.lines.items()]
        found = [(key, column) for key, value in named for column in value.columns]
        found += [(f"credit_notes.{c.column}", c.column) for c in self.credit_notes]
        return found + [("skip", c.column) for skip in self.skips for c in skip.conditions]

    def dates_of(self, fields: dict[str, str]) -> list[str]:
        """The columns of the fields whose type (by name in `fields`) is a date."""
        return [
            column
            for name, value in self.fields.items()
            if fields.get(name) == "date"
            for column in value.columns
        ]
