"""Points at a glance, for the dashboard and the agent's page of a member."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, fn

from portal.lib.db import Compiled
from portal.loyalty import rules
from portal.loyalty.models import PointsAccount, PointsLot
from portal.members.models import Member
from portal.shop.models import settings

_HELD = Compiled(
    lambda p: (
        PointsAccount.select(
            PointsAccount.balance,
            PointsAccount.pending,
            PointsAccount.owed,
            fn.MAX(PointsLot.available_at).alias("until"),
        )
        .join(
            PointsLot,
            JOIN.LEFT_OUTER,
            on=(
                (PointsLot.member == PointsAccount.member)
                & PointsLot.matured_at.is_null()
                & (PointsLot.points > 0)
            ),
        )
        .where(PointsAccount.member == p("member"))
        .group_by(PointsAccount.id)
    )
)


@dataclass(frozen=True)
class Card:
    """What a member holds, with its worth in minor units of the shop's currency."""

    balance: int = 0
    pending: int = 0
    owed: int = 0
    until: datetime | None = None  # when the last of the pending points can be spent
    worth: int = 0
    currency: str = ""


def card(member: Member) -> Card | None:
    """The member's points in one statement; None while the shop runs no programme."""
    shop = settings()
    return held(member) if shop.has_points else None


def held(member: Member) -> Card:
    """The same whether or not a programme runs: what was earned stays written down."""
    shop = settings()
    row = _HELD.first(member=member.id)
    if row is None:
        return Card(currency=shop.currency)
    worth = rules.worth(row.balance, shop)
    return Card(row.balance, row.pending, row.owed, row.until, worth, shop.currency)
