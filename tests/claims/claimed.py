"""What a test asks about claimed orders."""

from portal.claims.models import Claim
from portal.loyalty.models import PointsAccount
from portal.members.models import Event, Member
from portal.orders.models import Order


def owner(order: Order) -> int | None:
    """Whose the order is now."""
    return Order.get_by_id(order.id).member_id


def standing() -> list[str]:
    """The numbers of orders that were claimed and not given back."""
    query = Claim.select().where(Claim.undone_at.is_null()).order_by(Claim.number)
    return [claim.number for claim in query]


def balance(member: Member) -> int:
    """The points of a member, pending ones too."""
    account = PointsAccount.get_or_none(PointsAccount.member == member)
    return account.balance + account.pending if account else 0


def kinds(member: Member) -> list[str]:
    """The events of a member about orders, oldest first."""
    query = Event.select().where((Event.member == member) & Event.kind.startswith("orders."))
    return [event.kind for event in query.order_by(Event.id)]
