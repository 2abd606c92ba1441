"""The rows that a batch put aside: page by page, and taken away to be put right elsewhere."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from peewee import fn

from portal.imports.corrections import cells_of, is_json
from portal.imports.models import Batch, QuarantinedRow
from portal.lib.db import db, is_sqlite
from portal.lib.text import _

AT_ONCE = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")


@dataclass(slots=True)
class Group:
    """Rows that come in together: the first of them, and how many they are."""

    first: QuarantinedRow
    rows: int

    @property
    def head(self) -> int:
        """The line that names the group."""
        return self.first.head or self.first.line


def groups(batch: Batch, after: int, size: int) -> list[Group]:
    """Groups that are not in yet, in the order in which they were met, behind the row `after`."""
    first = (QuarantinedRow.head == QuarantinedRow.line) | (QuarantinedRow.head == 0)
    rows = list(_open(batch).where(first & (QuarantinedRow.id > after)).limit(size))
    heads = [row.head for row in rows if row.head]
    counted: Any = QuarantinedRow.select(QuarantinedRow.head, fn.COUNT(QuarantinedRow.id)).where(
        (QuarantinedRow.batch == batch)
        & QuarantinedRow.corrected_at.is_null()
        & QuarantinedRow.head.in_(heads)
    )
    counts = dict(counted.group_by(QuarantinedRow.head).tuples())
    return [Group(row, counts.get(row.head, 1)) for row in rows]


def _open(batch: Batch) -> Any:
    mine = (QuarantinedRow.batch == batch) & QuarantinedRow.corrected_at.is_null()
    return QuarantinedRow.select().where(mine).order_by(QuarantinedRow.id)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; readers take the `'` away again."""
    if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def as_csv(batch: Batch) -> Iterator[str]:
    """The rows as they stood in the file, under its header, and why each stays out; in pieces."""
    width = len(batch.header)
    yield _line([*batch.header, _("Why it stays out")])
    for rows in _pieces(batch):
        yield "".join(_line([*cells_of(row, width)[:width], row.reason]) for row in rows)


def as_json(batch: Batch) -> Iterator[str]:
    """The objects that stay out as a list; what is no object stands as text."""
    yield "["
    between = "\n"
    for rows in _pieces(batch):
        for row in rows:
            yield between + json.dumps(_object(cells_of(row, 1)[0]), ensure_ascii=False)
            between = ",\n"
    yield "\n]\n"


def taken_away(batch: Batch) -> tuple[str, str, Iterator[str]]:
    """(name of the file, its type, its text): JSON for what came as JSON, else CSV."""
    stem = re.sub(r"[^\w.-]+", "-", batch.file.rpartition(".")[0] or batch.file, flags=re.ASCII)[
        :80
    ]
    if is_json(batch):
        return f"{stem}-aside.json", "application/json", as_json(batch)
    return f"{stem}-aside.csv", "text/csv; charset=utf-8", as_csv(batch)


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pieces(batch: Batch) -> Iterator[list[QuarantinedRow]]:
    """All open rows, a few at a time; runs after the request, on a connection of its own."""
    after = 0
    db.connect(reuse_if_open=True)
    try:
        while rows := list(_open(batch).where(QuarantinedRow.id > after).limit(AT_ONCE)):
            yield rows
            after = rows[-1].id
    finally:
        if not is_sqlite() and not db.is_closed() and not db.in_transaction():
            db.close()
