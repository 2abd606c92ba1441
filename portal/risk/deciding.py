"""What staff decide about an account: warn, restrict or suspend it, agree, and lift it again.

Each has a text that the member reads, a reason that stays with the shop, and mostly an end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member, Restriction, Session
from portal.risk import letters

ACTS = ("warn", "restrict", "suspend")
PROPOSED = "proposed"  # a suspension that a second agent has to agree to


@dataclass(frozen=True)
class Decision:
    """What somebody of the staff decided, before it holds. `what` names deeds of a restriction."""

    act: str  # one of ACTS
    text: str  # to the member
    why: str  # for staff
    ends_at: datetime | None = None
    what: tuple[str, ...] = ()


def decide(member: Member, agent: Member, decision: Decision, seen: str) -> Restriction:
    """Let a decision hold; an agent's suspension waits for a second one. Raises Refused.

    `seen` is `state_of` when the form was shown: of two who decide at once, the second one looks
    again. The same decision sent twice is one.
    """
    may_decide(member, agent)
    with write_tx():
        member.touch()  # holds the row: two at once come one after the other
        if same := _same(member, agent, decision):
            return same
        if state_of(member) != seen:
            raise Refused(
                _("Somebody decided about this account a moment ago. Look at that first, then "
                  "send this again if it is still needed.")
            )  # fmt: skip
        alone = decision.act != "suspend" or agent.role == "owner"
        made = Restriction.create(
            member=member,
            kind=decision.act if alone else PROPOSED,
            what=list(decision.what),
            text=decision.text,
            why=decision.why,
            by=agent,
            at=now(),
            ends_at=decision.ends_at,
        )
        if alone:
            _hold(made, agent)
        else:
            member.record("standing.suspend_proposed", actor=agent, why=decision.why)
    return made


def agree(proposal: Restriction, agent: Member) -> None:
    """A second person agrees: the account is suspended from now on. Raises Refused."""
    may_decide(proposal.member, agent)
    with write_tx():
        proposal.member.touch()
        fresh = Restriction.get_by_id(proposal.id)
        if fresh.kind != PROPOSED or fresh.lifted_at:
            raise Refused(_("Nobody has to agree any more. Reload the page."))
        if fresh.by_id == agent.id and agent.role != "owner":
            raise Refused(_("You proposed it. Somebody else from the shop has to agree."))
        if fresh.ends_at and fresh.ends_at <= now():
            raise Refused(_("The end that was proposed is over. Propose it anew."))
        Restriction.update(kind="suspend", at=now()).where(
            (Restriction.id == fresh.id) & (Restriction.kind == PROPOSED)
        ).execute()
        _hold(Restriction.get_by_id(fresh.id), agent, fresh.by)


def lift(held: Restriction, agent: Member, why: str) -> bool:
    """It holds no more, and the member is told; False when it was over already. Raises Refused."""
    may_lift(held, agent)
    with write_tx():
        held.member.touch()
        lifted = Restriction.update(lifted_at=now(), lifted_by=agent).where(
            (Restriction.id == held.id)
            & (Restriction.kind == held.kind)
            & Restriction.open_at(now())
        )
        if not lifted.execute():
            return False
        if held.kind == PROPOSED:
            held.member.record("standing.withdrawn", actor=agent, why=why)
            return True
        held.member.record("standing.lifted", actor=agent, act=held.kind, why=why)
        letters.tell_lifted(held)
    return True


def end_due() -> int:
    """Note in the timeline, once each, what ended by itself; returns how many did."""
    with write_tx():
        due = (Restriction.ends_at <= now()) & Restriction.lifted_at.is_null()
        values: dict[Any, Any] = {Restriction.lifted_at: Restriction.ends_at}
        over = list(Restriction.update(values).where(due).returning(Restriction).execute())
        for held in over:
            if held.kind != PROPOSED:
                held.member.record("standing.ended", at=held.ends_at, act=held.kind)
    return len(over)


def state_of(member: Member) -> str:
    """What was decided about an account so far, as a short text that changes when that does."""
    mine = Restriction.member == member
    newest = Restriction.select(fn.MAX(Restriction.id), fn.COUNT(Restriction.lifted_at)).where(mine)
    last, lifted = newest.scalar(as_tuple=True)
    held = Restriction.select().where(mine & (Restriction.kind == "suspend")).count()
    return f"{last or 0}.{lifted}.{held}"


def may_decide(member: Member, agent: Member) -> None:
    """Raise Refused where this person has no say about that account."""
    if member.id == agent.id:
        raise Refused(_("Somebody else has to decide about your own account."))
    if member.role == "owner":
        raise Refused(_("Nobody can do that to the owner of the shop."))
    if member.is_staff and agent.role != "owner":
        raise Refused(_("Only the owner can do that to people who work for the shop."))
    if member.closed_at or member.withdrawn_at or member.merged_into_id:
        raise Refused(_("Nobody uses this account any more."))


def may_lift(held: Restriction, agent: Member) -> None:
    """Raise Refused where this person cannot take that decision back."""
    if held.member_id == agent.id:
        raise Refused(_("Somebody else has to decide about your own account."))
    if agent.role == "owner":
        return
    if held.member.is_staff:
        raise Refused(_("Only the owner can do that to people who work for the shop."))
    if held.kind == "suspend" and held.by and held.by.role == "owner":
        raise Refused(_("The owner suspended this account. Ask them to lift it."))


def _same(member: Member, agent: Member, decision: Decision) -> Restriction | None:
    """What this very form made already, while it holds."""
    kinds = ("suspend", PROPOSED) if decision.act == "suspend" else (decision.act,)
    query = Restriction.select().where(
        (Restriction.member == member)
        & (Restriction.by == agent)
        & Restriction.kind.in_(kinds)
        & (Restriction.text == decision.text)
        & (Restriction.why == decision.why)
        & Restriction.lifted_at.is_null()
    )
    wanted = (list(decision.what), decision.ends_at)
    return next((row for row in query if (row.what, row.ends_at) == wanted), None)


def _hold(made: Restriction, agent: Member, proposer: Member | None = None) -> None:
    """Write it into both timelines, tell the member, and end what a suspension ends."""
    values: dict[str, Any] = {
        "why": made.why,
        "text": made.text,
        "until": day(made.ends_at) if made.ends_at else "",
    }
    member = made.member
    if made.kind == "warn":
        member.record("standing.warned", actor=agent, **values)
    elif made.kind == "restrict":
        member.record("standing.restricted", actor=agent, what=made.what, **values)
    else:
        named = proposer.shown_name if proposer and proposer.id != agent.id else ""
        member.record("standing.suspended", actor=agent, proposer=named, **values)
        Session.end_all(member)
    letters.tell(made)
