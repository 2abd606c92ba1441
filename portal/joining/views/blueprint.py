"""The blueprint of joining, and the cookie that binds an attempt to its browser."""

from datetime import timedelta

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response

from portal.joining.steps import next_step
from portal.members.models import Member

joining = Blueprint("joining", __name__)

KEPT = timedelta(hours=1)  # a late code can still be told that it is late


def first_page(member: Member, there: str) -> str:
    """Where somebody goes who joined just now: a passkey, the steps, then where they wanted."""
    step = next_step(member)
    onwards = url_for("joining.step", step=step, next=there) if step else there
    return url_for("members.offer", next=onwards)


def browser() -> str | None:
    """The secret of this browser's attempt to join."""
    return request.cookies.get(_cookie())


def keep(response: Response, secret: str) -> Response:
    """Let the browser keep the secret of its attempt."""
    response.set_cookie(
        _cookie(), secret, max_age=KEPT, secure=_secure(), httponly=True, samesite="Lax"
    )
    return response


def forget(response: Response) -> Response:
    """The attempt is over."""
    response.delete_cookie(_cookie(), secure=_secure(), httponly=True, samesite="Lax")
    return response


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _cookie() -> str:
    return "__Host-join" if _secure() else "join"
