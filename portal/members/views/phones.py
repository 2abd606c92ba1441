"""The phone number that opens the account: added by a texted code, taken away again."""

from typing import Any

from flask import abort, redirect, session, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import current_member
from portal.lib.htmx import done, page
from portal.lib.phones import read_phone, spaced
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import phones, proofs
from portal.members.delivery import text_of
from portal.members.forms import PhoneForm, TextedCodeForm
from portal.members.models import Member, ProofCode
from portal.members.sudo import fresh
from portal.members.texting import SENDS, left
from portal.members.views.blueprint import limit, limit_texts, members
from portal.members.ways import Part, add_part

COOKIE = "door"  # binds the code to this browser


@members.get("/account/security/phone")
@fresh
def phone() -> Response:
    """Ask for the number."""
    _on()
    form = PhoneForm(None)
    known = _me().phones.first()
    form.number.data = known.number if known else ""
    return page("members/phone.html", form=form)


@members.post("/account/security/phone")
@fresh
def ask_phone() -> Response:
    """Text a code to the number."""
    _on()
    form = PhoneForm()
    if not form.validate():
        return page("members/phone.html", 422, form=form)
    number = read_phone(form.number.data)
    if number is None:
        form.number.errors = [phones.how_to_write()]
        return page("members/phone.html", 422, form=form)
    try:
        limit_texts(current_member, number)
        session[COOKIE] = phones.ask_door(_me(), number)
    except Refused as refused:
        form.number.errors = [refused.sentence]
        return page("members/phone.html", refused.status, form=form)
    return redirect(url_for("members.phone_code"), 303)


@members.get("/account/security/phone/code")
@fresh
def phone_code() -> Response:
    """Where the message is, and a field for its code."""
    row = _waiting()
    return _show(row) if row else redirect(url_for("members.phone"), 303)


@members.post("/account/security/phone/code")
@fresh
def prove_phone() -> Response:
    """Let the number open the account."""
    _on()
    row, form = _waiting(), TextedCodeForm()
    if row is None:
        return redirect(url_for("members.phone"), 303)
    if not form.validate():
        return _show(row, 422, form)
    limit("second.try.member", str(current_member.id))
    try:
        phones.open_door(_me(), proofs.check(session.get(COOKIE), phones.DOOR, form.code.data))
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show(row, refused.status, form)
    session.pop(COOKIE)
    return done(
        _("%(number)s opens your account now.", number=spaced(row.data["number"])),
        go_to=url_for("members.security"),
    )


@members.post("/account/security/phone/again")
@fresh
def phone_again() -> Response:
    """One more message to the same number."""
    _on()
    row = _waiting()
    if row is None:
        return redirect(url_for("members.phone"), 303)
    try:
        if left(row):
            limit_texts(current_member, row.data["number"])
        session[COOKIE] = phones.ask_door_again(_me(), session.get(COOKIE))
    except Refused as refused:
        return _show(row, refused.status, refusal=refused.sentence)
    return redirect(url_for("members.phone_code"), 303)


@members.post("/account/security/phone/remove")
@fresh
def remove_phone() -> Response:
    """The number opens the account no more."""
    try:
        removed = phones.remove_door(_me())
    except Refused as refused:
        return done(refused.sentence, kind="stop", go_to=url_for("members.security"))
    notice = _("The number opens your account no more.") if removed else _("No number opened it.")
    return done(notice, go_to=url_for("members.security"))


def _on() -> None:
    """A shop that lets nobody in by text message has no such page."""
    if not phones.offered():
        abort(404)


def _waiting() -> ProofCode | None:
    _on()
    row = proofs.waiting(session.get(COOKIE), phones.DOOR)
    return row if row and row.member_id == current_member.id and not row.used_at else None


def _show(
    row: ProofCode, status: int = 200, form: TextedCodeForm | None = None, refusal: str = ""
) -> Response:
    return page(
        "members/phone_code.html",
        status,
        wait=text_of(row),
        number=spaced(row.data["number"]),
        left=left(row),
        of=SENDS,
        form=form or TextedCodeForm(None),
        refusal=refusal,
    )


def _me() -> Member:
    return Member.get_by_id(current_member.id)


def _values(member: Member) -> dict[str, Any] | None:
    door = phones.door_of(member)
    if member.is_staff or not (phones.offered() or door):
        return None
    return {"number": spaced(f"+{door.folded}") if door else "", "offered": phones.offered()}


add_part(Part("phone", 45, "members/_phone_part.html", _values))
