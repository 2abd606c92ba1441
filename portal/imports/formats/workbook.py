"""The inside of an XLSX file: a ZIP archive of XML parts, streamed within limits, never trusted.

ECMA-376 parts 1 and 2. No part is ever whole in memory but the shared strings, which are kept as
bytes; a document type (and with it every entity) is refused; an archive that would unpack into more
than a shop's export ever holds is refused by what it declares and by what really comes out of it.
"""

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.parsers import expat

from portal.imports.formats.foreign import (
    broken_archive,
    broken_workbook,
    locked_workbook,
    refuse_archive,
)
from portal.imports.formats.sheet_numbers import shows_a_moment
from portal.imports.formats.sources import Unreadable
from portal.lib.text import _

CHUNK = 1 << 16
MB = 1 << 20
PARTS = 4_000
SMALL = 16 * MB  # unpacked, of workbook, relations and styles
STRINGS = 96 * MB
SHEET = 4096 * MB
RATIO, FREE = (
    300,
    32 * MB,
)  # XML of a full sheet packs 10 to 60 times; small ones may do as they like
TEXT = 1_000_000  # characters in one cell; Excel itself stops at 32,767
TOKEN = 8 * MB  # bytes without a tag that ends
BROKEN = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
)


@dataclass(slots=True)
class Sheet:
    """One sheet: its name, the part of the archive that it stands in."""

    name: str
    part: str
    hidden: bool


class Strings:
    """The texts that cells share, as bytes and where each ends: far less than as objects."""

    def __init__(self) -> None:
        self.ends = array("Q")
        self.held = bytearray()

    def add(self, text: str) -> None:
        """One more."""
        self.held += text.encode("utf-8", "replace")
        self.ends.append(len(self.held))

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError(place)
        start = self.ends[place - 1] if place else 0
        return self.held[start : self.ends[place]].decode()


class Workbook:
    """An open XLSX file. Raises Unreadable with a sentence for whatever is wrong with it."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except BROKEN:
            raise broken_archive() from None
        try:
            self._check()
            self.sheets = self._sheets()
            self.dates = self._date_styles()
        except BROKEN:
            self.archive.close()
            raise broken_workbook() from None
        except Unreadable:
            self.archive.close()
            raise

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.archive.close()

    def _check(self) -> None:
        parts = self.archive.infolist()
        names = [part.filename for part in parts[:PARTS]]
        kind = b""
        if "mimetype" in names and self.archive.getinfo("mimetype").file_size < 200:
            kind = self.archive.read("mimetype")
        refuse_archive(names, kind)
        if any(part.flag_bits & 1 for part in parts):
            raise locked_workbook()
        if len(parts) > PARTS or len(set(names)) < len(names):
            raise broken_workbook()

    def pieces(self, part: str, most: int) -> Iterator[bytes]:
        """A part unpacked, piece by piece; never more than `most` bytes, nor than is plausible."""
        info = self.archive.getinfo(part)
        if info.file_size > most or info.file_size > max(FREE, info.compress_size * RATIO):
            raise _too_big()
        came = 0
        with self.archive.open(info) as stream:
            while piece := stream.read(CHUNK):
                came += len(piece)
                if came > most:
                    raise _too_big()
                yield piece

    def parse(
        self,
        part: str,
        most: int,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> Iterator[int]:
        """Call back for every tag and text of a part; yields the bytes that are done so far."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        fed = 0
        for piece in self.pieces(part, most):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - max(parser.CurrentByteIndex, 0) > TOKEN:
                raise broken_workbook()
            yield fed
        parser.Parse(b"", True)
        yield fed

    def size(self, part: str) -> int:
        """Bytes of a part, unpacked, as the archive declares them."""
        return self.archive.getinfo(part).file_size

    def _sheets(self) -> list[Sheet]:
        targets: dict[str, str] = {}

        def relation(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "Relationship":
                targets[attributes["Id"]] = attributes["Target"]

        self._small("xl/_rels/workbook.xml.rels", relation)
        found: list[Sheet] = []
        self.since_1904 = False

        def sheet(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "workbookPr":
                self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
            if local(name) != "sheet":
                return
            key = next((v for k, v in attributes.items() if k.endswith(":id") or k == "id"), "")
            part = posixpath.normpath(posixpath.join("/xl", targets.get(key, "")))[1:]
            if part in known and "sheet" in part.casefold():  # not a page that is only a chart
                hidden = attributes.get("state", "visible") != "visible"
                found.append(Sheet(attributes.get("name", "")[:100], part, hidden))

        known = set(self.archive.namelist())
        self._small("xl/workbook.xml", sheet)
        return found

    def _date_styles(self) -> frozenset[str]:
        """The styles, as cells name them, that show a number as a date or a time."""
        formats: dict[int, str] = {}
        dates: set[str] = set()
        state: dict[str, Any] = {"in": False, "count": 0}

        def style(name: str, attributes: dict[str, str]) -> None:
            name = local(name)
            if name == "numFmt":
                formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                state["in"] = True
            elif name in ("cellStyles", "cellStyleXfs"):
                state["in"] = False
            elif name == "xf" and state["in"]:
                number = int(attributes.get("numFmtId", "0"))
                if shows_a_moment(number, formats.get(number)):
                    dates.add(str(state["count"]))
                state["count"] += 1

        if "xl/styles.xml" in self.archive.namelist():
            self._small("xl/styles.xml", style)
        return frozenset(dates)

    def _small(self, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
        for _done in self.parse(part, SMALL, start):
            pass

    def strings(self) -> Strings:
        """The texts that cells share."""
        found = Strings()
        known = {name.casefold(): name for name in self.archive.namelist()}
        part = known.get("xl/sharedstrings.xml")
        if part is None:
            return found
        texts: list[str] = []
        state = {"taking": False, "spoken": False}

        def start(name: str, _attributes: dict[str, str]) -> None:
            name = local(name)
            if name == "rPh":  # how a Japanese text is read aloud
                state["spoken"] = True
            state["taking"] = name == "t" and not state["spoken"]

        def end(name: str) -> None:
            name = local(name)
            state["taking"] = False
            if name == "rPh":
                state["spoken"] = False
            elif name == "si":
                found.add(unescaped("".join(texts)))
                texts.clear()

        def text(piece: str) -> None:
            if state["taking"]:
                texts.append(piece)

        for _done in self.parse(part, STRINGS, start, end, text):
            pass
        return found


def local(name: str) -> str:
    """A tag's name without its prefix."""
    return name.rpartition(":")[2] if ":" in name else name


def unescaped(text: str) -> str:
    """A text with `_x000D_` as the character that it stands for."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", _character, text)


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return found[0] if number == 0 or 0xD800 <= number < 0xE000 else chr(number)


def _refuse_document_type(*_arguments: Any) -> None:
    raise broken_workbook()


def _too_big() -> Unreadable:
    return Unreadable(
        _("This workbook would unpack into more than can be read. Save the sheet as CSV, and bring"
          " that file in.")
    )  # fmt: skip
