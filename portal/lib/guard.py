"""Who may ask what: signed-in is the default, a foreign thing is not found."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from peewee import ModelSelect
from werkzeug.exceptions import NotFound
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as BaseResponse

from portal.lib import htmx

View = TypeVar("View", bound=Callable[..., Any])


def _member() -> Any:
    return g.member if "member" in g else current_user.member


#: The signed-in person (a Member); only to be used behind the guard.
current_member: Any = LocalProxy(_member)


class NoRight(NotFound):
    """The page is there, but not for this person's role; they are told that it is not."""


class NotTheirs(NotFound):
    """The row is another member's; who asks is told that there is none."""


class RowId(IntegerConverter):
    """A row's id in an address: a longer number is no row of any database, so it is not found."""

    regex = "[0-9]{1,18}"


def public(view: View) -> View:
    """This view needs no session. Every use is a line in docs/access.toml."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def owner_only(view: View) -> View:
    """This staff view is the owner's alone; agents get 404."""
    view.access = "owner"  # type: ignore[attr-defined]
    return view


def access_of(app: Flask, endpoint: str) -> str:
    """`public`, `member`, `staff` or `owner`: what the guard asks for an endpoint."""
    view = app.view_functions[endpoint]
    declared = getattr(view, "access", None)
    if declared:
        return cast(str, declared)
    return "staff" if endpoint.startswith("staff.") else "member"


def init(app: Flask, load: Callable[[str], Any], sign_in_endpoint: str) -> None:
    """Put the guard in front of every route; `load` finds who a cookie's token belongs to."""
    app.url_map.converters["int"] = RowId
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)

    @app.before_request
    def check() -> BaseResponse | None:
        if request.endpoint is None:
            return None
        if "\0" in request.path or any("\0" in text for text in request.args.values()):
            abort(404)  # no database keeps it in a text, so nothing has that address
        access = access_of(app, request.endpoint)
        if access == "public":
            return None
        person = current_user._get_current_object()
        if not person.is_authenticated:
            return to_sign_in(sign_in_endpoint)
        g.member = person.member  # found once: proxies of proxies cost a tenth of a page
        role = g.member.role
        if (access == "owner" and role != "owner") or (access == "staff" and not role):
            raise NoRight
        return None


def to_sign_in(endpoint: str) -> BaseResponse:
    """A page goes to the sign-in and comes back after it; htmx is sent there with 401."""
    if request.htmx:  # type: ignore[attr-defined]
        return htmx.away(url_for(endpoint), 401)
    if request.method == "GET":
        back = request.full_path.rstrip("?")
        target = url_for(endpoint, next=back) if back != "/" else url_for(endpoint)
        return redirect(target, 303)
    return redirect(url_for(endpoint), 303)


def signed_in() -> bool:
    """Whether the request comes from a signed-in person (for public pages that differ)."""
    return bool(current_user.is_authenticated)


def find_or_404(query: "ModelSelect[Any]", *where: Any) -> Any:
    """The one row of a query that starts at what the person may see; otherwise 404."""
    found = query.where(*where).first()
    if found is None:
        raise NotTheirs if where and _is_anothers(query, where) else NotFound
    return found


def _is_anothers(query: "ModelSelect[Any]", where: tuple[Any, ...]) -> bool:
    """Whether a member asks for what another member has (staff may see everybody's)."""
    if "member" not in g or access_of(current_app, request.endpoint or "") != "member":
        return False
    row = query.model.select().where(*where).first()
    return getattr(row, "member_id", None) not in (None, g.member.id)


def client_key() -> str:
    """The network address that limits are counted by: IPv6 by its /64."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))
