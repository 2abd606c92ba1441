"""Getting back in: which way is the right one, and the slow one of 48 hours."""

from collections.abc import Sequence

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import public
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import OneTimeLink, Recovery, fold_email
from portal.members.sign_in import enter
from portal.members.staff import LIVES as SETUP_LIVES
from portal.members.standing import NotNow
from portal.members.views.blueprint import limit, secret_page
from portal.members.views.bots import careful, caught
from portal.recovery import asking, slow
from portal.recovery.forms import RecoverForm
from portal.recovery.views.blueprint import me, recovery, said


@recovery.get("/recover")
@public
def recover() -> Response:
    """The ways back, the quick ones first."""
    return page("recovery/recover.html", form=RecoverForm(None))


@recovery.post("/recover")
@public
def ask_to_recover() -> Response:
    """Mail the address its way back; a job does all that differs for who is known."""
    form = RecoverForm()
    if not form.validate():
        return page("recovery/recover.html", 422, form=form)
    careful("code.ask.client", "recover.ask.all")
    limit("recover.ask.pair", fold_email(form.email.data))
    limit("recover.ask.address", fold_email(form.email.data))
    if not caught():
        with write_tx():
            slow.send_way(form.email.data)
    return said(
        _("Look at your mail."),
        _("We wrote to %(address)s. The link in it says how it goes on.", address=form.email.data),
    )


@recovery.get("/recover/way/<token>")
@public
def way(token: str) -> Response:
    """Where the recovery stands: to be begun, waiting, or open."""
    limit("link.try.client")
    try:
        return _show(token, slow.find(token))
    except Refused as refused:
        return _ended(refused)


@recovery.post("/recover/way/<token>")
@public
def go_on(token: str) -> Response:
    """Begin the 48 hours or, once they are over, enter."""
    limit("link.try.client")
    try:
        found = slow.find(token)
        if not slow.is_ready(found):
            return _begin(token, found)
        member = slow.finish(token)
    except NotNow as refused:
        found.member.record("sign_in.refused", method="waited")
        return _ended(refused)
    except Refused as refused:
        return _ended(refused)
    if member.is_staff:  # nobody on the staff comes in with less than a passkey
        setup = OneTimeLink.make("setup", member, SETUP_LIVES)
        return secret_page(redirect(url_for("members.setup", token=setup), 303))
    enter(member, "waited")
    there = url_for("members.offer", next=url_for("members.security"))
    return secret_page(redirect(there, 303))


@recovery.get("/recover/stop/<token>")
@public
def stop_link(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    try:
        found = slow.find_stop(token)
    except Refused as refused:
        return _ended(refused)
    return secret_page(page("recovery/stop.html", token=token, recovery=found))


@recovery.post("/recover/stop/<token>")
@public
def stop_by_link(token: str) -> Response:
    """Nobody gets in by it."""
    limit("link.try.client")
    try:
        slow.stop(slow.find_stop(token), "link")
    except Refused as refused:
        return _ended(refused)
    return said(
        _("It is stopped."), _("Nobody gets into your account by it. Everything is as it was.")
    )


@recovery.post("/account/recovery/stop")
def stop_recovery() -> Response:
    """Stop it from a browser that is signed in."""
    running = slow.of(me())
    stopped = slow.stop(running, "session") if running else False
    return done(
        _("It is stopped. Nobody gets in by it.") if stopped else _("Nothing was under way."),
        go_to=url_for("members.security"),
    )


def _begin(token: str, found: Recovery) -> Response:
    """Begin the 48 hours, once the answers are right where questions are asked."""
    if asking.asked(found):
        limit("recover.answer.member", str(found.member_id))
    answers = request.form.getlist("answer")
    try:
        return _show(token, slow.prove(token, answers))
    except asking.WrongAnswers as wrong:
        return _show(token, found, wrong.status, wrong=wrong.sentence, answers=answers)


def _show(
    token: str, found: Recovery, status: int = 200, *, wrong: str = "", answers: Sequence[str] = ()
) -> Response:
    return secret_page(
        page(
            "recovery/way.html",
            status,
            token=token,
            recovery=found,
            ready=slow.is_ready(found),
            needs_two=slow.needs_two(found),
            proved="mail" in found.proofs,
            questions=asking.asked(found),
            wrong=wrong,
            answers=answers,
        )
    )


def _ended(refused: Refused) -> Response:
    return said(
        _("This link no longer works."),
        refused.sentence,
        status=refused.status,
        href=url_for("recovery.recover"),
        words=_("All ways back"),
    )
