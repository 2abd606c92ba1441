"""What claiming adds to the list of what to do first: orders that came before the account."""

from flask import url_for

from portal.joining.checklist import BY_PHONE, Task, add_task
from portal.members.models import Event, Member
from portal.orders.models import Order


def _has_orders(member: Member) -> bool | None:
    """Something for those who came by phone: no file’s orders are theirs before they say so."""
    came = Event.select().where((Event.member == member.id) & (Event.kind == BY_PHONE))
    if not came.exists():
        return None
    return bool(Order.select().where(Order.member == member.id).exists())


add_task(
    Task(
        "orders",
        5,
        "Bought here before? Bring your orders",
        "The number of one order, with its postcode or its total, is enough.",
        lambda: url_for("claims.claim"),
        _has_orders,
    )
)
