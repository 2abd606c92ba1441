"""What was decided about an account, as its page at the desk lists it: what holds, what is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member, Restriction
from portal.members.standing import off
from portal.risk.deciding import PROPOSED, may_decide, may_lift

SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One decision. `holds` now; `waits` for a second agent; `can_lift` and `can_agree` you."""

    row: Restriction
    words: str
    ended: str
    off: str
    holds: bool
    waits: bool
    can_lift: bool
    can_agree: bool

    @property
    def at(self) -> datetime:
        """When it was decided."""
        return self.row.at


@dataclass(frozen=True)
class Standing:
    """An account's whole story; `may` says whether the one who looks has a say."""

    now: list[Line]
    past: list[Line]
    may: bool


def standing_of(member: Member, agent: Member) -> Standing:
    """The standing of a member as this agent sees it, newest first."""
    lines = [_line(row, agent) for row in _rows(member)]
    current = [line for line in lines if line.holds or line.waits]
    past = [line for line in lines if not (line.holds or line.waits)]
    return Standing(current, past, _allowed(lambda: may_decide(member, agent)))


def waiting_for(agent: Member) -> list[Restriction]:
    """The suspensions of others that wait for this person's word, the oldest first."""
    rows = Restriction.select(Restriction, Member).join(Member, on=Restriction.member)
    found = rows.where((Restriction.kind == PROPOSED) & Restriction.open_at(now())).order_by(
        Restriction.id
    )
    return [row for row in found if agent.id not in (row.by_id, row.member_id)]


def _rows(member: Member) -> list[Restriction]:
    """What was decided, with who did it, in one statement."""
    by, lifter = Member.alias(), Member.alias()
    query = (
        Restriction.select(Restriction, by, lifter)
        .join(by, JOIN.LEFT_OUTER, on=(Restriction.by == by.id), attr="by")
        .switch(Restriction)
        .join(lifter, JOIN.LEFT_OUTER, on=(Restriction.lifted_by == lifter.id), attr="lifted_by")
        .where(Restriction.member == member)
        .order_by(Restriction.id.desc())
        .limit(SHOWN)
    )
    rows = list(query)
    for row in rows:
        row.member = member
    return rows


def _line(row: Restriction, agent: Member) -> Line:
    over = bool(row.lifted_at) or bool(row.ends_at and row.ends_at <= now())
    waits = row.kind == PROPOSED and not over
    mine = row.by_id == agent.id and agent.role != "owner"
    return Line(
        row=row,
        words=_words(row, over),
        ended=_ended(row),
        off=off(row.what),
        holds=not over and row.kind != PROPOSED,
        waits=waits,
        can_lift=not over and _allowed(lambda: may_lift(row, agent)),
        can_agree=waits and not mine and _allowed(lambda: may_decide(row.member, agent)),
    )


def _words(row: Restriction, over: bool) -> str:
    said = {
        "warn": _("Warned"),
        "restrict": _("Restricted"),
        "suspend": _("Suspended"),
        PROPOSED: _("To be suspended"),
    }[row.kind]
    if over:
        return said
    if row.ends_at:
        return _("%(said)s until %(day)s", said=said, day=day(row.ends_at))
    return _("%(said)s without an end", said=said)


def _ended(row: Restriction) -> str:
    if row.lifted_by and row.lifted_at:
        by = row.lifted_by.shown_name
        if row.kind == PROPOSED:
            return _("Turned down by %(name)s on %(day)s.", name=by, day=day(row.lifted_at))
        return _("Lifted by %(name)s on %(day)s.", name=by, day=day(row.lifted_at))
    if row.ends_at and row.ends_at <= now():
        return _("Ended by itself on %(day)s.", day=day(row.ends_at))
    return ""


def _allowed(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Refused:
        return False
    return True
