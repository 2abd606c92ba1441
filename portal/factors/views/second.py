"""The page between a first step and the door: the second one, in any way that the member has."""

from flask import abort, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.factors import sent
from portal.factors.forms import ProofForm
from portal.factors.second import TAKERS, note_wrong, ways
from portal.factors.views.blueprint import factors
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import public
from portal.lib.htmx import page
from portal.lib.phones import masked
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest
from portal.members import incidents, steps
from portal.members.models import PendingSignIn
from portal.members.views.blueprint import limit, target

SENT = ("mail", "sms")
COOKIE = "second"  # binds a sent code to this browser


@factors.get("/sign-in/second")
@public
def second() -> Response:
    """Ask for the second step of the sign-in that this browser began."""
    pending = steps.waiting()
    return _show(pending, ProofForm(None)) if pending else _gone()


@factors.post("/sign-in/second/send")
@public
def send_second() -> Response:
    """Send the code of a second step by mail or text message."""
    pending = steps.waiting()
    if pending is None:
        return _gone()
    by = request.form.get("by", "")
    if by not in ways(pending.member, pending.method) or by not in SENT:
        abort(404)
    limit("second.send.client")
    limit("second.send.member", str(pending.member_id))
    if by == "sms":
        limit("sms.all")
    try:
        session[COOKIE] = sent.send(pending, by)
    except Refused as refused:
        flash(refused.sentence, "stop")
    return redirect(url_for("factors.second", by=by, next=target()), 303)


@factors.post("/sign-in/second")
@public
def use_second() -> Response:
    """Take it, once, and open the door."""
    pending = steps.waiting()
    if pending is None:
        return _late()
    form = ProofForm()
    if not form.validate() or not ways(pending.member, pending.method):
        return _show(pending, form, 422)
    by = _by(pending)
    limit("second.try.client")
    limit("second.try.member", str(pending.member_id))
    try:
        tries = steps.count_try(pending)
    except Refused:
        return _late()
    try:
        if by in SENT:
            sent.take(pending, session.get(COOKIE), by, form.code.data)
        else:
            TAKERS[by](pending.member, form.code.data)
    except Refused as refused:
        with write_tx():
            note_wrong(pending.id)
        form.code.errors = [refused.sentence]
        return _show(pending, form, refused.status) if tries < steps.TRIES else _gone()
    there = target()
    steps.arrive(pending, by)
    return redirect(there, 303)


def _by(pending: PendingSignIn) -> str:
    """The way that was chosen, where the member has it; otherwise the likeliest."""
    open_ways = ways(pending.member, pending.method)
    chosen = request.values.get("by", "")
    return chosen if chosen in open_ways else open_ways[0]


def _show(pending: PendingSignIn, form: ProofForm, status: int = 200) -> Response:
    open_ways = ways(pending.member, pending.method)
    if not open_ways:  # it was switched off meanwhile
        return _gone()
    by = _by(pending)
    return page(
        "factors/second.html",
        status,
        form=form,
        by=by,
        ways=open_ways,
        next=target(),
        waits=by not in SENT or sent.waits(pending, session.get(COOKIE), by),
        number=masked(row.target) if (row := sent.of(pending.member).get("sms")) else "",
    )


def _late() -> Response:
    """A second step for a sign-in that has ended: told to whose it was, or nobody's."""
    token = session.get(steps.COOKIE)
    row = PendingSignIn.get_or_none(PendingSignIn.token_hash == digest(token)) if token else None
    if row:
        row.member.record("sign_in.too_late")
    else:
        incidents.note("code_unknown")
    return _gone()


def _gone() -> Response:
    """Back to the door, with why this sign-in cannot be finished."""
    token = session.pop(steps.COOKIE, None)
    row = PendingSignIn.get_or_none(PendingSignIn.token_hash == digest(token)) if token else None
    flash(_why(row), "stop")
    return redirect(url_for("members.sign_in", next=target()), 303)


def _why(row: PendingSignIn | None) -> str:
    if row is None:
        return _("No sign-in waits in this browser. Begin where you want to come in.")
    if row.used_at:
        return _("This sign-in is finished already. Begin again if you are not in.")
    if row.tries >= steps.TRIES:
        return _("That were ten wrong ones, so this sign-in ended. Begin again.")
    if row.expires_at <= now():
        return _("The second step took longer than ten minutes. Begin again.")
    return _("Two-step verification was switched off meanwhile. Begin again.")
