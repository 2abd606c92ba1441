"""A CSV file as people really have them: any usual encoding, quoting and line end, as a stream."""

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import IO

from portal.imports.formats.sources import Source, Unreadable, checked_header, fitted
from portal.imports.records import Row
from portal.lib.text import _

CHUNK = 1 << 20
LONGEST_LINE = 8  # chunks: a longer line is no table, and would not fit into memory
SLASHED = re.compile(rb"[/-]\d{1,2}[/-]\d{4}(?!\d)")


def look_at(source: Source) -> None:
    """Read a file once, keeping nothing: digest, encoding, delimiter, header. Raises Unreadable."""
    with source.path.open("rb") as stream:
        measure(source, stream)
    source.header, source.delimiter, source.header_lines = _header(source)


def measure(source: Source, stream: IO[bytes]) -> None:
    """Digest, size and encoding of a file of text. Raises Unreadable."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")("replace")
    broken = wide = unbroken = 0
    head = tail = b""
    while chunk := stream.read(CHUNK):
        if not head:
            head = chunk[:4]
        digest.update(chunk)
        source.size += len(chunk)
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + 1
        if unbroken > LONGEST_LINE and source.format == "csv":
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
    header = checked_header(header)
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
                        yield fitted(source, line, cells, width)
                    line += used
                    if told and not line & 1023:
                        told(stream.buffer.tell())  # type: ignore[attr-defined]
                return
            except csv.Error:
                yield _recovered(source, line, lines.give_back(), width)
                line += 1


def _recovered(source: Source, line: int, text: str, width: int) -> Row:
    """A line that strict CSV refuses: stray quotes inside one line are fine, open ones are not."""
    try:
        cells = next(csv.reader([text], delimiter=source.delimiter), [])
    except csv.Error:
        cells = []
    if text.count('"') % 2 == 0 and len(cells) == width:
        return fitted(source, line, cells, width)
    cells = (cells + [""] * width)[:width]
    cells = [cell.replace("\0", "")[:5000] for cell in cells]
    if text.count('"') % 2:
        return line, cells, _("A quotation mark opens on this line and is never closed.")
    return line, cells, _("The row's quotation marks can't be understood.")
