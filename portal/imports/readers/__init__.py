"""The kinds of file that can come in: each is one module here with KIND, recognise() and read()."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol, cast

from portal.imports.formats.files import fold
from portal.imports.records import Record, Row

TABLES = ("csv", "xlsx")


@dataclass(slots=True)
class Context:
    """What a reader needs to know of its file. `columns`: folded name to place in the row.

    The reader says back which of a record's fields this layout can't tell (`absent`), so that a
    poorer file does not take away what a richer one told.
    """

    header: list[str]
    columns: dict[str, int]
    currency: str
    zone: tzinfo = UTC
    day_first: bool | None = None
    comma: bool = False
    scrub: Callable[[list[str]], list[str]] | None = None
    objects: bool = False  # a row is one cell with the text of an object
    absent: frozenset[str] = frozenset()

    def reading(self) -> dict[str, Any]:
        """How cells of this file are understood, for rows that are corrected later."""
        return {
            "zone": str(self.zone), "day_first": self.day_first, "comma": self.comma,
            "objects": self.objects,
        }  # fmt: skip

    def seed(self) -> str:
        """What else decides how a row reads: the header and how its values are understood."""
        said = [*self.header, self.currency, str(self.zone), str(self.day_first)]
        return "\0".join(said)


class Reader(Protocol):
    """What a module in this folder has; FORMATS too, where it does not read tables."""

    KIND: str
    REQUIRED: tuple[tuple[str, ...], ...]
    DATES: tuple[str, ...]

    def recognise(self, header: Iterable[str]) -> list[str]:
        """The columns that the folded header lacks, by their usual names; [] when it is its own."""

    def read(self, rows: Iterable[Row], context: Context) -> Iterator[Record]:
        """Rows of the file to records, in order; never more than one record in memory."""


def lacking(required: tuple[tuple[str, ...], ...], header: Iterable[str]) -> list[str]:
    """Those of `required` that a folded header lacks; each lists all names that serve."""
    known = set(header)
    return [names[0] for names in required if not known.intersection(map(fold, names))]


def formats(reader: Reader) -> tuple[str, ...]:
    """The formats of the files that a reader reads."""
    return getattr(reader, "FORMATS", TABLES)


@lru_cache(maxsize=1)
def readers() -> dict[str, Reader]:
    """Every reader by kind, those with the most demanding header first."""
    modules = [
        cast(Reader, import_module(f"{__name__}.{found.name}"))
        for found in pkgutil.iter_modules(__path__)
    ]
    modules.sort(key=lambda module: (-len(module.REQUIRED), module.KIND))
    return {module.KIND: module for module in modules}


def recognise(
    header: Iterable[str], format: str = "csv"
) -> tuple[Reader | None, Reader, list[str]]:
    """(the reader of this header or None, the nearest one, the columns that one lacks)."""
    reader, missing = nearest(header, format)[0]
    return (None if missing else reader), reader, missing


def nearest(header: Iterable[str], format: str = "csv") -> list[tuple[Reader, list[str]]]:
    """Up to three readers with the columns that a header lacks for each, the nearest one first.

    Of several that lack nothing the one with the most demanding header comes first.
    """
    header = list(header)
    able = [reader for reader in readers().values() if format in formats(reader)]
    lacks = [(reader, reader.recognise(header)) for reader in able]
    lacks.sort(key=lambda pair: (len(pair[1]) / len(pair[0].REQUIRED), len(pair[1])))
    return lacks[:3]
