"""How a member comes in, and where they are signed in: passkeys and sessions."""

from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import passkeys
from portal.members.forms import LabelForm
from portal.members.models import EmailAddress, Passkey, Session
from portal.members.views.blueprint import members
from portal.members.views.passkeys import add_passkey
from portal.members.ways import parts


@members.get("/account/security")
def security() -> Response:
    return _show()


@members.post("/account/security/passkeys")
def make_passkey() -> Response:
    try:
        add_passkey()
    except Refused as refused:
        return _show(refused.status, refused.sentence)
    return done(_("Your passkey is ready."), go_to=url_for("members.security"))


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
    return done(_("Renamed."), go_to=url_for("members.security"))


@members.post("/account/security/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> Response:
    found = _passkey(passkey_id)
    if not current_user.fresh:
        return done(
            _("Please sign in once more first, then remove the passkey."),
            kind="stop",
            go_to=again(),
        )
    with write_tx():
        passkeys.remove(found)
        Session.end_opened_by(found.id, but=current_user.session_id)
    return done(
        _("The passkey is removed, and what it had opened is closed."),
        go_to=url_for("members.security"),
    )


def again() -> str:
    """The door, for somebody who is in already: changing a way in needs a fresh proof."""
    return url_for("members.sign_in", again=1, next=url_for("members.security"))


def _passkey(passkey_id: int) -> Passkey:
    mine = Passkey.select().where(Passkey.member == current_member.id)
    return find_or_404(mine, Passkey.id == passkey_id)


def _passkeys() -> list[Passkey]:
    return list(Passkey.select().where(Passkey.member == current_member.id).order_by(Passkey.id))


def _sessions() -> list[Session]:
    return list(Session.live(current_member))


def _show(status: int = 200, refusal: str = "") -> Response:
    return page(
        "members/security.html",
        status,
        passkeys=_passkeys(),
        sessions=_sessions(),
        here=current_user.session_id,
        email=EmailAddress.of(current_member),
        refusal=refusal,
        again="" if current_user.fresh else again(),
        parts=parts(current_member),
    )
