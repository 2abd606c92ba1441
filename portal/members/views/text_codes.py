"""Signing in with a texted code: the page that waits for it, the code, another message."""

from datetime import timedelta

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import public
from portal.lib.htmx import asked, away, page, partial
from portal.lib.phones import spaced
from portal.lib.refused import Refused, TooMany
from portal.members import phones, proofs, text_codes
from portal.members.delivery import text_of
from portal.members.forms import TextedCodeForm
from portal.members.models import ProofCode, fold_phone
from portal.members.steps import proceed
from portal.members.texting import SENDS, left
from portal.members.views.blueprint import limit, members, target
from portal.members.views.bots import careful, caught
from portal.members.views.offer import after_code

KEPT = proofs.LIVES + timedelta(minutes=5)  # a late code can still be told that it is late


def send_code(number: str) -> Response:
    """Text a code to sign in to a number (E.164), and wait for it."""
    if caught():
        return redirect(url_for("members.enter_text", next=target()), 303)
    limit_text(number)
    return _keep(text_codes.ask(number, _browser()))


def limit_text(number: str) -> None:
    """Count a text message that anybody can ask for; each costs the shop money. Raises TooMany."""
    careful("sms.ask.client", "sms.public.all")
    limit("sms.ask.pair", fold_phone(number))
    limit("sms.public.number", fold_phone(number))
    limit("sms.all")


@members.get("/sign-in/text")
@public
def enter_text() -> Response:
    row = _waiting()
    if row is None:
        return redirect(url_for("members.sign_in", next=target()), 303)
    return _show(row)


@members.get("/sign-in/text/progress")
@public
def text_progress() -> Response:
    """What became of the message, for the page that waits."""
    row = _waiting()
    if row is None or not asked():
        return redirect(url_for("members.enter_text", next=target()), 303)
    found = text_of(row)
    if found.lost:  # then the rest of the page differs too
        return away(url_for("members.enter_text", next=target()))
    return partial("members/_text_wait.html", wait=found, next=target())


@members.post("/sign-in/text")
@public
def use_text() -> Response:
    row, form = _waiting(), TextedCodeForm()
    if row is None:
        return redirect(url_for("members.sign_in", next=target()), 303)
    if not form.validate():
        return _show(row, 422, form)
    limit("code.try.client")
    try:
        member = text_codes.use(_browser(), form.code.data)
        there = proceed(member, "sms", after_code(member, target()))
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show(row, refused.status, form)
    response = redirect(there, 303)
    response.delete_cookie(_cookie(), secure=_secure(), httponly=True, samesite="Lax")
    return response


@members.post("/sign-in/text/again")
@public
def text_again() -> Response:
    """One more message to the same number."""
    row = _waiting()
    if row is None:
        return redirect(url_for("members.sign_in", next=target()), 303)
    try:
        if left(row):
            limit_text(row.data["number"])
        return _keep(text_codes.again(_browser()))
    except TooMany as slow:
        response = _show(row, slow.status, refusal=slow.sentence)
        response.headers["Retry-After"] = str(slow.retry_after)
        return response
    except Refused as refused:
        return _show(row, refused.status, refusal=refused.sentence)


def _waiting() -> ProofCode | None:
    row = proofs.waiting(_browser(), phones.SIGN_IN)
    return row if row and not row.used_at and phones.offered() else None


def _show(
    row: ProofCode, status: int = 200, form: TextedCodeForm | None = None, refusal: str = ""
) -> Response:
    return page(
        "members/text_code.html",
        status,
        wait=text_of(row),
        number=spaced(row.data["number"]),
        left=left(row),
        of=SENDS,
        form=form or TextedCodeForm(None),
        refusal=refusal,
        next=target(),
    )


def _browser() -> str | None:
    return request.cookies.get(_cookie())


def _keep(secret: str) -> Response:
    response = redirect(url_for("members.enter_text", next=target()), 303)
    response.set_cookie(
        _cookie(), secret, max_age=KEPT, secure=_secure(), httponly=True, samesite="Lax"
    )
    return response


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _cookie() -> str:
    return "__Host-sign-in-text" if _secure() else "sign-in-text"
