"""Codes by text message as a second factor: type a number, prove it, and it counts."""

from flask import abort, redirect, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.factors import recovery_codes, sent
from portal.factors.forms import ProofForm
from portal.factors.views.blueprint import factors
from portal.lib import sms
from portal.lib.guard import current_member
from portal.lib.htmx import done, page
from portal.lib.phones import read_phone, spaced
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import phones, proofs
from portal.members.forms import PhoneForm
from portal.members.models import Member, PhoneNumber
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit, limit_texts

COOKIE = "phone"  # binds the code to this browser


@factors.get("/account/security/second-factor/sms")
@fresh
def text_number() -> Response:
    """Ask for the number."""
    _on()
    form = PhoneForm(None)
    known = PhoneNumber.select().where(PhoneNumber.member == current_member.id).first()
    form.number.data = known.number if known else ""
    return page("factors/number.html", form=form)


@factors.post("/account/security/second-factor/sms")
@fresh
def ask_text() -> Response:
    """Send a code to the number."""
    _on()
    form = PhoneForm()
    if not form.validate():
        return page("factors/number.html", 422, form=form)
    number = read_phone(form.number.data)
    if number is None:
        form.number.errors = [phones.how_to_write()]
        return page("factors/number.html", 422, form=form)
    limit_texts(current_member, number)
    try:
        session[COOKIE] = sent.ask_number(_member(), number)
    except Refused as refused:
        form.number.errors = [refused.sentence]
        return page("factors/number.html", refused.status, form=form)
    return redirect(url_for("factors.text_code"), 303)


@factors.get("/account/security/second-factor/sms/code")
@fresh
def text_code() -> Response:
    """A field for the code that was sent."""
    waiting = proofs.waiting(session.get(COOKIE), sent.PHONE)
    if waiting is None or waiting.used_at:
        return redirect(url_for("factors.text_number"), 303)
    return page("factors/number_code.html", form=ProofForm(None), number=spaced(waiting.target))


@factors.post("/account/security/second-factor/sms/code")
@fresh
def prove_number() -> Response:
    """Let the number count."""
    _on()
    form = ProofForm()
    waiting = proofs.waiting(session.get(COOKIE), sent.PHONE)
    number = spaced(waiting.target) if waiting else ""
    if not form.validate():
        return page("factors/number_code.html", 422, form=form, number=number)
    limit("second.try.member", str(current_member.id))
    try:
        row = proofs.check(session.get(COOKIE), sent.PHONE, form.code.data)
        sent.add_sms(_member(), row, session_id=current_user.session_id)
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return page("factors/number_code.html", refused.status, form=form, number=number)
    session.pop(COOKIE)
    none_left = not recovery_codes.left(current_member)
    return done(
        _("Codes by text message count now. Every other browser is signed out."),
        go_to=url_for("factors.recovery" if none_left else "factors.second_factor"),
    )


@factors.post("/account/security/second-factor/sms/remove")
@fresh
def remove_texts() -> Response:
    """Codes by text message count no more."""
    sent.remove(_member(), "sms")
    return done(_("Removed."), go_to=url_for("factors.second_factor"))


def _on() -> None:
    """A shop that cannot send text messages has no such page."""
    if not sms.is_on():
        abort(404)


def _member() -> Member:
    return Member.get_by_id(current_member.id)
