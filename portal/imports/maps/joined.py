"""The files of a map as one stream of rows: looked up, and grouped, in a database of its own.

The rows of the first file are read once, completed from the other files and kept in a temporary
SQLite file; they come out with those of one record together, wherever in the file they stood. What
a rule leaves out stands behind its group, rows of other files that nobody named come last.
"""

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from portal.imports.formats.files import Source, Unreadable, fold, rows
from portal.imports.maps.grammar import File, Map
from portal.imports.maps.reader import left_out
from portal.imports.maps.sheet import WHOLE_FLOAT, Sheet, place_of
from portal.imports.readers import Context
from portal.imports.reading.cells import code
from portal.imports.records import Row
from portal.lib.text import _

AT_ONCE = 2_000
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Found = tuple[list[str] | None, str, bool]
Kept = tuple[int, str, int, str, str | None]
SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE flat (n INTEGER PRIMARY KEY, key TEXT, out INTEGER, cells TEXT, problem TEXT);
CREATE TABLE grp (key TEXT PRIMARY KEY, first INTEGER) WITHOUT ROWID;
CREATE TABLE other (file TEXT, own TEXT, part INTEGER, line INTEGER, cells TEXT, problem TEXT);
CREATE TABLE named (file TEXT, own TEXT, PRIMARY KEY (file, own)) WITHOUT ROWID;
"""


def headers(map: Map, sources: Mapping[str, Sequence[Source]]) -> list[str]:
    """The columns of the stream: a lone file's own, else `file.column` for each of all files."""
    if not map.joined:
        return list(next(iter(sources.values()))[0].header)
    return [f"{file.name}.{name}" for file in map.files for name in sources[file.name][0].header]


def key_of(cell: str) -> str:
    """A join key as it is compared: no blanks around it, a whole float as a whole number."""
    text = code(cell)
    number = WHOLE_FLOAT.fullmatch(text)
    return number[1] if number else text


class Joined:
    """A context manager: `rows()` streams, and the temporary file goes when it ends."""

    def __init__(
        self,
        map: Map,
        sources: Mapping[str, Sequence[Source]],
        context: Context,
        *,
        most: int | None = None,
    ) -> None:
        self.map, self.context, self.most = map, context, most
        self.sources = sources
        self.files = map.files or (File("", ""),)
        self.sheet = Sheet(map, context)
        self.widths = [len(sources[file.name][0].header) for file in self.files]
        self.parts: list[Source] = []  # in the order in which their lines are numbered
        self.starts: list[int] = []  # the line of the stream before each one's first
        self.read: dict[str, int] = {}  # rows of the files that are looked up
        self.said = self.count = 0
        self.size = sum(source.size for found in sources.values() for source in found)
        self._find = lru_cache(20_000)(self._looked_up)

    def __enter__(self) -> "Joined":
        self.folder = TemporaryDirectory(prefix="regulars-map-", ignore_cleanup_errors=True)
        self.db = sqlite3.connect(Path(self.folder.name) / "rows.sqlite3", isolation_level=None)
        self.db.executescript(SCHEMA)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        with suppress(sqlite3.Error):
            self.db.close()
        self.folder.cleanup()

    def where(self, line: int) -> str:
        """The file and the line in it that a line of the stream is; blank in the first file."""
        place = bisect_left(self.starts, line) - 1
        if place <= 0:
            return ""
        return _place(self.parts[place], line - self.starts[place])

    def beside(self) -> dict[str, list[int]]:
        """Of each file that is looked up: its rows, and how many of them a row named."""
        cursor = self.db.execute(
            "SELECT file, count(*) FROM other JOIN named USING (file, own) GROUP BY file"
        )
        named = dict(cursor.fetchall())
        return {
            self.sources[name][0].path.name: [count, named.get(name, 0)]
            for name, count in self.read.items()
        }

    def gather(self, told: Callable[[int], None] | None = None) -> None:
        """Read all files; `told` gets the bytes that are done. Unreadable on a full disk."""
        try:
            self._gather(told)
        except sqlite3.OperationalError as why:
            raise Unreadable(
                _("There is no room to put the rows together: %(why)s. Free some and try again.",
                  why=why)
            ) from None  # fmt: skip

    def _gather(self, told: Callable[[int], None] | None) -> None:
        main, *others = self.files
        self.db.execute("BEGIN")
        for file in others:
            self._keep_other(file, told)
        self.db.execute("CREATE INDEX by_own ON other (file, own)")
        ends = self._keep_main(main, told)
        self.db.execute("COMMIT")
        self.count = self.db.execute("SELECT count(*) FROM flat").fetchone()[0]
        for file in others:
            for source in self.sources[file.name]:
                self.parts.append(source)
                self.starts.append(ends)
                last = self.db.execute(
                    "SELECT max(line) FROM other WHERE file = ? AND part = ?",
                    (file.name, self.sources[file.name].index(source)),
                ).fetchone()[0]
                ends += last or 1

    def _source_rows(
        self, source: Source, order: list[int] | None, told: Callable[[int], None] | None
    ) -> Iterator[Row]:
        """The rows of one part of a file, its columns as in the first part."""
        before = self.said

        def tell(done: int) -> None:
            if told:
                told(before + done)

        for line, cells, problem in rows(source, tell):
            yield line, [cells[place] for place in order] if order else cells, problem
        self.said += source.size

    def _keep_other(self, file: File, told: Callable[[int], None] | None) -> None:
        first = self.sources[file.name][0]
        place = {name: place for place, name in enumerate(first.columns)}[fold(file.here)]
        held = []
        self.read[file.name] = 0
        for part, source in enumerate(self.sources[file.name]):
            for line, cells, problem in self._source_rows(source, _order(first, source), told):
                held.append((file.name, key_of(cells[place]), part, line, encode(cells), problem))
                self.read[file.name] += 1
                if len(held) >= AT_ONCE:
                    self.db.executemany("INSERT INTO other VALUES (?, ?, ?, ?, ?, ?)", held)
                    held.clear()
        self.db.executemany("INSERT INTO other VALUES (?, ?, ?, ?, ?, ?)", held)

    def _keep_main(self, main: File, told: Callable[[int], None] | None) -> int:
        """Keep the first file's rows, completed; the last line of the stream that they take."""
        held: list[Kept] = []
        keys: list[tuple[str, int]] = []
        first, start, key = self.sources[main.name][0], 0, ""
        for source in self.sources[main.name]:
            self.parts.append(source)
            self.starts.append(start)
            last = 1
            for row in islice(self._source_rows(source, _order(first, source), told), self.most):
                last = row[0]
                kept, key = self._kept(row, start + row[0], key)
                held.append(kept)
                keys.append((key, kept[0]))
                if len(held) >= AT_ONCE:
                    self._write(held, keys)
            start += last
        self._write(held, keys)
        return start

    def _kept(self, row: Row, line: int, key: str) -> tuple[Kept, str]:
        """A row of the first file as it is kept, and the record that it belongs to."""
        flat, missing = self._complete(row[1])
        problem = row[2] or missing
        out = left_out(self.sheet, (line, flat, problem)) is not None
        grouped = "number" in self.map.fields
        if grouped and not out:
            key = self.sheet.own_id(flat) or key
        return (line, key, int(out), encode(flat), problem), key

    def _write(
        self,
        held: list[Kept],
        keys: list[tuple[str, int]],
    ) -> None:
        self.db.executemany("INSERT INTO flat VALUES (?, ?, ?, ?, ?)", held)
        self.db.executemany("INSERT OR IGNORE INTO grp VALUES (?, ?)", keys)
        held.clear()
        keys.clear()

    def _complete(self, cells: list[str]) -> tuple[list[str], str | None]:
        """A row of the first file with what the others tell, and what is wrong with that."""
        flat, problem = list(cells), None
        if not self.map.joined:
            return flat, None
        for file, width in zip(self.files[1:], self.widths[1:], strict=True):
            place = place_of(f"{file.parent}.{file.there}", self.context.columns, "")
            key = key_of(flat[place]) if place is not None and place < len(flat) else ""
            found, why, there = self._find(file.name, key) if key else (None, "", False)
            if why and (there or not file.optional):
                problem = problem or why
            flat += found or [""] * width
        return flat, problem

    def _looked_up(self, name: str, key: str) -> Found:
        """The row of a file with that key: its cells, or why there are none, and if it is there."""
        found = self.db.execute(
            "SELECT part, line, cells, problem FROM other WHERE file = ? AND own = ? LIMIT 2",
            (name, key),
        ).fetchall()
        self.db.execute("INSERT OR IGNORE INTO named VALUES (?, ?)", (name, key))
        sources = self.sources[name]
        if not found:
            here = next(file.here for file in self.files if file.name == name)
            absent = _(
                "No row of %(file)s has “%(value)s” under “%(column)s”.",
                column=here,
                value=key[:60],
                file=sources[0].path.name,
            )
            return None, absent, False
        places = [_place(sources[part], line) for part, line, _cells, _problem in found]
        if len(found) == 2 and found[0][2] != found[1][2]:
            twice = _(
                "“%(value)s” stands in two rows that are not alike: %(one)s and %(other)s.",
                value=key[:60],
                one=places[0],
                other=places[1],
            )
            return None, twice, True
        if found[0][3]:
            return None, f"{places[0]}: {found[0][3]}", True
        return json.loads(found[0][2]), "", True

    def rows(self, told: Callable[[int], None] | None = None) -> Iterator[Row]:
        """The stream, the same at every call; `told` gets bytes between half and all."""
        for done, row in enumerate(self._named_rows()):
            if told and not done & 1023:
                told(self.size // 2 + self.size * done // max(2 * self.count, 1))
            yield row
        yield from self._unnamed()

    def _named_rows(self) -> Iterator[Row]:
        grouped = "number" in self.map.fields
        order = "first, out, n" if grouped else "n"
        cursor = self.db.execute(
            f"SELECT n, cells, problem FROM flat JOIN grp USING (key) ORDER BY {order}"
        )
        for line, cells, problem in cursor:
            yield line, json.loads(cells), problem

    def _unnamed(self) -> Iterator[Row]:
        """Rows of looked-up files that no row named, or that stand there a second time."""
        if not self.map.joined or self.most is not None:
            return
        width = sum(self.widths)
        before = {file.name: sum(self.widths[:place]) for place, file in enumerate(self.files)}
        cursor = self.db.execute(
            "SELECT o.file, o.part, o.line, o.cells, o.problem FROM other o"
            " LEFT JOIN named USING (file, own) WHERE named.own IS NULL ORDER BY o.rowid"
        )
        for name, part, line, cells, problem in cursor:
            start = self.starts[self.parts.index(self.sources[name][part])]
            flat = [""] * before[name] + json.loads(cells)
            yield start + line, flat + [""] * (width - len(flat)), problem


def _place(source: Source, line: int) -> str:
    return _("%(file)s, line %(line)s", file=source.path.name, line=line)


def _order(first: Source, source: Source) -> list[int] | None:
    """Where the columns of the first part stand in another one; None where they stand alike."""
    if source.columns == first.columns:
        return None
    places = {name: place for place, name in enumerate(source.columns)}
    if places.keys() != set(first.columns):
        raise Unreadable(
            _(
                "%(file)s has other columns than %(first)s.",
                file=source.path.name,
                first=first.path.name,
            )
        )
    return [places[name] for name in first.columns]
