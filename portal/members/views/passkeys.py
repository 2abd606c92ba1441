"""Signing in with a passkey, and the offer to make one."""

from datetime import timedelta

from flask import jsonify, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import current_member, public
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import passkeys
from portal.members.models import Member
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, members, target
from portal.members.views.sign_in import show_door

LATER = timedelta(days=30)


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
    except Refused as refused:
        return show_door(refused.status, refusal=refused.sentence)
    return redirect(proceed(passkey.member, "passkey", target(), passkey), 303)


@members.get("/sign-in/offer")
def offer() -> Response:
    return page("members/offer.html", next=target())


@members.post("/sign-in/offer")
def accept_offer() -> Response:
    try:
        add_passkey()
    except Refused as refused:
        return page("members/offer.html", refused.status, next=target(), refusal=refused.sentence)
    return redirect(target(), 303)


@members.post("/sign-in/offer/later")
def put_off_offer() -> Response:
    with write_tx():
        Member.update(nudge_after=now() + LATER).where(Member.id == current_member.id).execute()
    return redirect(target(), 303)


@members.post("/account/security/passkeys/options")
def new_passkey_options() -> Response:
    if not current_user.fresh:
        response = jsonify(error=_("Please sign in once more first, then make the passkey."))
        response.status_code = 403
        return response
    return jsonify(passkeys.creation_options_for(_whole_member()))


def add_passkey() -> None:
    """Store the passkey that this request's form holds; raises PasskeyRefused."""
    if not request.form.get("credential"):
        raise passkeys.PasskeyRefused(_("Making a passkey needs JavaScript in this browser."))
    if not current_user.fresh:
        raise passkeys.PasskeyRefused(_("Please sign in once more first, then make the passkey."))
    member = _whole_member()
    new = passkeys.verify_new(
        request.form["credential"],
        request.form.get("challenge_id", ""),
        "add",
        member.id,
        current_user.device,
    )
    passkeys.keep(member, new)


def _whole_member() -> Member:
    """The signed-in member with every column: the session's row leaves the user handle out."""
    return Member.get_by_id(current_member.id)
