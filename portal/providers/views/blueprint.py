"""The blueprint of other people's keys, its cookie, and how a sign-in begins."""

import re
from typing import Any

from flask import Blueprint, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from portal.lib.tokens import new_token
from portal.providers import flows, languages
from portal.providers.models import Provider

providers = Blueprint("providers", __name__)

_SECRET = re.compile(r"[\w-]{43}")


def offered_or_404(key: str) -> Provider:
    """The provider with this key, if the shop offers it."""
    found: Provider | None = Provider.get_or_none((Provider.key == key) & Provider.enabled)
    if found is None:
        abort(404)
    return found


def browser_secret() -> str:
    """What binds sign-ins to this browser; empty when it has none yet."""
    kept = request.cookies.get(_cookie(), "")
    return kept if _SECRET.fullmatch(kept) else ""


def send_off(
    provider: Provider, purpose: str, target: str, *, again: bool, member_id: int | None = None
) -> Response:
    """Send the browser to a provider; raises Silent when it does not answer."""
    browser, state = browser_secret() or new_token(), new_token()
    started = languages.start(provider, state, again=again)
    flows.begin(
        provider, purpose, browser, started.kept, state=state, target=target, member_id=member_id
    )
    response = redirect(started.url, 303)
    response.set_cookie(_cookie(), browser, max_age=3600, **_how())
    return response


def forget_browser(response: Response) -> Response:
    """Nothing waits in this browser any more."""
    response.delete_cookie(_cookie(), **_how())
    return response


def _how() -> dict[str, Any]:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"secure": secure, "httponly": True, "samesite": "Lax"}


def _cookie() -> str:
    return "__Host-provider" if current_app.config["SESSION_COOKIE_SECURE"] else "provider"
