"""The blueprint of signing in, security and activity, and the answers that its views share."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import client_key
from portal.lib.htmx import safe_next
from portal.lib.refused import TooMany
from portal.lib.text import _
from portal.lib.throttle import retry_after, within

members = Blueprint("members", __name__)


def target() -> str:
    """Where the person wanted to go: `next` of the form or the address, only on this host."""
    return safe_next(request.values.get("next"), url_for("account.home"))


def limit(purpose: str, key: str | None = None) -> None:
    """Count one use of this network address (or `key`); raises TooMany beyond the limit."""
    if not within(purpose, key or client_key()):
        raise TooMany(
            _("That was asked too often. Please wait a few minutes and try again."),
            retry_after(purpose),
        )


def secret_page(response: Response) -> Response:
    """The address of this page is a secret: no other page may learn it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
