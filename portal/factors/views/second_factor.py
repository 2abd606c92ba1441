"""A member's second factors: what is asked for after the first step, added and removed."""

from typing import Any

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.factors import authenticators, passwords, recovery_codes, sent
from portal.factors.forms import AppForm
from portal.factors.second import on
from portal.factors.views.blueprint import factors
from portal.lib import sms
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import done, page
from portal.lib.phones import spaced
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Authenticator, Member
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit
from portal.members.ways import Part, add_part


@factors.get("/account/security/second-factor")
def second_factor() -> Response:
    """What counts now, and what could be added."""
    return page("factors/second_factor.html", **_values(_member()))


@factors.post("/account/security/second-factor/app")
@fresh
def begin_app() -> Response:
    """Make a secret for an authenticator app; it counts once the app gave a code."""
    try:
        app = authenticators.begin(_member())
    except Refused as refused:
        return done(refused.sentence, kind="stop", go_to=url_for("factors.second_factor"))
    return redirect(url_for("factors.app", app_id=app.id), 303)


@factors.get("/account/security/second-factor/app/<int:app_id>")
@fresh
def app(app_id: int) -> Response:
    """The picture to scan, the text for those who cannot, and a field for the first code."""
    return _show(_waiting(app_id), AppForm(None))


@factors.post("/account/security/second-factor/app/<int:app_id>")
@fresh
def confirm_app(app_id: int) -> Response:
    """Let the app count."""
    found, form = _waiting(app_id), AppForm()
    if not form.validate():
        return _show(found, form, 422)
    limit("second.try.member", str(current_member.id))
    label = form.label.data or _("my app")
    try:
        authenticators.confirm(found, form.code.data, label, session_id=current_user.session_id)
    except Refused as refused:
        form.code.errors = [refused.sentence]
        return _show(found, form, refused.status)
    notice = _("“%(label)s” counts now. Every other browser is signed out.", label=label)
    return _added(notice)


@factors.post("/account/security/second-factor/app/<int:app_id>/remove")
@fresh
def remove_app(app_id: int) -> Response:
    """Take an app away."""
    mine = Authenticator.select().where(Authenticator.member == current_member.id)
    found = find_or_404(mine, Authenticator.id == app_id)
    try:
        authenticators.remove(found)
    except Refused as refused:
        return done(refused.sentence, kind="stop", go_to=url_for("factors.second_factor"))
    return done(_("Removed."), go_to=url_for("factors.second_factor"))


@factors.post("/account/security/second-factor/mail")
@fresh
def add_mail() -> Response:
    """Let a mailed code count beside the password."""
    try:
        sent.add_mail(_member(), session_id=current_user.session_id)
    except Refused as refused:
        return done(refused.sentence, kind="stop", go_to=url_for("factors.second_factor"))
    return _added(_("Codes by mail count now. Every other browser is signed out."))


@factors.post("/account/security/second-factor/mail/remove")
@fresh
def remove_mail() -> Response:
    """Codes by mail count no more."""
    sent.remove(_member(), "mail")
    return done(_("Removed."), go_to=url_for("factors.second_factor"))


def _added(notice: str) -> Response:
    """After a factor was added: to the recovery codes, where there are none yet."""
    none_left = not recovery_codes.left(current_member)
    where = "factors.recovery" if none_left else "factors.second_factor"
    return done(notice, go_to=url_for(where))


def _waiting(app_id: int) -> Authenticator:
    mine = (Authenticator.member == current_member.id) & Authenticator.confirmed_at.is_null()
    return find_or_404(Authenticator.select().where(mine), Authenticator.id == app_id)


def _show(found: Authenticator, form: AppForm, status: int = 200) -> Response:
    secret = authenticators.secret(found)
    return page(
        "factors/app.html",
        status,
        app=found,
        form=form,
        picture=authenticators.picture(authenticators.address(found)),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


def _member() -> Member:
    return Member.get_by_id(current_member.id)


def _values(member: Member) -> dict[str, Any]:
    factors_sent = sent.of(member)
    texted = factors_sent.get("sms")
    return {
        "apps": authenticators.of(member),
        "sent": factors_sent,
        "number": spaced(texted.target) if texted else "",
        "password": passwords.of(member),
        "texts": sms.is_on(),
        "on": on(member),
        "codes": recovery_codes.left(member),
    }


add_part(Part("second-factor", 30, "factors/_second_factor_part.html", _values))
