"""Fresh proof: what changes who can come in, or what can't be taken back, asks once more."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from flask_login import current_user

from portal.lib.htmx import asked, away, safe_next
from portal.lib.text import _

View = TypeVar("View", bound=Callable[..., Any])


def fresh(view: View) -> View:
    """Ask for a fresh proof (see Session.FRESH) before this view; pages with forms ask, too.

    So nobody types into a form that is refused when it is sent. Marked for the test that walks
    every route which must ask.
    """

    @wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        if current_user.fresh:
            return view(*args, **kwargs)
        here = _address() if request.method == "GET" else _page_of_form()
        door = url_for("members.sign_in", again=1, next=here)
        flash(_("Please show once more that it is you; then go on."), "stop")
        return away(door, 401) if asked() else redirect(door, 303)

    asking.asks_again = True  # type: ignore[attr-defined]
    return cast(View, asking)


def _page_of_form() -> str:
    """Where the form stood that was sent, so that the person comes back to it."""
    came_from = urlsplit(request.referrer or "")
    there = came_from._replace(scheme="", netloc="", fragment="").geturl()
    here = there if came_from.netloc == request.host else None
    return safe_next(here, url_for("members.security"))


def _address() -> str:
    """The page that was asked for, with what stands behind its question mark."""
    return request.full_path if request.query_string else request.path
