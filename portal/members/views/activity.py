"""Everything that happened, as the member reads it."""

from itertools import groupby
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.lib.dates import day
from portal.lib.guard import current_member
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import read_cursor
from portal.members.timeline import GROUPS, groups, timeline
from portal.members.views.blueprint import members


@members.get("/account/activity")
def activity() -> Response:
    """A page of the timeline; htmx gets the list, or only the lines after `after`."""
    group = request.args.get("group", "")
    group = group if group in GROUPS else ""
    after = request.args.get("after")
    entries = timeline(current_member, group=group, after=after)
    more = ""
    if entries.next:
        more = url_for("members.activity", group=group or None, after=entries.next)
    cursor = read_cursor(after)
    shown: dict[str, Any] = {
        "days": [(at, list(lines)) for at, lines in groupby(entries.rows, lambda e: day(e.at))],
        "last_day": day(cursor[0]) if cursor and asked() else "",
        "more_url": more,
        "group": group,
    }
    if asked():
        rows = "members/_timeline_rows.html" if after else "members/_timeline.html"
        return partial(rows, **shown)
    return page("members/activity.html", groups=groups(), **shown)
