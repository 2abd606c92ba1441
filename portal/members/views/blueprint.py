"""The blueprint of signing in, security and activity, and the answers that its views share."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.lib import throttle
from portal.lib.guard import client_key
from portal.lib.htmx import safe_next
from portal.lib.limits import CLIENT, LIMITS, PAIR, SHOP
from portal.members.models import Member, fold_phone

members = Blueprint("members", __name__)


def target() -> str:
    """Where the person wanted to go: `next` of the form or the address, only on this host."""
    return safe_next(request.values.get("next"), url_for("account.home"))


def limit(purpose: str, key: str | None = None) -> None:
    """Count one use of a row of LIMITS; raises TooMany beyond it.

    `key` is what the row counts by: nothing for the network address and for the whole shop.
    """
    throttle.limit(purpose, counted_by(purpose, key))


def limit_texts(member: Member, number: str) -> None:
    """Count a text message that a member has sent to a number of theirs, however it is written."""
    limit("sms.ask.member", str(member.id))
    limit("sms.ask.number", fold_phone(number))
    limit("sms.all")


def counted_by(purpose: str, key: str | None = None) -> str:
    """The key that a row of LIMITS counts a request under."""
    per = LIMITS[purpose].per
    if per == SHOP:
        return "all"
    if per == PAIR:
        return f"{client_key()} {key}"
    return key or client_key() if per == CLIENT else str(key)


def secret_page(response: Response) -> Response:
    """The address of this page is a secret: no other page may learn it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
