"""What a test asks about people who are there twice."""

from datetime import timedelta

from factories import make_order

from portal.lib.clock import now
from portal.loyalty.models import PointsAccount
from portal.loyalty.points import book_orders
from portal.members.models import Member, PhoneNumber, fold_phone
from portal.members.models.search import index_member
from portal.orders.models import Order


def bought(member: Member, total: int = 5000, *, days: int = 60, **values: object) -> Order:
    """An order of some days ago, with its points."""
    order = make_order(member, total=total, placed_at=now() - timedelta(days=days), **values)
    book_orders([order.id])
    return order


def held(member: Member) -> tuple[int, int, int]:
    """Balance, pending and owed points."""
    account = PointsAccount.get_or_none(PointsAccount.member == member)
    return (account.balance, account.pending, account.owed) if account else (0, 0, 0)


def call(member: Member, number: str) -> PhoneNumber:
    """Give a member a phone number."""
    phone = PhoneNumber.create(member=member, number=number, folded=fold_phone(number))
    index_member(member)
    return phone


def again(member: Member) -> Member:
    """The member as the database has them now."""
    return Member.get_by_id(member.id)
