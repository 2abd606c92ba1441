"""All knowledge of htmx: whole pages, partials, and answers after a change."""

from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask, Response, flash, make_response, redirect, render_template, request
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest, HtmxHeaders
from werkzeug.wrappers import Response as BaseResponse


class Hx4(HtmxHeaders):
    """htmx 4 sends `HX-Source` and `HX-Target` as `tag#id`; htmx-flask reads htmx 2's headers."""

    @staticmethod
    def _id(value: str | None) -> str | None:
        return (value.partition("#")[2] or None) if value else None

    @property
    def target_id(self) -> str | None:
        """The id of the element that will be swapped."""
        return self._id(self._headers.get("HX-Target"))

    @property
    def source_id(self) -> str | None:
        """The id of the element that asked."""
        return self._id(self._headers.get("HX-Source"))


class PortalRequest(HtmxAwareRequest):
    """A request that speaks htmx 4."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.htmx = Hx4(self.headers)


def init(app: Flask) -> None:
    """Give every request of the app `request.htmx`."""
    Htmx(app)
    app.request_class = PortalRequest


def asked() -> bool:
    """Whether htmx asked for a fragment (a history restore wants the whole page)."""
    hx: Hx4 = request.htmx  # type: ignore[attr-defined]
    return bool(hx) and "HX-History-Restore-Request" not in request.headers


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A whole page, never kept by the browser."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def partial(template: str, status: int = 200, etag: str | None = None, **context: Any) -> Response:
    """A fragment. With `etag` (made of versions, before any query) it may answer 304."""
    response = make_response(render_template(template, **context), status)
    response.headers["Vary"] = "HX-Request"
    if etag:
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag(etag)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def etag_of(*parts: object) -> str:
    """A short tag from versions and names."""
    return blake2b("|".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def unchanged(etag: str) -> Response | None:
    """A 304 when the browser holds `etag` already, so that nothing is fetched or rendered."""
    if etag not in request.if_none_match:
        return None
    response = make_response("", 304)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "HX-Request"
    response.set_etag(etag)
    return response


def done(
    notice: str, *, go_to: str, show: str | None = None, kind: str = "good", **context: Any
) -> BaseResponse:
    """After a change: htmx gets the partial and the notice, everybody else goes to `go_to`.

    Without `show` htmx too goes to `go_to`. `kind` is `good` or `stop`.
    """
    if show and asked():
        body = render_template(show, **context) + render_template(
            "layouts/_notices.html", notices=[(kind, notice)] if notice else [], swapped=True
        )
        response = make_response(body)
        response.headers["Cache-Control"] = "no-store"
        return response
    if notice:
        flash(notice, kind)
    if asked():
        return away(go_to)
    return redirect(go_to, 303)


def away(url: str, status: int = 200) -> Response:
    """Send htmx to another page with a full load."""
    response = make_response("", status)
    response.headers["HX-Redirect"] = url
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_next(target: str | None, fallback: str) -> str:
    """Where to go after signing in: only a path of this host, else `fallback`."""
    if not target or not target.startswith("/") or any(ord(c) < 33 or c == "\\" for c in target):
        return fallback
    if target.startswith("//"):  # another host, or the beginning of what is no address at all
        return fallback
    there, here = urlsplit(urljoin(request.host_url, target)), urlsplit(request.host_url)
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        return fallback
    return target
