"""Rows that were put aside, put right by hand: they come in as part of the batch they belong to.

Rows that came together (all rows of an order) are read again together, by the reader and under the
context of their file, with the cells that somebody corrected.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.imports.formats.files import fold
from portal.imports.formats.json_file import NUL, object_text
from portal.imports.formats.json_text import whole_value
from portal.imports.loading.loader import Loader
from portal.imports.loading.work import Work
from portal.imports.maps.reader import MappedReader, reader_of
from portal.imports.models import Batch, QuarantinedRow
from portal.imports.readers import Context, Reader, formats, readers
from portal.imports.reading.secrecy import scrubber
from portal.imports.records import Bad, Record, Row
from portal.imports.tally import Tally
from portal.imports.timeline import tell_members
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.shop.models import settings

Cells = Mapping[int, Mapping[int, str]]
"""Corrected cells: by id of the row that was put aside, by place in the row."""


@dataclass(slots=True)
class Corrected:
    """What came of a correction: `reason` and the `line` to blame where it still can't come in."""

    rows: int
    reason: str = ""
    line: int = 0


class _StillWrong(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def waiting(batch: Batch, head: int) -> list[QuarantinedRow]:
    """The rows that came together with the row on line `head` and are not in yet, as in the file.

    Rows from before rows were kept together have no head: those of one order are a group.
    """
    open_rows = QuarantinedRow.select().where(
        (QuarantinedRow.batch == batch) & QuarantinedRow.corrected_at.is_null()
    )
    query = open_rows.where(QuarantinedRow.head == head) if head else open_rows.where(False)
    found = list(query.order_by(QuarantinedRow.line, QuarantinedRow.id))
    if not found:
        alone = (QuarantinedRow.head == 0) & (QuarantinedRow.line == head)
        first = open_rows.where(alone).first()
        if first and first.key:
            same = (QuarantinedRow.head == 0) & (QuarantinedRow.key == first.key)
            found = list(open_rows.where(same).order_by(QuarantinedRow.line))
        elif first:
            found = [first]
    return found


def cells_of(row: QuarantinedRow, width: int) -> list[str]:
    """A row's cells, at least as many as the header has columns."""
    kept = json.loads(row.cells)[0] if row.cells else []
    return [str(cell) for cell in kept] + [""] * (width - len(kept))


def reader_for(batch: Batch) -> Reader:
    """The reader that the batch's file was read with; Refused when there is none any more."""
    if batch.map:
        return reader_of(batch.map)
    if batch.kind not in readers():
        raise Refused(_("Files of this kind can't be read any more. Import the file again."))
    return readers()[batch.kind]


def is_json(batch: Batch) -> bool:
    """Whether a row of the batch is one cell with an object's text."""
    told = Tally(**batch.tally).reading.get("objects")
    return told if told is not None else _must_be_json(batch)


def _must_be_json(batch: Batch) -> bool:
    """For batches from before it was noted."""
    readable = formats(reader_for(batch))
    return not batch.map and "json" in readable and "csv" not in readable


def correct(batch: Batch, head: int, cells: Cells, by: Member) -> Corrected:
    """Bring in the rows of a group with corrected cells, or say why they still can't come.

    All or nothing, and once: Refused when the rows came in meanwhile or the batch is being undone.
    """
    try:
        with write_tx():
            # The batch's row is the lock: two people correct one after the other.
            done = (Batch.id == batch.id) & (Batch.state == "done")
            if not Batch.update(state="done").where(done).execute():
                raise Refused(_("This import is not finished, or it was undone. Its rows stay."))
            return _correct(Batch.get_by_id(batch.id), head, cells, by)
    except _StillWrong as still:
        return Corrected(0, still.reason, still.line)


def _correct(batch: Batch, head: int, cells: Cells, by: Member) -> Corrected:
    group = waiting(batch, head)
    if not group:
        raise Refused(_("These rows are in already. Reload the page."))
    reader, context = reader_for(batch), _context(batch)
    single = is_json(batch)
    rows = [_row(row, cells.get(row.id, {}), context, single) for row in group]
    loader = _Again(batch, reader, context)
    loader.load(_good(reader.read(rows, context)))
    at = now()
    QuarantinedRow.update(corrected_at=at, corrected_by=by).where(
        QuarantinedRow.id.in_([row.id for row in group])
    ).execute()
    Batch.update(tally=loader.settled(len(group))).where(Batch.id == batch.id).execute()
    if loader.orders:
        tell_members(batch, loader.orders)
    return Corrected(len(group))


def _context(batch: Batch) -> Context:
    """The context that the file's reader had."""
    reading = Tally(**batch.tally).reading
    return Context(
        header=batch.header,
        columns={fold(name): place for place, name in enumerate(batch.header)},
        currency=batch.currency,
        zone=ZoneInfo(reading.get("zone") or settings().timezone),
        day_first=reading.get("day_first", True),
        comma=reading.get("comma", False),
        scrub=None if is_json(batch) else scrubber(batch.header),
        objects=is_json(batch),
    )


def _row(row: QuarantinedRow, corrected: Mapping[int, str], context: Context, single: bool) -> Row:
    """The row with what was typed, which can hold secrets as a file can: they never come in."""
    width = len(context.header)
    cells = cells_of(row, 1 if single else width)
    for place, text in corrected.items():
        if place < len(cells):
            cells[place] = text.replace("\0", "")
    if single:
        return row.line, [_object(row.line, cells[0])], None
    if any(cell.strip() for cell in cells[width:]):
        raise _StillWrong(
            row.line,
            _("The row has %(count)s cells where the header names %(width)s columns.",
              count=len(cells), width=width),
        )  # fmt: skip
    return row.line, context.scrub(cells[:width]) if context.scrub else cells[:width], None


def _object(line: int, text: str) -> str:
    try:
        value = whole_value(text)
        if not isinstance(value, dict):
            raise _StillWrong(line, _("This is no object: it has no fields."))
        cleaned = object_text(value)
    except ValueError as error:
        raise _StillWrong(line, _("This is not JSON: %(why)s.", why=error)) from None
    except RecursionError:
        raise _StillWrong(line, _("This is nested too deeply.")) from None
    if NUL.search(cleaned):
        raise _StillWrong(line, _("This holds a NUL character."))
    return cleaned


def _good(records: Iterable[Record]) -> list[Record]:
    """The records, unless one of them still can't be read."""
    found = list(records)
    for record in found:
        if isinstance(record, Bad) and not record.came_away:
            raise _blame(record)
    return found


def _blame(bad: Bad) -> _StillWrong:
    """The row to blame has the shortest reason: those of the others quote it."""
    line, reason, _cells = min(bad.rows, key=lambda row: len(row[1]))
    return _StillWrong(line, reason)


class _Again(Loader):
    """Loads into a batch that is finished: rows are not counted twice, a refusal undoes all."""

    def __init__(self, batch: Batch, reader: Reader, context: Context) -> None:
        tally = Tally(**batch.tally)
        seed = context.seed() + (
            "\0" + reader.map.sha256 if isinstance(reader, MappedReader) else ""
        )
        super().__init__(batch, tally.copy(), context, reader, shop=batch.shop, seed=seed)
        self.before = tally
        self.orders: set[int] = set()

    def _move_on(self, batch_id: int, rows: int, work: Work) -> None:
        if work.bad:
            raise _blame(work.bad[0])
        self.orders |= work.orders

    def settled(self, rows: int) -> dict[str, object]:
        """The batch's figures after `rows` of those put aside came in.

        Whom and what the rows name was met by the batch before or not: that is not known any more,
        so unchanged people and products are not counted again.
        """
        tally, before = self.tally, self.before
        tally.rows, tally.quarantined = before.rows, before.quarantined - rows
        for thing in ("members", "products"):
            tally.unchanged[thing] = before.unchanged[thing]
        return tally.as_json()
