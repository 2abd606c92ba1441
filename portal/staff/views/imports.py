"""Where files come in, what came in so far, and one batch with the rows that it put aside."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from peewee import fn

from portal.imports.aside import Group, groups
from portal.imports.models import Batch, QuarantinedRow
from portal.lib.forms import whole_number
from portal.lib.guard import find_or_404, owner_only
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.staff import arrival
from portal.staff.views.blueprint import staff
from portal.staff.views.uploads import BUSY, open_uploads

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
    """Where files are dropped, those that are not in yet, and the batches, newest first."""
    batches = _batches(request.args.get("after"))
    if asked():
        return partial("staff/_batches.html", batches=batches)
    uploads = open_uploads()
    busy = any(upload.state in BUSY for upload in uploads)
    return page(
        "staff/imports.html", batches=batches, uploads=uploads, busy=busy, going=arrival.going
    )


@staff.get("/imports/<int:batch_id>")
@owner_only
def batch(batch_id: int) -> Response:
    """One batch, and the rows that could not come in."""
    found: Batch = find_or_404(Batch.select(), Batch.id == batch_id)
    faults = _faults(found, whole_number(request.args.get("after")) or 0)
    if asked():
        return partial("staff/_faults.html", batch=found, faults=faults)
    headline = arrival.outcome(found.tally, ahead=False)
    aside = _aside([found.id]).get(found.id, 0)
    return page("staff/batch.html", batch=found, faults=faults, aside=aside, headline=headline)


def _batches(after: str | None) -> Page:
    query: Any = Batch.select().order_by(Batch.id.desc())
    cursor = read_cursor(after)
    if cursor:
        query = query.where(Batch.id < cursor[1])
    found = slice_after(list(query.limit(SIZE + 1)), SIZE, "started_at")
    aside = _aside([batch.id for batch in found.rows])
    return Page([Line(batch, aside.get(batch.id, 0)) for batch in found.rows], found.next)


def _aside(ids: list[int]) -> dict[int, int]:
    rows: Any = QuarantinedRow.select(QuarantinedRow.batch, fn.COUNT(QuarantinedRow.id)).where(
        QuarantinedRow.batch.in_(ids) & QuarantinedRow.corrected_at.is_null()
    )
    return dict(rows.group_by(QuarantinedRow.batch).tuples())


def _faults(found: Batch, after: int) -> Page:
    """Rows that came together, as they were met; the cursor is the last first row's id."""
    rows: list[Group] = groups(found, after, ROWS + 1)
    more = len(rows) > ROWS
    return Page(rows[:ROWS], str(rows[ROWS - 1].first.id) if more else None)
