"""A member as the agent sees them: the member's own cards beside everything that happened."""

from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.claims.list import claimed_from, claims_of
from portal.duplicates.moves import moves_of
from portal.lib.clock import now
from portal.lib.dates import day, local
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, page, partial
from portal.lib.keyset import read_cursor
from portal.lib.text import _
from portal.loyalty.card import card as points_card
from portal.members.models import Member
from portal.members.timeline import GROUPS, groups, timeline
from portal.orders.address import addresses
from portal.orders.card import card as orders_card
from portal.orders.detail import detail, is_shared
from portal.orders.listing import Wanted, page_of
from portal.orders.models import Order, OrderLine
from portal.orders.status import status
from portal.orders.totals import afterwards, parts, total
from portal.recovery.freezing import case_of
from portal.risk.history import standing_of
from portal.staff.forms import NoteForm, PointsForm, TrackingForm
from portal.staff.models import Look
from portal.staff.overview import overview
from portal.staff.views.blueprint import staff
from portal.wishlist.card import card as wishlist_card

STREAM = 12  # events beside a member
OTHERS = 5  # orders below the one that was looked for


@staff.get("/members/<number>", endpoint="member")
def show(number: str) -> BaseResponse:
    """Everything about one member; opening it is written down, and the member reads that."""
    member = find(number)
    if number != member.number:
        here = url_for("staff.member", number=member.number, order=request.args.get("order"))
        return redirect(here, 303)
    if asked():
        rows = "after" in request.args
        template = "staff/_stream_rows.html" if rows else "staff/_stream.html"
        return partial(template, member=member, **_timeline(member))
    Look.take(current_member, member)
    values = context(member)
    if values["order"]:
        Look.take(current_member, member, values["order"].order.number)
        values |= _timeline(member)
    return page("staff/member.html", **values)


@staff.get("/members/<number>/orders")
def member_orders(number: str) -> Response:
    """Every order of a member, searched as the member can."""
    member = find(number)
    wanted = Wanted.read(request.args)
    found = page_of(member.id, wanted, request.args.get("after"))
    here = url_for("staff.member_orders", number=member.number)
    values: dict[str, Any] = {
        "member": member,
        "rows": found.rows,
        "wanted": wanted,
        "more_url": f"{here}?{wanted.query(after=found.next)}" if found.next else "",
        "order_base": order_base(member),
    }
    if asked():
        return partial("staff/_order_rows.html", **values)
    Look.take(current_member, member)
    return page("staff/orders.html", **values)


@staff.get("/members/<number>/orders/<path:key>")
def order(number: str, key: str) -> BaseResponse:
    """One order of a member, as the member sees it."""
    member = find(number)
    after = request.args.get("lines", type=int, default=-1)
    found = detail(member, key, max(-1, min(after, 2**31 - 1)))
    if found is None:
        if is_shared(member, key):
            return redirect(url_for("staff.member", number=member.number), 303)
        abort(404)
    base = order_base(member)
    if asked() and request.htmx.target_id == "more":  # type: ignore[attr-defined]
        return partial("orders/_lines.html", detail=found, readonly=True, order_base=base)
    Look.take(current_member, member, found.order.number)
    form = TrackingForm(formdata=None)
    return page("staff/order.html", member=member, detail=found, tracking=form, order_base=base)


@staff.get("/orders/<path:number>")
def loose_order(number: str) -> BaseResponse:
    """An order that belongs to nobody yet; one that does belong leads to its member."""
    shop = request.args.get("shop")
    query = Order.select().where(Order.number == number)
    found = find_or_404(query.where(Order.shop == shop) if shop else query)
    if found.member_id:
        return redirect(url_for("staff.member", number=found.member.number, order=number), 303)
    lines = found.lines.order_by(OrderLine.position).limit(100)
    bill = [*parts(found), total(found), *afterwards(found)]
    return page(
        "staff/loose_order.html",
        order=found,
        lines=lines,
        bill=bill,
        stands=status(found),
        addresses=addresses(found),
    )


def find(number: str) -> Member:
    """The member with this number, or 404."""
    member = Member.by_number(number)
    if member is None:
        abort(404)
    return member


def order_base(member: Member) -> str:
    """Where a member's orders are shown to staff."""
    return url_for("staff.order", number=member.number, key="x").removesuffix("x")


def context(member: Member, **more: Any) -> dict[str, Any]:
    """All that the page of a member prints, with the order that the address names on top."""
    key = request.args.get("order", "")
    bought, points = orders_card(member), points_card(member)
    named = detail(member, key) if key else None
    others = page_of(member.id, Wanted(), None).rows if named else []
    return {
        "member": member,
        "about": overview(
            member, points=points.balance if points else None, open_orders=len(bought.open)
        ),
        "cards": {"orders": bought, "loyalty": points, "wishlist": wishlist_card(member)},
        "order": named,
        "moves": moves_of(member),
        "case": case_of(member),
        "standing": standing_of(member, current_member),
        "claims": claims_of(member),
        "claimed_from": claimed_from(member),
        "others": [row for row in others if named and row.key != named.key][:OTHERS],
        "order_base": order_base(member),
        "note": NoteForm(formdata=None),
        "points": PointsForm(formdata=None),
        **_timeline(member),
        **more,
    }


def _timeline(member: Member) -> dict[str, Any]:
    group = request.args.get("group", "")
    group = group if group in GROUPS else ""
    after = read_cursor(request.args.get("after"))
    found = timeline(member, True, group or None, request.args.get("after"), size=STREAM)
    here: dict[str, Any] = {
        "number": member.number,
        "order": request.args.get("order"),
        "group": group or None,
    }
    return {
        "days": [(d, list(lines)) for d, lines in groupby(found.rows, lambda e: _day(e.at))],
        "more_url": url_for("staff.member", **here, after=found.next) if found.next else "",
        "group": group,
        "groups": groups(True),
        "last_day": _day(after[0]) if after else "",
    }


def _day(at: datetime) -> str:
    days = (local(now()).date() - local(at).date()).days
    return {0: _("Today"), 1: _("Yesterday")}.get(days) or day(at)
