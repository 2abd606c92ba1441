"""Pages of orders."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.clock import now
from portal.lib.dates import local
from portal.lib.guard import NotTheirs, current_member
from portal.lib.htmx import asked, page, partial
from portal.orders import timeline as _timeline  # noqa: F401
from portal.orders.detail import detail, is_shared
from portal.orders.listing import Wanted, first_year, page_of
from portal.orders.models import Order

orders = Blueprint("orders", __name__, url_prefix="/account/orders")


@orders.get("")
def index() -> Response:
    """The member's orders; htmx asks for further rows, or for the list when a filter changes."""
    wanted = Wanted.read(request.args)
    found = page_of(current_member.id, wanted, request.args.get("after"))
    more = url_for(".index") + "?" + wanted.query(after=found.next) if found.next else ""
    values: dict[str, Any] = {"rows": found.rows, "more_url": more, "wanted": wanted}
    target = request.htmx.target_id if asked() else None  # type: ignore[attr-defined]
    if target == "more":
        return partial("orders/_rows.html", **values)
    if target == "order-list":
        return partial("orders/_list.html", **values)
    first = first_year(current_member.id)
    years = range(local(now()).year, first - 1, -1) if first else []
    return page("orders/list.html", years=years, **values)


@orders.get("/<path:key>")
def show(key: str) -> BaseResponse:
    """One order; htmx asks for the lines after a position."""
    after = request.args.get("lines", type=int, default=-1)
    after = max(-1, min(after, 2**31 - 1))
    found = detail(current_member, key, after)
    if found is None:
        if is_shared(current_member, key):
            return redirect(url_for(".index", q=key), 303)
        raise NotTheirs if Order.select().where(Order.number == key).exists() else NotFound
    if asked() and request.htmx.target_id == "more":  # type: ignore[attr-defined]
        return partial("orders/_lines.html", detail=found)
    return page("orders/order.html", detail=found, earlier_lines=after >= 0)
