"""The card's page, the copy of it that a device keeps, and the worker that holds the copy."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.cards.face import face
from portal.cards.keeping import drop, drop_what_is_foreign, keep, kept_since
from portal.lib.dates import local
from portal.lib.guard import current_member, public
from portal.lib.htmx import page
from portal.loyalty.card import card as points

cards = Blueprint("cards", __name__)
cards.after_app_request(drop_what_is_foreign)


@cards.get("/account/card")
def show() -> Response:
    """The card, to show at the till or to print."""
    member = current_member._get_current_object()
    since = kept_since(member)
    response = page(
        "cards/card.html", face=face(member), points=points(member), since=_written(since)
    )
    if since:
        response.headers["Card-Kept"] = "yes"  # without it the worker drops its copy
    return response


@cards.get("/account/card/kept")
def kept() -> Response:
    """The copy for when there is no net: no way to sign out, no token, no points that grow old."""
    member = current_member._get_current_object()
    since = kept_since(member)
    if since is None:
        abort(404)
    response = page("cards/kept.html", face=face(member), since=_written(since))
    keep(response, member)
    return response


@cards.post("/account/card/keep")
def keep_here() -> BaseResponse:
    """Let this browser hold a copy; its script fetches it then."""
    response = redirect(url_for("cards.show"), 303)
    keep(response, current_member._get_current_object())
    return response


@cards.post("/account/card/drop")
def drop_here() -> BaseResponse:
    """Take the copy off this browser."""
    response = redirect(url_for("cards.show"), 303)
    drop(response)
    return response


@cards.get("/account/card/worker.js")
@public
def worker() -> BaseResponse:
    """The script that answers without a net; public, since a browser may ask for it anew when
    nobody is signed in, and the same for everybody."""
    response = make_response(_script(current_app.extensions["assets"].source))
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = url_for("cards.show")
    response.add_etag()
    return response.make_conditional(request)


@lru_cache(maxsize=1)
def _script(folder: Path) -> str:
    return (folder / "card-worker.js").read_text("utf-8")


def _written(since: datetime | None) -> str:
    """A day with its year, since the copy may be read in another one."""
    return f"{local(since):%-d %B %Y}" if since else ""
