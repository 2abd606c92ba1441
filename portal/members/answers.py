"""Was this you? What a member says of a sign-in on a new device, or of proofs that failed, once.

"No" does what the link of a mail does that says so; a later domain does it, told by `not_me`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import find_or_404
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import kinds
from portal.members.events import not_me
from portal.members.models import Event, Member
from portal.shop.models import settings

ASKED = timedelta(days=30)  # how long a member is asked; as long as the links of mails work
MINE, NOT_MINE = "sign_in.was_me", "sign_in.was_not_me"


def is_asked(kind: str, at: datetime) -> bool:
    """Whether the member is asked about an event of this kind and time."""
    return kinds.kind(kind).asks and now() - at < ASKED


def answers(member: Member, ids: Iterable[int], since: datetime) -> dict[int, str]:
    """What a member said of these events (of `since` or later): mine or not-mine, by their ids."""
    found = Event.select(Event.kind, Event.subject).where(
        (Event.member == member.id)
        & (Event.at >= since)
        & Event.kind.in_((MINE, NOT_MINE))
        & Event.subject.in_([str(event_id) for event_id in ids])
    )
    return {int(e.subject): "mine" if e.kind == MINE else "not-mine" for e in found}


def find(member: Member, event_id: int) -> Event:
    """An event that this member is asked about, answered or not; otherwise 404."""
    theirs = Event.member.in_(
        Member.select(Member.id).where((Member.id == member.id) | (Member.merged_into == member.id))
    )
    asked = [kind.name for kind in kinds.everything() if kind.asks]
    recent = Event.at > now() - ASKED
    found: Event = find_or_404(
        Event.select().where(theirs & Event.kind.in_(asked) & recent), Event.id == event_id
    )
    return found


def words(event: Event) -> str:
    """What happened, as the member reads it."""
    kind = kinds.kind(event.kind)
    values = {**event.data, "subject": event.subject, "who": "", "shop": settings().name}
    return kinds.read(kind.member or "", values)


def was_me(member: Member, event: Event) -> None:
    """The member says that it was them, once; raises Refused."""
    _keep(member, event, MINE)


def was_not_me(member: Member, event: Event) -> None:
    """The member says that it was not them, once: the account is frozen. Raises Refused."""
    with write_tx():
        _keep(member, event, NOT_MINE)
        not_me.send(None, member=Member.get_by_id(member.id), about=words(event)[:300])


def _keep(member: Member, event: Event, kind: str) -> None:
    with write_tx():
        member.touch()  # holds the row: of two answers at once, one comes second
        if answers(member, [event.id], event.at):
            raise Refused(
                _(
                    "You answered this already. If you meant something else, press “This was not "
                    "me” in a mail from us, or write to %(shop)s.",
                    shop=settings().name,
                )
            )
        member.record(kind, subject=str(event.id), about=event.kind)
