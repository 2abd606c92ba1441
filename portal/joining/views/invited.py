"""The link of an invitation: a page with a button, since mail scanners open links."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.joining import signup
from portal.joining.forms import InvitedForm
from portal.joining.invitations import accept, note_opened, open_invitation
from portal.joining.models import Invitation
from portal.joining.views.blueprint import browser, first_page, joining, keep
from portal.lib.guard import public
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.members.models import fold_email
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, secret_page


@joining.get("/join/invited/<token>")
@public
def invited(token: str) -> Response:
    limit("link.try.client")
    found = open_invitation(token)
    if found.invitation is None:
        return _gone(found.refusal)
    return _show(token, found.invitation, InvitedForm(None), 410 if found.late else 200, found.late)


@joining.post("/join/invited/<token>")
@public
def accept_invitation(token: str) -> Response:
    limit("link.try.client")
    found, form = open_invitation(token), InvitedForm()
    if found.invitation is None:
        return _gone(found.refusal)
    if found.late:
        return _show(token, found.invitation, form, 410, late=True)
    if not _named(found.invitation) and not form.validate():
        return _show(token, found.invitation, form, 422)
    try:
        arrived = accept(found.invitation, form.name.data or "")
    except Refused as refused:
        return _gone(refused.sentence)
    there = first_page(arrived.member, url_for("account.home"))
    return secret_page(redirect(proceed(arrived.member, "link", there), 303))


@joining.post("/join/invited/<token>/opened")
@public
def opened(token: str) -> Response:
    """The page says by itself that a person has it before them."""
    limit("link.try.client")
    note_opened(token)
    return Response(status=204)


@joining.post("/join/invited/<token>/code")
@public
def late_code(token: str) -> Response:
    """A fresh code for an invitation that is older than a day."""
    found, form = open_invitation(token), InvitedForm()
    if found.invitation is None:
        return _gone(found.refusal)
    if not _named(found.invitation) and not form.validate():
        return _show(token, found.invitation, form, 422, late=True)
    limit("join.ask.client")
    limit("join.ask.address", fold_email(found.invitation.address))
    secret = signup.ask(found.invitation.address, form.name.data or "", browser(), invited=True)
    return keep(secret_page(redirect(url_for("joining.confirm"), 303)), secret)


def _named(invitation: Invitation) -> bool:
    """Whether the shop knows the person's name; it is not shown before they are in."""
    return bool(invitation.member and invitation.member.name)


def _show(
    token: str, invitation: Invitation, form: InvitedForm, status: int = 200, late: bool = False
) -> Response:
    shown = page(
        "joining/invited.html",
        status,
        token=token,
        form=None if _named(invitation) else form,
        address=invitation.address,
        sent_at=invitation.sent_at,
        late=late,
    )
    return secret_page(shown)


def _gone(sentence: str) -> Response:
    return secret_page(page("joining/link_gone.html", 410, sentence=sentence))
