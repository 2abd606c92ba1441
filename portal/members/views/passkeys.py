"""Signing in with a passkey, and a member's own: made, renamed, removed."""

from flask import jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404, public, signed_in
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import new_passkeys, nudges, passkey_news, passkeys
from portal.members.forms import LabelForm
from portal.members.models import Member, Passkey, Session
from portal.members.steps import proceed
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit, members, target
from portal.members.views.sign_in import show_door


@members.post("/sign-in/passkey/options")
@public
def passkey_options() -> Response:
    limit("passkey.try.client")
    return jsonify(passkeys.request_options())


@members.post("/sign-in/passkey")
@public
def use_passkey() -> Response:
    limit("passkey.try.client")
    if not request.form.get("credential"):
        return show_door(
            422, refusal=_("A passkey needs JavaScript in this browser. A mailed code does not.")
        )
    try:
        passkey = passkeys.prove(request.form["credential"], request.form.get("challenge_id", ""))
    except passkeys.UnknownPasskey as refused:
        news = passkey_news.unknown(refused.credential_id)
        return show_door(refused.status, refusal=refused.sentence, news=news)
    except Refused as refused:
        return show_door(refused.status, refusal=refused.sentence)
    there = onwards(passkey.member, target())
    return redirect(proceed(passkey.member, "passkey", there, passkey), 303)


@members.get("/account/security/passkeys", endpoint="passkeys")
def kept_passkeys() -> Response:
    return _show()


@members.post("/account/security/passkeys")
def make_passkey() -> Response:
    try:
        add_passkey()
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    return done(_("Your passkey is ready."), go_to=url_for("members.passkeys"))


@members.post("/account/security/passkeys/options")
def new_passkey_options() -> Response:
    if not current_user.fresh:
        response = jsonify(error=_("Please sign in once more first, then make the passkey."))
        response.status_code = 403
        return response
    return jsonify(new_passkeys.creation_options_for(_whole_member()))


@members.get("/account/security/passkeys/<int:passkey_id>")
def passkey(passkey_id: int) -> Response:
    found = _passkey(passkey_id)
    return page("members/passkey.html", passkey=found, form=LabelForm(None, obj=found))


@members.post("/account/security/passkeys/<int:passkey_id>")
def rename_passkey(passkey_id: int) -> Response:
    found, form = _passkey(passkey_id), LabelForm()
    if not form.validate():
        return page("members/passkey.html", 422, passkey=found, form=form)
    passkeys.rename(found, form.label.data)
    return done(_("Renamed."), go_to=url_for("members.passkeys"))


@members.post("/account/security/passkeys/<int:passkey_id>/remove")
@fresh
def remove_passkey(passkey_id: int) -> Response:
    found = _passkey(passkey_id)
    try:
        with write_tx():
            passkeys.remove(found)
            Session.end_opened_by(found.id, but=current_user.session_id)
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    return done(
        _("The passkey is removed, and what it had opened is closed."),
        go_to=url_for("members.passkeys"),
    )


@members.app_template_global("passkey_news")
def news_of_mine() -> list[passkey_news.News]:
    """What the browser is told about the member's passkeys, for pages of later domains."""
    return passkey_news.of(current_member)


def onwards(member: Member, there: str) -> str:
    """Where somebody goes after a sign-in: past the offer of a passkey, where one is due.

    Not so when they were in already and only showed once more that it is them.
    """
    if signed_in() or not nudges.due(member):
        return there
    return url_for("members.offer", next=there)


def add_passkey() -> None:
    """Store the passkey that this request's form holds; raises PasskeyRefused."""
    if not request.form.get("credential"):
        raise passkeys.PasskeyRefused(_("Making a passkey needs JavaScript in this browser."))
    if not current_user.fresh:
        raise passkeys.PasskeyRefused(_("Please sign in once more first, then make the passkey."))
    member = _whole_member()
    new = new_passkeys.verify_new(
        request.form["credential"],
        request.form.get("challenge_id", ""),
        "add",
        member.id,
        current_user.device,
    )
    new_passkeys.keep(member, new)


def _whole_member() -> Member:
    """The signed-in member with every column: the session's row leaves the user handle out."""
    return Member.get_by_id(current_member.id)


def _passkey(passkey_id: int) -> Passkey:
    mine = Passkey.select().where(Passkey.member == current_member.id)
    return find_or_404(mine, Passkey.id == passkey_id)


def _show(status: int = 200, refusal: str = "") -> Response:
    mine = Passkey.select().where(Passkey.member == current_member.id).order_by(Passkey.id)
    again = url_for("members.sign_in", again=1, next=url_for("members.passkeys"))
    return page(
        "members/passkeys.html",
        status,
        passkeys=list(mine),
        lacking=nudges.wanted(current_member),
        refusal=refusal,
        again="" if current_user.fresh else again,
        news=passkey_news.of(current_member),
    )
