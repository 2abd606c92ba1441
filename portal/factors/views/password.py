"""A member's password: set, change, remove; what is typed is judged in words meanwhile."""

from typing import Any

from flask import abort, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.factors import passwords
from portal.factors.forms import PasswordForm
from portal.factors.strength import as_kept, judge
from portal.factors.views.blueprint import factors
from portal.lib.guard import current_member
from portal.lib.htmx import done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, Password
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit
from portal.members.ways import Part, add_part
from portal.shop.models import settings


@factors.get("/account/security/password")
def password() -> Response:
    """The form; without a password yet, or to remove one, a fresh proof comes first."""
    return _show() if _password() else fresh(_show)()


@factors.post("/account/security/password")
def set_password() -> Response:
    """Set or change it: after a fresh proof, or with the present password."""
    had = _password()
    if current_user.fresh:
        return _set()
    return _change() if had else fresh(_set)()


@factors.post("/account/security/password/remove")
@fresh
def remove_password() -> Response:
    """Take it away."""
    if not _password():
        abort(404)
    try:
        passwords.remove(_member(), session_id=current_user.session_id)
    except Refused as refused:
        return done(refused.sentence, kind="stop", go_to=url_for("factors.password"))
    return done(_("The password is removed."), go_to=url_for("members.security"))


@factors.post("/account/security/password/strength")
def strength() -> Response:
    """What is to be said of a password while it is typed."""
    _allowed()
    limit("password.judge", str(current_member.id))
    typed = as_kept(request.form.get("password", "")[:1024])
    verdict = judge(typed, passwords.about(_member())) if typed else None
    return partial("factors/_strength.html", verdict=verdict)


def _set() -> Response:
    form = PasswordForm()
    if not form.validate():
        return _show(form, 422)
    return _keep(form)


def _change() -> Response:
    form = PasswordForm()
    right = form.validate()
    limit("password.try.pair", f"member:{current_member.id}")
    limit("password.try.account", f"member:{current_member.id}")
    if not passwords.is_right(_member(), form.current.data or ""):
        form.current.errors = [_("That is not your password now. Sign in once more if it is lost.")]
        return _show(form, 422)
    return _keep(form) if right else _show(form, 422)


def _keep(form: PasswordForm) -> Response:
    try:
        passwords.keep(_member(), form.password.data, session_id=current_user.session_id)
    except Refused as refused:
        form.password.errors = [refused.sentence]
        return _show(form, refused.status)
    return done(
        _("The password is set. Every other browser is signed out."),
        go_to=url_for("members.security"),
    )


def _allowed() -> None:
    """Where the shop has no passwords, there is no such page."""
    if not settings().passwords:
        abort(404)


def _password() -> Password | None:
    _allowed()
    return passwords.of(_member())


def _member() -> Member:
    return Member.get_by_id(current_member.id)


def _show(form: PasswordForm | None = None, status: int = 200) -> Response:
    email = EmailAddress.of(current_member)
    return page(
        "factors/password.html",
        status,
        form=form or PasswordForm(None),
        password=_password(),
        fresh=current_user.fresh,
        address=email.address if email else current_member.number,
        verdict=None,
    )


def _part(member: Member) -> dict[str, Any] | None:
    return {"password": passwords.of(member)} if settings().passwords else None


add_part(Part("password", 20, "factors/_password_part.html", _part))
