"""One-time sign-in links: GET shows a button, since mail scanners open links; POST signs in."""

from flask import redirect
from werkzeug.wrappers import Response

from portal.lib.guard import public
from portal.lib.htmx import page
from portal.members import links
from portal.members.models import OneTimeLink
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, members, secret_page, target


@members.get("/sign-in/link/<token>")
@public
def link(token: str) -> Response:
    limit("link.try.client")
    if OneTimeLink.find(token, "sign-in") is None:
        return _gone()
    return secret_page(page("members/link.html", token=token))


@members.post("/sign-in/link/<token>")
@public
def use_link(token: str) -> Response:
    limit("link.try.client")
    member = links.open_link(token)
    if member is None:
        return _gone()
    return secret_page(redirect(proceed(member, "link", target()), 303))


def _gone() -> Response:
    return secret_page(page("members/link_gone.html", 410))
