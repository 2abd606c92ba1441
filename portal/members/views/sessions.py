"""Where a member is signed in, and the end of a session: one, or all others."""

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done
from portal.lib.text import _, ngettext
from portal.members.models import Session
from portal.members.views.blueprint import members


@members.post("/account/security/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    session = find_or_404(Session.live(current_member), Session.id == session_id)
    with write_tx():
        if session.end():
            current_member.record("sessions.ended_one", device=session.device)
    return _done(_("%(device)s is signed out.", device=session.device))


@members.post("/account/security/sessions/end")
def end_others() -> Response:
    with write_tx():
        count = Session.end_all(current_member, but=current_user.session_id)
        if count:
            current_member.record("sessions.ended", count=count)
    return _done(
        ngettext(
            "One other browser is signed out.", "%(count)s other browsers are signed out.", count
        )
        if count
        else _("No other browser was signed in.")
    )


def _done(notice: str) -> Response:
    return done(
        notice,
        show="members/_sessions.html",
        go_to=url_for("members.security"),
        sessions=list(Session.live(current_member)),
        here=current_user.session_id,
    )
