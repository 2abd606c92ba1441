"""What was refused at the doors, for the owner: one line each, with from where as a short hash."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for

from portal.lib.guard import owner_only
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.text import _
from portal.members import incidents as refusals
from portal.members.models import Incident, Member
from portal.staff.views.blueprint import staff

SIZE = 30


@staff.get("/incidents")
@owner_only
def incidents() -> Response:
    """The incidents, newest first, of one kind or one network address or all."""
    kind = request.args.get("kind", "")
    wanted = {
        "kind": kind if kind in refusals.KINDS else "",
        "client": request.args.get("client", "")[:64],
    }
    found = _page(wanted, request.args.get("after"))
    place = {**_given(wanted), "after": found.next}
    more = "?".join((url_for("staff.incidents"), urlencode(place))) if found.next else ""
    values: dict[str, Any] = {"rows": found.rows, "more_url": more, "words": refusals.KINDS}
    if asked():
        return partial("staff/_incidents.html", **values)
    kinds = [(name, _(words)) for name, words in refusals.KINDS.items()]
    return page("staff/incidents.html", kinds=kinds, wanted=wanted, **values)


def _given(wanted: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if value}


def _page(wanted: dict[str, str], after: str | None) -> Page:
    query: Any = Incident.select(Incident, Member.id, Member.number, Member.name).left_outer_join(
        Member
    )
    for name, value in _given(wanted).items():
        query = query.where(getattr(Incident, name) == value)
    if cursor := read_cursor(after):
        query = query.where(Incident.id < cursor[1])
    return slice_after(list(query.order_by(Incident.id.desc()).limit(SIZE + 1)), SIZE, "at")
