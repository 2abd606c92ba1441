"""The text messages that the shop wrote, whether they went out, and why not."""

from typing import Any

from flask import Response, current_app, request

from portal.lib.guard import owner_only
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.sms import TextMessage
from portal.staff.views.blueprint import staff

SIZE = 30


@staff.get("/outbox/texts")
@owner_only
def texts() -> Response:
    """The text messages, newest first; what is secret in them is readable in the demo shop only."""
    shown: dict[str, Any] = {
        "texts": _texts(request.args.get("after")),
        "demo": current_app.config["DEMO"],
    }
    if asked():
        return partial("staff/_texts.html", **shown)
    return page("staff/texts.html", sends=bool(current_app.config["SMS_URL"]), **shown)


def _texts(after: str | None) -> Page:
    query: Any = TextMessage.select().order_by(TextMessage.id.desc())
    cursor = read_cursor(after)
    if cursor:
        query = query.where(TextMessage.id < cursor[1])
    return slice_after(list(query.limit(SIZE + 1)), SIZE, "created_at")
