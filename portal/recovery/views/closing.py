"""Closing the account, and keeping it after all."""

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.sudo import fresh
from portal.recovery import closing
from portal.recovery.views.blueprint import me, recovery


@recovery.get("/account/close")
@fresh
def close() -> Response:
    """What goes, what stays and why; or the day on which it will be done."""
    return page("recovery/close.html", member=me(), refusal="")


@recovery.post("/account/close")
@fresh
def ask_to_close() -> Response:
    """Ask for it: two weeks to think begin. Asking twice changes nothing more."""
    try:
        member = closing.ask(me(), current_user.session_id)
    except Refused as refused:
        return page("recovery/close.html", refused.status, member=me(), refusal=refused.sentence)
    return done(
        _(
            "Your account closes on %(day)s. Until then you can keep it.",
            day=day(member.closing_at or now()),
        ),
        go_to=url_for("recovery.close"),
    )


@recovery.post("/account/close/keep")
def keep_account() -> Response:
    """Everything stays."""
    kept = closing.keep(me())
    return done(
        _("Your account stays.") if kept else _("Your account was not to be closed."),
        go_to=url_for("members.security"),
    )
