"""Parting something off a member: choose, look at what would go, then do it."""

from typing import Any

from flask import Response, request, url_for
from peewee import fn
from werkzeug.wrappers import Response as BaseResponse

from portal.duplicates.leave import check_person
from portal.duplicates.split import split
from portal.duplicates.words import what_moved
from portal.lib.forms import whole_number
from portal.lib.guard import current_member
from portal.lib.htmx import done, page
from portal.lib.text import _
from portal.loyalty.models import PointsLot
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber
from portal.members.sudo import fresh
from portal.orders.models import Order
from portal.staff.forms import SplitForm
from portal.staff.models import Look
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find

ORDERS = 100  # the newest, to choose from
KINDS: dict[str, Any] = {
    "order": Order,
    "email": EmailAddress,
    "phone": PhoneNumber,
    "customer": CustomerId,
}


@staff.get("/members/<number>/split")
def choose_split(number: str) -> Response:
    """What there is to part off; with something chosen, what would go."""
    member = find(number)
    check_person(member, current_member)
    Look.take(current_member, member)
    chosen = _chosen(member, request.args)
    return _show(member, chosen, SplitForm(formdata=None))


@staff.post("/members/<number>/split")
@fresh
def split_member(number: str) -> BaseResponse:
    """Part off what was chosen; the new member's page opens."""
    member, form = find(number), SplitForm()
    chosen = _chosen(member, request.form)
    if not form.validate():
        return _show(member, chosen, form, 422)
    move = split(
        member,
        order_ids=chosen["order"],
        email_ids=chosen["email"],
        phone_ids=chosen["phone"],
        customer_ids=chosen["customer"],
        name=form.name.data,
        by=current_member._get_current_object(),
        why=form.reason.data,
    )
    return done(
        _("That is a member of their own now. Moved: %(what)s.", what=what_moved(move.summary)),
        go_to=url_for("staff.member", number=move.target.number),
    )


def _show(member: Member, chosen: dict[str, list[int]], form: SplitForm, status: int = 200) -> Any:
    there = {kind: _rows(member, kind) for kind in KINDS}
    going = {kind: [row for row in there[kind] if row.id in chosen[kind]] for kind in KINDS}
    lots = PointsLot.select(fn.SUM(PointsLot.points)).where(
        (PointsLot.member == member) & PointsLot.order.in_(chosen["order"])
    )
    return page(
        "staff/split.html",
        status,
        member=member,
        there=there,
        going=going,
        chosen=chosen,
        anything=any(chosen.values()),
        points=int(lots.scalar() or 0) if chosen["order"] else 0,
        form=form,
        limit=ORDERS,
    )


def _rows(member: Member, kind: str) -> list[Any]:
    model = KINDS[kind]
    query = model.select().where(model.member == member)
    if kind == "order":
        return list(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(ORDERS))
    return list(query.order_by(model.id))


def _chosen(member: Member, sent: Any) -> dict[str, list[int]]:
    """The ids of the member's own rows among those that were sent."""
    found = {}
    for kind, model in KINDS.items():
        ids = [number for text in sent.getlist(kind)[:500] if (number := whole_number(text))]
        query = model.select(model.id).where((model.member == member) & model.id.in_(ids))
        found[kind] = [id_ for (id_,) in query.tuples()] if ids else []
    return found
