""" "This was not me": one page, one button, no sign-in."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.lib.guard import public
from portal.lib.htmx import page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.views.blueprint import limit, secret_page
from portal.recovery import freezing
from portal.recovery.views.blueprint import recovery, said
from portal.shop.models import settings


@recovery.get("/not-me/<token>")
@public
def not_me(token: str) -> Response:
    """A button, since mail scanners open links."""
    limit("link.try.client")
    try:
        link = freezing.find(token)
    except Refused as refused:
        return _ended(refused)
    return secret_page(page("recovery/not_me.html", token=token, link=link))


@recovery.post("/not-me/<token>")
@public
def report(token: str) -> Response:
    """Every session ends, and the account is frozen."""
    limit("link.try.client")
    try:
        freezing.report(token)
    except Refused as refused:
        return _ended(refused)
    return said(
        _("Nobody is signed in any more."),
        _(
            "Your account is frozen: nobody can spend its points or change its addresses. "
            "%(shop)s knows, and looks at it.",
            shop=settings().name,
        ),
        href=url_for("members.sign_in"),
        words=_("Sign in again"),
    )


def _ended(refused: Refused) -> Response:
    return said(_("This link no longer works."), refused.sentence, status=refused.status)
