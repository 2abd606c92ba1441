"""What stands on a member's card."""

from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from portal.cards.code import Drawing, drawing
from portal.lib.dates import local
from portal.members.models import Member
from portal.orders.models import Order
from portal.shop.models import settings


@dataclass(frozen=True)
class Face:
    """The words and the code of a card; `since` is a year in the shop's zone."""

    name: str
    number: str
    since: int
    code: Drawing


def face(member: Member) -> Face:
    """A member's card, in the kind of code that the shop's scanners read."""
    first: datetime | None = (
        Order.select(fn.MIN(Order.placed_at)).where(Order.member == member.id).scalar()
    )
    since = local(min(first or member.created_at, member.created_at)).year
    return Face(member.name, member.number, since, drawing(member.number, settings().card_code))
