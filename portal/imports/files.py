"""A CSV file as people really have them: any usual encoding, quoting and line end, as a stream."""

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from portal.imports.records import Row
from portal.lib.text import _

CHUNK = 1 << 20
LONGEST_LINE = 8  # chunks: a longer line is no table, and would not fit into memory
SLASHED = re.compile(rb"[/-]\d{1,2}[/-]\d{4}(?!\d)")
ARCHIVES = {b"PK\x03\x04": "ZIP", b"\x1f\x8b": "GZIP", b"%PDF": "PDF", b"\xd0\xcf\x11\xe0": "XLS"}


class Unreadable(Exception):
    """The file as a whole can't be read; the text says why, `missing` names absent columns."""

    def __init__(self, sentence: str, missing: list[str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.missing = missing or []


@dataclass(slots=True)
class Source:
    """What a first look at a file found out."""

    path: Path
    size: int = 0
    sha256: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    header: list[str] = field(default_factory=list)
    header_lines: int = 1
    suspicious: bool = False
    slashed_dates: bool = False

    @property
    def columns(self) -> list[str]:
        """The header's names folded, in the order of the file."""
        return [fold(name) for name in self.header]


def fold(name: str) -> str:
    """A column name for comparing: case-folded, blanks, hyphens and a BOM removed."""
    return re.sub(r"[\s\-\u2010\u2011\ufeff]+", "", name).casefold()


def look_at(path: str | Path) -> Source:
    """Read a file once, keeping nothing: digest, encoding, delimiter, header. Raises Unreadable."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            source = _measure(path, stream)
        source.header, source.delimiter, source.header_lines = _header(source)
    except OSError as error:
        raise Unreadable(_("The file can't be opened: %(why)s.", why=error.strerror)) from None
    return source


def _measure(path: Path, stream: IO[bytes]) -> Source:
    source = Source(path)
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")("replace")
    broken = wide = unbroken = 0
    head = tail = b""
    while chunk := stream.read(CHUNK):
        if not head:
            head = chunk[:4]
            _refuse_other_formats(head)
        digest.update(chunk)
        source.size += len(chunk)
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + 1
        if unbroken > LONGEST_LINE:
            raise Unreadable(_("A line is longer than 8 MB; this is no table."))
        if not chunk.isascii() or decoder.getstate()[0]:
            text = decoder.decode(chunk)
            broken += text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
            wide += len(text) - len(text.encode("ascii", "ignore"))
        source.suspicious = source.suspicious or b"\0" in chunk
        source.slashed_dates = source.slashed_dates or bool(SLASHED.search(tail + chunk))
        tail = chunk[-16:]
    broken += len(decoder.decode(b"", True))
    if not source.size:
        raise Unreadable(_("The file is empty."))
    source.sha256 = digest.hexdigest()
    marked = head.startswith(codecs.BOM_UTF8)
    if broken > 0 and not marked and wide - broken < broken:
        source.encoding = "cp1252"
    elif broken > 0:
        source.suspicious = True
    if marked:
        source.encoding = "utf-8-sig"
    source.suspicious = source.suspicious or source.encoding == "cp1252"
    return source


def _refuse_other_formats(head: bytes) -> None:
    for magic, name in ARCHIVES.items():
        if head.startswith(magic):
            raise Unreadable(
                _("This is a %(kind)s file. Save or unpack it as CSV first.", kind=name)
            )
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise Unreadable(_("This is a UTF-16 file. Save it as CSV UTF-8 first."))


def open_text(source: Source) -> IO[str]:
    """The file as text, line ends untouched; bytes that are no text become U+FFFD."""
    return source.path.open(encoding=source.encoding, errors="replace", newline="")


def _header(source: Source) -> tuple[list[str], str, int]:
    with open_text(source) as stream:
        first = stream.readline(CHUNK)
        named = re.fullmatch(r"sep=(.)\s*", first)
        delimiter = named[1] if named else _delimiter(first)
        used = 1 if named else 0
        reader = csv.reader(stream if named else _chain(first, stream), delimiter=delimiter)
        try:
            header = next(reader, [])
        except csv.Error:
            raise Unreadable(_("The first line is not a line of column names.")) from None
    header = [name.strip() for name in header]
    if any("\0" in name for name in header):
        raise Unreadable(_("The first line holds a NUL byte; this is no CSV file."))
    if not any(header):
        raise Unreadable(_("The first line holds no column names."))
    seen: set[str] = set()
    for place, name in enumerate(header, start=1):
        folded = fold(name)
        if not folded:
            raise Unreadable(_("Column %(place)s has no name.", place=place))
        if folded in seen:
            raise Unreadable(_("The column “%(name)s” is there twice.", name=name[:80]))
        seen.add(folded)
    return header, delimiter, used + reader.line_num


def _chain(first: str, rest: IO[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    return max((",", ";", "\t"), key=bare.count)


class _Lines:
    """Physical lines; those of the current record are held, so that they can be given back."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.waiting: list[str] = []
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.pop() if self.waiting else next(self.stream)
        self.held.append(line)
        return line

    def give_back(self) -> str:
        """The first held line; the others will be read again."""
        first, *others = self.held
        self.waiting.extend(reversed(others))
        self.held.clear()
        return first


def rows(source: Source, told: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Every row below the header: (first physical line, cells, what is wrong or None).

    Rows have exactly as many cells as the header. An empty line is no row. `told` gets the byte
    position now and then. One record is in memory at a time.
    """
    width = len(source.header)
    with open_text(source) as stream:
        lines = _Lines(stream)
        for _line in range(source.header_lines):
            next(lines, None)
        lines.held.clear()
        line, held = source.header_lines + 1, lines.held
        while True:
            reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
            try:
                for cells in reader:
                    used = len(held)
                    held.clear()
                    if cells:
                        yield _fitted(source, line, cells, width)
                    line += used
                    if told and not line & 1023:
                        told(stream.buffer.tell())  # type: ignore[attr-defined]
                return
            except csv.Error:
                yield _recovered(source, line, lines.give_back(), width)
                line += 1


def _fitted(source: Source, line: int, cells: list[str], width: int) -> Row:
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


def _recovered(source: Source, line: int, text: str, width: int) -> Row:
    """A line that strict CSV refuses: stray quotes inside one line are fine, open ones are not."""
    try:
        cells = next(csv.reader([text], delimiter=source.delimiter), [])
    except csv.Error:
        cells = []
    if text.count('"') % 2 == 0 and len(cells) == width:
        return _fitted(source, line, cells, width)
    cells = (cells + [""] * width)[:width]
    cells = [cell.replace("\0", "")[:5000] for cell in cells]
    if text.count('"') % 2:
        return line, cells, _("A quotation mark opens on this line and is never closed.")
    return line, cells, _("The row's quotation marks can't be understood.")
