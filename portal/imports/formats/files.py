"""A file as people really have it: told by its first bytes, looked at once, read row by row."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from portal.imports.formats import csv_file, json_file, xlsx_file
from portal.imports.formats.foreign import ZIP, refuse_foreign
from portal.imports.formats.sources import Source, Unreadable, fold
from portal.imports.records import Row
from portal.lib.text import _

__all__ = ["Source", "Unreadable", "fold", "look_at", "rows"]

HEAD = 4096  # bytes that tell the format
#: Each has look_at(source), which fills in what it finds out, and rows(source, told).
FORMATS: dict[str, ModuleType] = {
    "csv": csv_file,
    "json": json_file,
    "xlsx": xlsx_file,
}


def look_at(path: str | Path) -> Source:
    """Read a file once, keeping nothing: format, digest, header. Raises Unreadable."""
    source = Source(Path(path))
    try:
        with source.path.open("rb") as stream:
            source.format = _format(source.path, stream.read(HEAD))
        FORMATS[source.format].look_at(source)
    except OSError as error:
        raise Unreadable(_("The file can't be opened: %(why)s.", why=error.strerror)) from None
    return source


def _format(path: Path, head: bytes) -> str:
    """The format that a file's first bytes tell; raises Unreadable for those that can't be read."""
    refuse_foreign(path, head)
    if head.startswith(ZIP):
        return "xlsx"
    return "json" if json_file.is_json(head) else "csv"


def rows(source: Source, told: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Every row below the header: (line, cells, what is wrong or None); see ARCHITECTURE.md.

    `told` gets the byte position now and then. One record is in memory at a time.
    """
    return FORMATS[source.format].rows(source, told)
