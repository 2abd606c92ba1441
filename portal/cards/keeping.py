"""The card kept on a device, for when there is no net: who keeps it there, and when it goes.

A worker in the browser holds the copy; a cookie says whose it is. At every contact of a browser
that holds a copy, the cookie must name the member who is signed in. Otherwise (signed out, ended
from elsewhere, somebody else's turn) the answer tells the browser to drop what it holds.
"""

import hmac
from datetime import UTC, datetime

from flask import current_app, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.lib.clock import now
from portal.lib.tokens import keyed
from portal.members.models import Member

LASTS = 400 * 86400  # seconds: the most that browsers grant; each look at the card begins it anew
DROP = '"storage"'


def kept_since(member: Member) -> datetime | None:
    """Since when this browser keeps this member's card; None when it does not."""
    stamp, _dot, mark = request.cookies.get(_cookie(), "").partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(member, stamp).encode()):
        return None
    return datetime.fromtimestamp(int(stamp), UTC).replace(tzinfo=None)


def keep(response: Response, member: Member) -> None:
    """Note in the browser that it keeps this member's card, from now or from when it did."""
    since = (kept_since(member) or now()).replace(tzinfo=UTC)
    stamp = str(int(since.timestamp()))
    _note(response, f"{stamp}.{_mark(member, stamp)}", LASTS)


def drop(response: Response) -> None:
    """Tell the browser to forget the card: the copy, the worker and the cookie."""
    response.headers.setdefault("Clear-Site-Data", DROP)
    _note(response, "", 0)


def drop_what_is_foreign(response: Response) -> Response:
    """After any request: the copy goes unless it is of the member who is signed in."""
    public = response.cache_control.public  # others may get that answer from a proxy
    if _cookie() not in request.cookies or public or response.status_code >= 500:
        return response
    if "card_noted" not in g and not (
        current_user.is_authenticated and kept_since(current_user.member)
    ):
        drop(response)
    return response


def _note(response: Response, value: str, lasts: int) -> None:
    g.card_noted = True
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        _cookie(), value, max_age=lasts, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def _cookie() -> str:
    return "__Host-card" if current_app.config["SESSION_COOKIE_SECURE"] else "card"


def _mark(member: Member, stamp: str) -> str:
    """Without it nobody else's cookie fits; the stamp counts, so that it is one of ours."""
    return keyed("card", f"{member.id} {stamp}")
