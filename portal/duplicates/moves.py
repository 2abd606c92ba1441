"""Who was joined with a member or parted from them, as their page lists it."""

from dataclasses import dataclass

from portal.duplicates.models import Move
from portal.duplicates.words import what_moved
from portal.lib.text import _
from portal.members.models import Member

SHOWN = 20


@dataclass(frozen=True)
class Line:
    """A move that stands, in words."""

    move: Move
    words: str
    what: str
    other: Member
    open: bool  # whether it can be taken back from here


def moves_of(member: Member) -> list[Line]:
    """The moves of a member that stand, newest first, in one statement."""
    source, target, agent = Member.alias(), Member.alias(), Member.alias()
    query = (
        Move.select(Move, source, target, agent)
        .join(source, on=(Move.source == source.id))
        .switch(Move)
        .join(target, on=(Move.target == target.id))
        .switch(Move)
        .left_outer_join(agent, on=(Move.by == agent.id))
        .where(((Move.source == member) | (Move.target == member)) & Move.undone_at.is_null())
    )
    return [_line(move, member) for move in query.order_by(Move.id.desc()).limit(SHOWN)]


def _line(move: Move, member: Member) -> Line:
    other = move.source if move.target_id == member.id else move.target
    if move.kind == "merge":
        words = _("Merged with %(number)s", number=other.number)
    elif move.target_id == member.id:
        words = _("Parted from %(number)s", number=other.number)
    else:
        words = _("Parted off to %(number)s", number=other.number)
    stands = move.kind == "split" or move.source.merged_into_id == member.id
    return Line(move, words, what_moved(move.summary), other, stands)
