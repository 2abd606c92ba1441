"""Rows that an import put aside: put right in place, or taken away as a file."""

import re
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.imports.aside import taken_away
from portal.imports.corrections import cells_of, correct, waiting
from portal.imports.models import Batch, QuarantinedRow
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.staff import arrival
from portal.staff.views.blueprint import staff

NAME = re.compile(r"c([0-9]{1,15})-([0-9]{1,4})")


@staff.get("/imports/<int:batch_id>/aside")
@owner_only
def take_aside(batch_id: int) -> Response:
    """All rows that stay out as a file, sent while it is read."""
    name, kind, text = taken_away(_batch(batch_id))
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Type": kind,
        "Cache-Control": "no-store",
    }
    return Response((piece.encode() for piece in text), headers=headers)


@staff.get("/imports/<int:batch_id>/aside/<int:head>")
@owner_only
def aside(batch_id: int, head: int) -> Response:
    """An editor for rows that come in together."""
    batch = _batch(batch_id)
    return _editor(batch, head, _rows(batch, head), 200, {})


@staff.post("/imports/<int:batch_id>/aside/<int:head>")
@owner_only
def correct_aside(batch_id: int, head: int) -> BaseResponse:
    """Bring the corrected rows in; what still can't come stays typed, with its reason."""
    batch = _batch(batch_id)
    rows = _rows(batch, head)
    typed = _typed(batch, rows)
    result = correct(batch, head, typed, current_member)
    if result.reason:
        return _editor(batch, head, rows, 422, typed, result.reason, result.line)
    notice = ngettext(
        "The row is in.", "%(number)s rows are in.", result.rows, number=f"{result.rows:,}"
    )
    return done(
        notice,
        show="staff/_aside_in.html",
        go_to=url_for("staff.batch", batch_id=batch.id),
        head=head,
        lines=[row.line for row in rows],
    )


def _batch(batch_id: int) -> Batch:
    found: Batch = find_or_404(Batch.select(), Batch.id == batch_id)
    return found


def _rows(batch: Batch, head: int) -> list[QuarantinedRow]:
    rows = waiting(batch, head)
    if rows:
        return rows
    row = QuarantinedRow.select().where(
        (QuarantinedRow.batch == batch) & (QuarantinedRow.line == head)
    )
    find_or_404(row)
    raise Refused(_("These rows are in already. Reload the page."))


def _typed(batch: Batch, rows: list[QuarantinedRow]) -> dict[int, dict[int, str]]:
    """The cells that differ from those of the file; a browser's line ends make no difference."""
    kept = {row.id: cells_of(row, len(batch.header)) for row in rows}
    typed: dict[int, dict[int, str]] = {}
    for name, text in request.form.items():
        found = NAME.fullmatch(name)
        row, place = (int(found[1]), int(found[2])) if found else (0, 0)
        if row not in kept or place >= len(kept[row]):
            continue
        text = text.replace("\r\n", "\n")
        if text != kept[row][place].replace("\r\n", "\n"):
            typed.setdefault(row, {})[place] = text
    return typed


def _editor(
    batch: Batch,
    head: int,
    rows: list[QuarantinedRow],
    status: int,
    typed: dict[int, dict[int, str]],
    reason: str = "",
    line: int = 0,
) -> Response:
    about: dict[str, Any] = {
        "batch": batch,
        "head": head,
        "count": len(rows),
        "rows": arrival.editable(batch, rows, typed),
        "reason": reason,
        "blamed": line,
    }
    if asked():
        return partial("staff/_aside.html", status, **about)
    return page("staff/aside.html", status, **about)
