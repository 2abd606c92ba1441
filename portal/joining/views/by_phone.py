"""Joining with a phone number, where the shop lets people in by text message."""

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.joining import signup
from portal.joining.forms import JoinByPhoneForm
from portal.joining.views.blueprint import browser, joining, keep
from portal.joining.views.sign_up import another, closed, later, show_wait
from portal.lib.guard import public, signed_in
from portal.lib.htmx import page, safe_next
from portal.lib.phones import read_phone
from portal.lib.refused import TooMany
from portal.members import phones, proofs
from portal.members.forms import PhoneForm
from portal.members.views.blueprint import target
from portal.members.views.bots import caught
from portal.members.views.text_codes import limit_text
from portal.shop.models import settings


@joining.get("/join/phone")
@public
def begin_by_phone() -> Response:
    """A name and a number."""
    _on()
    if signed_in():
        return redirect(target(), 303)
    return _show(JoinByPhoneForm(None)) if settings().sign_up else closed()


@joining.post("/join/phone")
@public
def ask_by_phone() -> Response:
    """Text the number a code; known and unknown ones get the same answer."""
    _on()
    form = JoinByPhoneForm()
    if not settings().sign_up:
        return closed()
    if not form.validate():
        return _show(form, 422)
    number = read_phone(form.number.data)
    if number is None:
        form.number.errors = [phones.how_to_write()]
        return _show(form, 422)
    if caught():
        return redirect(url_for("joining.confirm"), 303)
    try:
        limit_text(number)
    except TooMany as slow:
        form.number.errors = [slow.sentence]
        return later(_show(form, slow.status), slow)
    secret = signup.ask(number, form.name.data, browser(), target(), channel="sms")
    return keep(redirect(url_for("joining.confirm"), 303), secret)


@joining.post("/join/number")
@public
def change_number() -> Response:
    """One more message, to another number."""
    _on()
    row, form = proofs.waiting(browser(), signup.PURPOSE), PhoneForm()
    if row is None or row.channel != "sms":
        return redirect(url_for("joining.confirm"), 303)
    number = read_phone(form.number.data or "")
    if not form.validate() or number is None:
        form.number.errors = form.number.errors or [phones.how_to_write()]
        return show_wait(row, 422, address=form)
    return another(number, form)


def _on() -> None:
    """A shop that lets nobody in by text message has no such page."""
    if not phones.offered():
        abort(404)


def _show(form: JoinByPhoneForm, status: int = 200) -> Response:
    there = safe_next(request.values.get("next"), "")
    return page("joining/phone.html", status, form=form, next=there)
