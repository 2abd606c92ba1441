"""The offer of a passkey after a sign-in, which can be put off."""

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from portal.lib.dates import day
from portal.lib.guard import current_member
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import nudges
from portal.members.models import Member
from portal.members.views.blueprint import members, target
from portal.members.views.passkeys import add_passkey, onwards


@members.get("/sign-in/offer")
def offer() -> Response:
    return _show() if nudges.wanted(current_member) else redirect(target(), 303)


@members.post("/sign-in/offer")
def accept_offer() -> Response:
    try:
        add_passkey()
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    return redirect(target(), 303)


@members.post("/sign-in/offer/later")
def put_off_offer() -> Response:
    until = nudges.put_off(current_member, request.form.get("again", "month"))
    flash(
        _("A passkey is offered again from %(day)s.", day=day(until))
        if until
        else _("No passkey is offered any more. You can make one under Security."),
        "good",
    )
    return redirect(target(), 303)


def after_code(member: Member, there: str) -> str:
    """Where somebody goes after a code: past the offer, where it is due and the browser able."""
    return there if request.form.get("passkeys") == "no" else onwards(member, there)


def _show(status: int = 200, refusal: str = "") -> Response:
    lacking = nudges.wanted(current_member)
    return page("members/offer.html", status, next=target(), lacking=lacking, refusal=refusal)
