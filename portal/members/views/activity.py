"""Everything that happened, as the member reads it."""

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import current_member
from portal.lib.htmx import asked, page, partial
from portal.members.timeline import GROUPS, groups, timeline
from portal.members.views.blueprint import members


@members.get("/account/activity")
def activity() -> Response:
    group = request.args.get("group", "")
    group = group if group in GROUPS else ""
    entries = timeline(current_member, group=group, after=request.args.get("after"))
    more = (
        url_for("members.activity", group=group or None, after=entries.next) if entries.next else ""
    )
    if asked() and "after" in request.args:
        return partial("members/_timeline_rows.html", entries=entries.rows, more_url=more)
    return page(
        "members/activity.html",
        entries=entries.rows,
        more_url=more,
        group=group,
        groups=groups(),
        later=request.args.get("after"),
    )
