"""The saved things at a glance, for the dashboard and the agent's page of a member."""

from dataclasses import dataclass, field

from portal.members.models import Member
from portal.wishlist.listing import Saved, saved

SHOWN = 3


@dataclass(frozen=True)
class Card:
    """How many things are saved, the first few, and the one whose price fell most."""

    count: int = 0
    first: list[Saved] = field(default_factory=list)
    cheaper: Saved | None = None


def card(member: Member) -> Card:
    """The member's list in one statement."""
    items = saved(member)
    fallen = [item for item in items if item.cheaper]
    return Card(
        count=len(items),
        first=items[:SHOWN],
        cheaper=max(fallen, key=lambda item: item.cheaper) if fallen else None,
    )
