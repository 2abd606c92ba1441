"""Set-up links of the shop's staff: a name, then a passkey; without the passkey nobody enters."""

import secrets

from flask import jsonify, redirect, request, session, url_for
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import public
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import incidents, new_passkeys, passkeys
from portal.members.devices import device_name
from portal.members.forms import NameForm, OwnerForm
from portal.members.models import EmailAddress, Member, OneTimeLink, Passkey
from portal.members.models.search import index_member
from portal.members.sign_in import enter
from portal.members.staff import become_owner
from portal.members.views.blueprint import limit, members, secret_page


@members.get("/setup/<token>")
@public
def setup(token: str) -> Response:
    limit("link.try.client")
    link = _find(token)
    if link is None:
        return _gone()
    named = _named(link)
    if named:
        return _show(token, link, named)
    return _ask_name(token, link, _form(link, filled=False))


@members.post("/setup/<token>")
@public
def set_up(token: str) -> Response:
    link = _find(token)
    if link is None:
        limit("link.try.client")  # a good one was counted at its page; colleagues share an office
        return _gone()
    named = _named(link)
    if "credential" not in request.form:
        return _take_name(token, link)
    if named is None:
        return secret_page(redirect(url_for("members.setup", token=token), 303))
    try:
        member, passkey = _finish(link, named)
    except Refused as refused:
        _note_refused(link)
        return _show(token, link, named, refused.status, refused.sentence)
    enter(member, "passkey", passkey)
    return secret_page(redirect(url_for("staff.desk"), 303))


@members.post("/setup/<token>/options")
@public
def setup_options(token: str) -> Response:
    link = _find(token)
    named = _named(link) if link else None
    if link is None or named is None:
        limit("link.try.client")
        response = jsonify(error=_("This link does not work any more."))
        response.status_code = 410
        return response
    return jsonify(
        new_passkeys.creation_options(
            _purpose(link),
            handle=base64url_to_bytes(named["handle"]),
            name=named["email"],
            shown_name=named["name"],
            known=Passkey.select().where(Passkey.member == link.member) if link.member else (),
        )
    )


def _find(token: str) -> OneTimeLink | None:
    link = OneTimeLink.find(token, "setup")
    return link if link and (link.member is None or link.member.is_staff) else None


def _purpose(link: OneTimeLink) -> str:
    return f"setup-{link.id}"


def _named(link: OneTimeLink) -> dict[str, str] | None:
    """What is known of the person so far, kept in the browser's signed cookie."""
    known = session.get("setup")
    return known if known and known["link"] == link.id else None


def _form(link: OneTimeLink, *, filled: bool) -> NameForm:
    kind = OwnerForm if link.member is None else NameForm
    form = kind() if filled else kind(None)
    if not filled and link.member:
        form.name.data = link.member.name
    return form


def _take_name(token: str, link: OneTimeLink) -> Response:
    form = _form(link, filled=True)
    if not form.validate():
        return _ask_name(token, link, form, 422)
    found = EmailAddress.find(form.email.data) if link.member is None else None
    member = link.member or (found.member if found else None)
    if link.member:
        email = EmailAddress.of(link.member)
        address = email.address if email else link.member.number
    else:
        address = form.email.data
    handle = member.handle() if member else secrets.token_bytes(64)
    session["setup"] = {
        "link": link.id,
        "name": form.name.data,
        "email": address,
        "handle": bytes_to_base64url(handle),
    }
    return secret_page(redirect(url_for("members.setup", token=token), 303))


def _finish(link: OneTimeLink, named: dict[str, str]) -> tuple[Member, Passkey]:
    """The member of a set-up link with the passkey that was made: all of it or nothing."""
    if not request.form["credential"]:
        raise passkeys.PasskeyRefused(_("Making a passkey needs JavaScript in this browser."))
    new = new_passkeys.verify_new(
        request.form["credential"],
        request.form.get("challenge_id", ""),
        _purpose(link),
        None,
        device_name(request.user_agent.string),
    )
    with write_tx():
        if not link.use():
            raise passkeys.PasskeyRefused(_("This link was used already."))
        member = link.member
        if member is None:
            member = become_owner(
                named["name"], named["email"], base64url_to_bytes(named["handle"])
            )
        else:
            Member.update(name=named["name"]).where(Member.id == member.id).execute()
            member = Member.get_by_id(member.id)
            index_member(member)
        return member, new_passkeys.keep(member, new)


def _note_refused(link: OneTimeLink) -> None:
    if not request.form["credential"]:  # nothing was shown
        return
    if link.member:
        link.member.record("setup.refused")
    else:
        incidents.note("setup_refused")


def _ask_name(token: str, link: OneTimeLink, form: NameForm, status: int = 200) -> Response:
    return secret_page(page("members/setup_name.html", status, token=token, link=link, form=form))


def _show(
    token: str, link: OneTimeLink, named: dict[str, str], status: int = 200, refusal: str = ""
) -> Response:
    return secret_page(
        page("members/setup.html", status, token=token, link=link, named=named, refusal=refusal)
    )


def _gone() -> Response:
    return secret_page(page("members/link_gone.html", 410, setup=True))
