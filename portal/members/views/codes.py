"""Signing in with a mailed code: ask for it, type it, enter."""

from datetime import timedelta

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import public
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.tokens import new_token
from portal.members import codes, phones
from portal.members.forms import AddressForm, CodeForm
from portal.members.models import SignInCode, fold_email
from portal.members.signs import was_here
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, members, target
from portal.members.views.bots import careful, caught
from portal.members.views.offer import after_code
from portal.members.views.sign_in import show_door
from portal.members.views.text_codes import send_code


@members.post("/sign-in/code")
@public
def ask_code() -> Response:
    """Mail a code to an address, or text it to a number where the shop lets those in."""
    form = AddressForm()
    if number := phones.typed_number(form.email.data or ""):
        return send_code(number)
    if not form.validate():
        if phones.offered():
            form.email.errors = [phones.how_to_write(address=True)]
        return show_door(422, form)
    careful("code.ask.client", "code.ask.all")
    limit("code.ask.pair", fold_email(form.email.data))
    if not was_here(fold_email(form.email.data)):
        limit("code.ask.address", fold_email(form.email.data))
    known = request.cookies.get(_cookie())
    browser = new_token() if caught() else codes.ask(form.email.data, known)
    response = redirect(url_for("members.enter_code", next=target()), 303)
    response.set_cookie(
        _cookie(),
        browser,
        max_age=codes.LIVES + timedelta(minutes=5),  # a late code can still be told that it is late
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@members.get("/sign-in/code/enter")
@public
def enter_code() -> Response:
    waiting = codes.waiting(request.cookies.get(_cookie()))
    if waiting is None or waiting.used_at:
        return redirect(url_for("members.sign_in", next=target()), 303)
    return _show(waiting, CodeForm(None))


@members.post("/sign-in/code/enter")
@public
def use_code() -> Response:
    browser = request.cookies.get(_cookie())
    waiting = codes.waiting(browser)
    form = CodeForm()
    if not form.validate():
        return _show(waiting, form, 422)
    limit("code.try.client")
    try:
        member = codes.use(browser, form.code.data)
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show(waiting, form, refused.status)
    response = redirect(proceed(member, "code", after_code(member, target())), 303)
    response.delete_cookie(
        _cookie(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )
    return response


def _show(waiting: SignInCode | None, form: CodeForm, status: int = 200) -> Response:
    address = waiting.folded if waiting else ""
    return page("members/code.html", status, form=form, address=address, next=target())


def _cookie() -> str:
    return "__Host-sign-in" if current_app.config["SESSION_COOKIE_SECURE"] else "sign-in"
