"""What a browser is called (`Safari on iPhone`), where it is, and how it is known again."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from flask import after_this_request, current_app, request
from ua_parser import parse
from werkzeug.wrappers import Response

from portal.lib.text import _
from portal.lib.tokens import keyed, new_token
from portal.members.places import place_of

KNOWN = timedelta(days=365)  # how long a browser or a place is known again
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)

BROWSERS = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "HeadlessChrome": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Samsung Internet": "Samsung Internet",
}
SYSTEMS = {"Mac OS X": "Mac", "Chrome OS": "Chromebook", "Ubuntu": "Linux", "Debian": "Linux"}


@lru_cache(maxsize=512)
def device_name(user_agent: str) -> str:
    """A browser and its device in a few words, at most 120 characters."""
    read = parse(user_agent[:500])
    browser = read.user_agent.family if read.user_agent else ""
    browser = BROWSERS.get(browser, browser)
    system = read.os.family if read.os else ""
    if read.device and read.device.family in ("iPhone", "iPad"):
        system = read.device.family
    system = SYSTEMS.get(system, system)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)[:120]
    return (browser or system or _("an unknown browser"))[:120]


class Arrival(NamedTuple):
    """The browser of this request: what it is, where roughly, and by what it is known again."""

    device: str
    place: str
    browser_hash: str


def arrival() -> Arrival:
    """The browser that signs in now; its answer carries the cookie that it is known again by.

    The cookie serves security alone: it says nothing but "this browser was here before".
    """
    token = request.cookies.get(_cookie(), "")
    if not _TOKEN.fullmatch(token):
        token = new_token()

    @after_this_request
    def remember(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            token,
            max_age=KNOWN,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    return Arrival(
        device=device_name(request.user_agent.string),
        place=place_of(request.remote_addr),
        browser_hash=keyed("browser", token),
    )


def mark() -> str:
    """The hash of what this request's browser is known again by; "" where it was never in."""
    token = request.cookies.get(_cookie(), "")
    return keyed("browser", token) if _TOKEN.fullmatch(token) else ""


def _cookie() -> str:
    return "__Host-browser" if current_app.config["SESSION_COOKIE_SECURE"] else "browser"
