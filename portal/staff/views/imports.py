"""What came in so far: every batch with its counts and sums, and the rows that were put aside."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from peewee import fn

from portal.imports.models import Batch, QuarantinedRow
from portal.lib.forms import whole_number
from portal.lib.guard import find_or_404, owner_only
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.staff.views.blueprint import staff

SIZE = 20
ROWS = 50


@dataclass
class Line:
    """A batch in the list, with how many rows it put aside."""

    batch: Batch
    aside: int


@staff.get("/imports")
@owner_only
def imports() -> Response:
    """The batches, newest first."""
    batches = _batches(request.args.get("after"))
    if asked():
        return partial("staff/_batches.html", batches=batches)
    return page("staff/imports.html", batches=batches)


@staff.get("/imports/<int:batch_id>")
@owner_only
def batch(batch_id: int) -> Response:
    """One batch, and the rows that could not come in."""
    found: Batch = find_or_404(Batch.select(), Batch.id == batch_id)
    faults = _faults(found, whole_number(request.args.get("after")) or 0)
    if asked():
        return partial("staff/_faults.html", batch=found, faults=faults)
    return page("staff/batch.html", batch=found, faults=faults, aside=_aside([found.id]))


def _batches(after: str | None) -> Page:
    query: Any = Batch.select().order_by(Batch.id.desc())
    cursor = read_cursor(after)
    if cursor:
        query = query.where(Batch.id < cursor[1])
    found = slice_after(list(query.limit(SIZE + 1)), SIZE, "started_at")
    aside = _aside([batch.id for batch in found.rows])
    return Page([Line(batch, aside.get(batch.id, 0)) for batch in found.rows], found.next)


def _aside(ids: list[int]) -> dict[int, int]:
    rows: Any = QuarantinedRow.select(QuarantinedRow.batch, fn.COUNT(QuarantinedRow.id))
    return dict(rows.where(QuarantinedRow.batch.in_(ids)).group_by(QuarantinedRow.batch).tuples())


def _faults(found: Batch, after: int) -> Page:
    """Rows in the order of the file; the cursor is the last row's id and line."""
    query = QuarantinedRow.select().where(
        (QuarantinedRow.batch == found) & (QuarantinedRow.line > after)
    )
    rows = list(query.order_by(QuarantinedRow.line, QuarantinedRow.id).limit(ROWS + 1))
    more = len(rows) > ROWS
    return Page(rows[:ROWS], str(rows[ROWS - 1].line) if more else None)
