""" "This was not me": one press ends every session and freezes what can be abused.

A frozen account thaws once its member got it back by a recovery, or once two people of the shop's
staff say so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect, fn

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.members import phones
from portal.members.models import (
    Event,
    Member,
    OneTimeLink,
    PendingSignIn,
    Recovery,
    Session,
    SignInCode,
)
from portal.members.models.member import IS_FROZEN
from portal.recovery import addresses as changes
from portal.recovery.addresses import LinkEnded
from portal.recovery.letters import addresses, tell, tell_everywhere, text_all
from portal.shop.models import settings

FROZEN, PROPOSED = "account.frozen", "account.thaw_proposed"  # kinds of events
SHOWN = 100  # cases on the desk


@dataclass(frozen=True)
class Case:
    """A frozen account on the desk: since when, what was reported, who wants to thaw it."""

    member: Member
    at: datetime
    about: str
    sessions: int
    proposed_by: Member | None

    @property
    def words(self) -> str:
        """What happened, in a sentence or two."""
        ended = ngettext("One session was ended.", "%(count)s sessions were ended.", self.sessions)
        return _("“This was not me”, said of “%(about)s”.", about=self.about) + f" {ended}"


def find(token: str) -> OneTimeLink:
    """The link of a mail while it can be pressed; raises LinkEnded with what became of it."""
    link = OneTimeLink.known(token, "not-me")
    shop = settings().name
    if link is None or link.member is None:
        raise LinkEnded(
            _(
                "We don’t know this link. Copy the whole address from the mail, or write to "
                "%(shop)s.",
                shop=shop,
            )
        )
    if link.used_at:
        raise LinkEnded(
            _("You said so already: every session ended then. %(shop)s looks at it.", shop=shop)
        )
    if link.expires_at <= now():
        raise LinkEnded(
            _("This link was good for thirty days. Sign in and look at your security page.")
        )
    if _person(link).closed_at:
        raise LinkEnded(_("This account is closed. Nobody can do anything with it."))
    return link


def report(token: str) -> Member:
    """End every session and freeze the account, once for each link. Raises LinkEnded."""
    with write_tx():
        link = find(token)
        if not link.use():
            raise LinkEnded(
                _("You said so already: every session ended then. %(shop)s looks at it.",
                  shop=settings().name)
            )  # fmt: skip
        return freeze(_person(link), link.about)


def freeze(member: Member, about: str) -> Member:
    """End every session and freeze the account, in the caller's transaction if there is one."""
    with write_tx():
        member.touch()
        frozen = Member.update(frozen_at=now(), closing_at=None).where(
            (Member.id == member.id) & Member.frozen_at.is_null() & Member.closed_at.is_null()
        )
        first = bool(frozen.execute())
        count = _end_everything(member)
        member.record(FROZEN, about=about, count=count)
        if first:
            _tell_frozen(member)
    return Member.get_by_id(member.id)


def cases() -> list[Case]:
    """The frozen accounts, those that wait longest first; two statements, however many."""
    merged = fn.COALESCE(Member.merged_into, 0) != 0  # not by the index of that: most have none
    frozen = Member.select().where(IS_FROZEN & Member.closed_at.is_null() & ~merged)
    return _cases(list(frozen.order_by(Member.frozen_at).limit(SHOWN)))


def case_of(member: Member) -> Case | None:
    """What the desk says of a frozen account; None for one that is not frozen."""
    return _cases([member])[0] if member.frozen_at else None


def _cases(frozen: list[Member]) -> list[Case]:
    """What was reported last of each, and who was the first to want to thaw it since."""
    reported: dict[int, Event] = {}
    proposed: dict[int, Event] = {}
    since: dict[int, Any] = {member.id: member.frozen_at for member in frozen}
    for event in _told(sorted(since)):
        if event.kind == FROZEN:
            reported[event.member_id] = event
        elif event.at >= since[event.member_id]:
            proposed.setdefault(event.member_id, event)
    return [
        _case(member, since[member.id], reported.get(member.id), proposed.get(member.id))
        for member in frozen
    ]


def _case(member: Member, at: datetime, report: Event | None, proposal: Event | None) -> Case:
    data = report.data if report else {}
    return Case(
        member=member,
        at=at,
        about=data.get("about", ""),
        sessions=data.get("count", 0),
        proposed_by=proposal.actor if proposal else None,
    )


def _told(ids: list[int]) -> "ModelSelect[Event]":
    """What was reported of accounts and who wants to thaw them, the earliest first."""
    return (
        Event.select(Event, Member)
        .join(Member, JOIN.LEFT_OUTER, on=Event.actor)
        .where(Event.member.in_(ids) & Event.kind.in_((FROZEN, PROPOSED)))
        .order_by(Event.id)
    )


def thaw_by_staff(member: Member, agent: Member) -> bool:
    """The first agent proposes, another one thaws; True once it is thawed. Raises Refused."""
    if agent.id == member.id:
        raise Refused(_("Two others have to thaw your own account."))
    with write_tx():
        member.touch()  # holds the row: of two agents at once, one comes second
        fresh = Member.get_by_id(member.id)
        if fresh.frozen_at is None:
            raise Refused(_("This account is not frozen any more. Reload the page."))
        proposals = [e for e in _told([fresh.id]) if e.kind == PROPOSED and e.at >= fresh.frozen_at]
        if any(proposal.actor_id != agent.id for proposal in proposals):
            thaw(fresh, "staff", agent)
            return True
        if proposals:
            raise Refused(_("You said so already. Somebody else from the shop has to agree."))
        fresh.record(PROPOSED, actor=agent)
    return False


def thaw(member: Member, how: str, agent: Member | None = None) -> bool:
    """Everything works again; `how` is staff or recovery. False when it was not frozen."""
    with write_tx():
        thawed = Member.update(frozen_at=None).where(
            (Member.id == member.id) & Member.frozen_at.is_null(False)
        )
        if not thawed.execute():
            return False
        member.record("account.thawed", actor=agent, how=how)
        tell_everywhere(
            member,
            subject=_("Your account at %(shop)s is open again", shop=settings().name),
            sentences=[_("Points, addresses and ways in can be changed again.")],
        )
    return True


def _person(link: OneTimeLink) -> Member:
    """Whose link it is, also after two people were joined."""
    member = Member.get_by_id(link.member_id)
    return Member.get_by_id(member.merged_into_id or member.id)


def _end_everything(member: Member) -> int:
    """Nothing that was under way goes on; returns how many sessions ended."""
    moment = now()
    changes.stop(member)
    phones.close_doors(member)  # a number may be in other hands by now
    OneTimeLink.end_all(member)
    for started in (SignInCode, PendingSignIn):
        started.update(expires_at=moment).where(
            (started.member == member) & (started.expires_at > moment)
        ).execute()
    Recovery.update(state="cancelled", ended_at=moment, ended_how="not-me").where(
        (Recovery.member == member) & Recovery.state.in_(("asked", "waiting", "ready"))
    ).execute()
    count: int = Session.live(member).count()
    Session.end_all(member)
    return count


def _tell_frozen(member: Member) -> None:
    shop = settings().name
    text_all(member, _("Your account at %(shop)s is frozen", shop=shop))
    for address in addresses(member):
        tell(
            member,
            address,
            subject=_("Your account at %(shop)s is frozen", shop=shop),
            sentences=[
                _(
                    "Somebody pressed “This was not me”, in a mail from us or in your account. "
                    "Every session ended."
                ),
                _(
                    "Points, addresses, new ways in and claims wait until you have got the account "
                    "back (“Can’t get in?” on the sign-in page), or two people from "
                    "%(shop)s have looked at it.",
                    shop=shop,
                ),
            ],
        )
