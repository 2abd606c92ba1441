"""Changing the address that opens an account: asked here, proved and taken back by mailed links."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.lib.db import write_tx
from portal.lib.guard import public
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit, secret_page
from portal.recovery import addresses
from portal.recovery.forms import NewAddressForm
from portal.recovery.masks import masked
from portal.recovery.views.blueprint import me, recovery, said


@recovery.get("/account/email")
@fresh
def email() -> Response:
    """The addresses that open the account, and the form for another one."""
    member = me()
    return _show(member, NewAddressForm(None).take(_own(member)))


@recovery.post("/account/email")
@fresh
def change_email() -> Response:
    """Ask for the change; what is wrong stays typed."""
    member = me()
    form = NewAddressForm().take(_own(member))
    if not form.validate():
        return _show(member, form, 422)
    limit("address.change", str(member.id))
    addresses.ask(member, form.chosen(), form.email.data)
    return done(
        _("Look at the mail to %(new)s, and open its link within an hour.", new=form.email.data),
        go_to=url_for("recovery.email"),
    )


@recovery.post("/account/email/stop")
def stop_change() -> Response:
    """The change that waits is off."""
    member = me()
    with write_tx():
        if addresses.stop(member):
            member.record("email.change_stopped")
    return done(_("Your address stays as it is."), go_to=url_for("members.security"))


@recovery.get("/email/prove/<token>")
@public
def new_email(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    try:
        change = addresses.find_new(token)
    except Refused as refused:
        return _ended(refused)
    return secret_page(page("recovery/prove.html", token=token, change=change, masked=masked))


@recovery.post("/email/prove/<token>")
@public
def prove_email(token: str) -> Response:
    """The new address opens the account from now on."""
    limit("link.try.client")
    try:
        change = addresses.prove(token)
    except Refused as refused:
        return _ended(refused)
    return said(
        _("This address opens your account now."),
        _("You sign in with %(new)s from now on.", new=change.new),
        href=url_for("members.security"),
        words=_("To your security page"),
    )


@recovery.get("/email/back/<token>")
@public
def old_email(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    try:
        change = addresses.find_back(token)
    except Refused as refused:
        return _ended(refused)
    return secret_page(page("recovery/back.html", token=token, change=change, masked=masked))


@recovery.post("/email/back/<token>")
@public
def take_back_email(token: str) -> Response:
    """The old address opens the account again; no sign-in is asked."""
    limit("link.try.client")
    try:
        change = addresses.take_back(token)
    except Refused as refused:
        return _ended(refused)
    return said(
        _("Your address is as it was."),
        _(
            "%(old)s opens your account, and every session has ended. If somebody else changed it, "
            "look at your security page for ways in that are not yours.",
            old=change.old,
        ),
        words=_("Sign in"),
    )


def _own(member: Member) -> list[EmailAddress]:
    main = EmailAddress.of(member)
    known = EmailAddress.select().where(EmailAddress.member == member).order_by(EmailAddress.id)
    return sorted((email for email in known if email.opens), key=lambda email: email != main)


def _show(member: Member, form: NewAddressForm, status: int = 200) -> Response:
    return page(
        "recovery/email.html",
        status,
        form=form,
        own=form.own,
        waiting=addresses.waiting(member),
        changed=addresses.last_change(member),
        until=addresses.WAY_BACK,
    )


def _ended(refused: Refused) -> Response:
    return said(_("Nothing was changed."), refused.sentence, status=refused.status)
