"""The outbox: every mail the shop wrote, whether it went out, and why not."""

from typing import Any

from flask import Response, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.mail import SECRET_PLACE, Mail, deliver
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.shop.models import settings
from portal.staff.views.blueprint import staff

SIZE = 30


@staff.get("/outbox")
@owner_only
def outbox() -> Response:
    """The mails, newest first."""
    mails = _mails(request.args.get("after"))
    if asked():
        return partial("staff/_mails.html", mails=mails)
    return page(
        "staff/outbox.html",
        mails=mails,
        sends=bool(current_app.config["MAIL_URL"]),
        trouble=settings().bounces_trouble if current_app.config["BOUNCES_URL"] else "",
    )


@staff.get("/outbox/<int:mail_id>")
@owner_only
def mail(mail_id: int) -> Response:
    """One mail as plain text; what is secret in it is readable in the demo shop only."""
    found: Mail = find_or_404(Mail.select(), Mail.id == mail_id)
    secret = found.secret() if current_app.config["DEMO"] else None
    text, _html = found.filled(secret)
    blanked = SECRET_PLACE in found.text and not secret
    return page("staff/mail.html", mail=found, text=text, blanked=blanked)


@staff.post("/outbox/<int:mail_id>/send")
@owner_only
def send_again(mail_id: int) -> BaseResponse:
    """Put a mail that failed or came back among those that wait."""
    found: Mail = find_or_404(Mail.select(), Mail.id == mail_id)
    if SECRET_PLACE in found.text and not found.sealed:
        raise Refused(_("What this mail held is gone for good; let the person ask for a new one."))
    with write_tx():
        revived = (
            Mail.update(status="pending", tries=0, error=None, next_try_at=now())
            .where((Mail.id == found.id) & Mail.status.in_(("failed", "bounced")))
            .execute()
        )
        if not revived:
            raise Refused(_("Only a mail that failed or came back can be sent again."))
        if current_app.config["MAIL_URL"]:
            deliver(found.id)
    return done(_("The mail waits to be sent."), go_to=url_for("staff.mail", mail_id=found.id))


def _mails(after: str | None) -> Page:
    query: Any = Mail.select(
        Mail.id, Mail.to, Mail.subject, Mail.status, Mail.created_at, Mail.sent_at, Mail.error
    ).order_by(Mail.id.desc())
    cursor = read_cursor(after)
    if cursor:
        query = query.where(Mail.id < cursor[1])
    return slice_after(list(query.limit(SIZE + 1)), SIZE, "created_at")
