"""Where a member is signed in: names for the browsers, an end for each, and a year of sign-ins."""

from itertools import groupby
from typing import Any

from flask import request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, done, page, partial
from portal.lib.keyset import read_cursor
from portal.lib.text import _, ngettext
from portal.members.browsers import browsers, left_after_change, limits
from portal.members.devices import KNOWN
from portal.members.forms import BrowserForm
from portal.members.letters import tell_change
from portal.members.models import Member, Session
from portal.members.timeline import timeline
from portal.members.views.blueprint import members
from portal.members.ways import Part, add_part
from portal.shop.models import settings


@members.get("/account/security/sessions")
def sessions() -> Response:
    """The sessions and the sign-ins of a year; htmx gets the lines after `after`."""
    if asked():
        return partial("members/_timeline_rows.html", **_history())
    return _show()


@members.post("/account/security/sessions/<int:session_id>/name")
def rename_session(session_id: int) -> Response:
    session, form = _mine(session_id), BrowserForm()
    if not form.validate():
        return _show(422, naming=session_id, form=form)
    session.rename(form.name.data)
    return done(_("Renamed."), go_to=url_for("members.sessions"))


@members.post("/account/security/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    session = _mine(session_id)
    ended = _("%(device)s is signed out.", device=session.shown)
    with write_tx():
        if session.end():
            current_member.record("sessions.ended_one", device=session.shown)
            _tell_ended(ended)
    return _done(ended)


@members.post("/account/security/sessions/end")
def end_others() -> Response:
    with write_tx():
        count = Session.end_all(current_member, but=current_user.session_id)
        ended = ngettext(
            "One other browser is signed out.", "%(count)s other browsers are signed out.", count
        )
        if count:
            current_member.record("sessions.ended", count=count)
            _tell_ended(ended)
    return _done(ended if count else _("No other browser was signed in."))


def _mine(session_id: int) -> Session:
    session: Session = find_or_404(Session.live(current_member), Session.id == session_id)
    return session


def _tell_ended(sentence: str) -> None:
    tell_change(
        current_member,
        subject=_("A session of your account at %(shop)s was ended", shop=settings().name),
        sentence=sentence,
        advice=_("If it was you, all is well. If not, look at your security page at once."),
    )


def _show(status: int = 200, naming: int = 0, form: BrowserForm | None = None) -> Response:
    return page(
        "members/sessions.html",
        status,
        browsers=browsers(current_member, current_user.session_id),
        limits=limits(current_member),
        naming=naming,
        form=form or BrowserForm(None),
        **_history(),
    )


def _done(notice: str) -> Response:
    return done(
        notice,
        show="members/_sessions.html",
        go_to=url_for("members.sessions"),
        browsers=browsers(current_member, current_user.session_id),
        limits=limits(current_member),
        naming=0,
        form=BrowserForm(None),
    )


def _history() -> dict[str, Any]:
    """A page of what happened at the door, as far back as a year."""
    after = request.args.get("after")
    entries, oldest = timeline(current_member, group="sign-ins", after=after), now() - KNOWN
    rows = [entry for entry in entries.rows if entry.at > oldest]
    more = entries.next if len(rows) == len(entries.rows) else None
    cursor = read_cursor(after)
    return {
        "days": [(at, list(lines)) for at, lines in groupby(rows, lambda entry: day(entry.at))],
        "last_day": day(cursor[0]) if cursor and asked() else "",
        "more_url": url_for("members.sessions", after=more) if more else "",
        "back": url_for("members.sessions"),
    }


def _left(member: Member) -> dict[str, Any] | None:
    count = left_after_change(member, current_user.session_id)
    return {"count": count} if count else None


add_part(Part("end-others", -10, "members/_end_others.html", _left))
