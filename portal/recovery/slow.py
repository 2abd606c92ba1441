"""The slow way back when all else is lost: 48 hours, announced everywhere, stopped from anywhere.

Somebody who reads mail at an address (of the account, or one that an agent typed) asks for it. For
people who work for the shop two colleagues have to agree as well. In the end every earlier way in
is gone; nobody chooses a new one but the person.
"""

from collections.abc import Sequence
from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, keyed, new_token
from portal.members import standing
from portal.members.models import EmailAddress, Member, Passkey, Recovery
from portal.recovery import announcements, asking, ways
from portal.recovery.addresses import LinkEnded
from portal.recovery.announcements import ASKED
from portal.recovery.freezing import thaw
from portal.recovery.letters import addresses
from portal.shop.models import settings

WAIT = timedelta(hours=48)
OPEN = timedelta(days=7)  # how long the way stays open after them
RUNNING = ("asked", "waiting", "ready")
OVERTAKEN = ("newer", "late")  # how one ends that nobody stopped


@job()
def send_way(address: str) -> None:
    """Mail an address what it can do to get back in; a known and an unknown one ask the same."""
    email = EmailAddress.find(address)
    member = email.member if email and email.opens and not email.member.closed_at else None
    if member is None:
        announcements.unknown(address)
        return
    with write_tx():
        member.touch()
        running = of(member)
        if running and _stands(running):
            announcements.running(running, address)
        else:
            announcements.way(*_create(member, address))


def start_by_agent(member: Member, address: str, agent: Member, reason: str) -> Recovery:
    """An agent starts it for somebody whose addresses are all lost; raises Refused.

    The agent says where the person can be reached, and chooses nothing else.
    """
    if member.id == agent.id:
        raise Refused(_("Somebody else has to start it for you."))
    if member.closed_at:
        raise Refused(_("This account is closed."))
    known = EmailAddress.find(address)
    if known and known.member.is_staff and known.member_id != member.id:
        raise Refused(_("That is an address of somebody who works for the shop."))
    if known and known.opens and known.member_id != member.id:
        raise Refused(_("That address opens another account. Ask the person for one that is free."))
    with write_tx():
        member.touch()
        running = of(member)
        if running and running.state != "asked" and not is_late(running):
            raise Refused(_("A recovery is running already. Stop it first."))
        way = _create(member, address, agent)
        member.record("recovery.started", actor=agent, reason=reason)
        announcements.way(*way)
    return Recovery.get(Recovery.token_hash == digest(way[1]))


def of(member: Member) -> Recovery | None:
    """The recovery of a member that is under way."""
    running: Recovery | None = (
        Recovery.select()
        .where((Recovery.member == member) & Recovery.state.in_(RUNNING))
        .order_by(Recovery.id.desc())
        .first()
    )
    return running


def find(token: str) -> Recovery:
    """The recovery of this link while it is under way; raises LinkEnded with what became of it."""
    found = Recovery.get_or_none(Recovery.token_hash == digest(token))
    if found is None:
        raise LinkEnded(_("We don’t know this link. Copy the whole address from the newest mail."))
    ended = {
        "done": _("You are back in already. Sign in with your new passkey, or a mailed code."),
        "refused": asking.ended(),
        "cancelled": _("This recovery was stopped. If it was not you who stopped it, write to "
                       "%(shop)s.", shop=settings().name),
    }  # fmt: skip
    if _lacks_passkey(found):
        return found
    if found.state in ended and found.ended_how not in OVERTAKEN:
        raise LinkEnded(ended[found.state])
    gone = found.member.merged_into_id or found.member.closed_at
    if found.state not in RUNNING or is_late(found) or gone:
        raise LinkEnded(_("This way back has closed. Ask for a new one."))
    if not ways.still_reaches(found):
        raise LinkEnded(
            _("%(address)s opens this account no more, so it is no way back. Ask with an address "
              "that does, or write to %(shop)s.", address=found.address, shop=settings().name)
        )  # fmt: skip
    return found


def prove(token: str, answers: Sequence[str] = ()) -> Recovery:
    """The person reads mail at the address: the 48 hours begin, or colleagues are asked first.

    Where questions are asked (see asking.asked) their answers must be right. Raises WrongAnswers.
    """
    asking.take(find(token), answers)
    with write_tx():
        found = find(token)
        found.member.touch()
        proofs = Recovery.get_by_id(found.id).proofs
        if found.state == "asked" and "mail" not in proofs:
            changed = Recovery.update(proofs=[*proofs, "mail"])
            changed.where(Recovery.id == found.id).execute()
            _begin(Recovery.get_by_id(found.id))
    return Recovery.get_by_id(found.id)


def agree(recovery: Recovery, agent: Member) -> Recovery:
    """Somebody of the staff agrees that a colleague gets back in; raises Refused."""
    if agent.id == recovery.member_id:
        raise Refused(_("Two others have to agree."))
    with write_tx():
        recovery.member.touch()
        fresh = Recovery.get_by_id(recovery.id)
        if fresh.state != "asked" or is_late(fresh):
            raise Refused(_("Nobody has to agree any more. Reload the page."))
        if agent.id in (fresh.started_by_id, fresh.approved_by_id):
            raise Refused(_("You agreed already. Somebody else has to as well."))
        place = Recovery.started_by if fresh.started_by_id is None else Recovery.approved_by
        Recovery.update({place: agent.id}).where(Recovery.id == fresh.id).execute()
        recovery.member.record("recovery.agreed", actor=agent)
        _begin(Recovery.get_by_id(fresh.id))
    return Recovery.get_by_id(fresh.id)


def find_stop(token: str) -> Recovery:
    """The recovery that this link stops; raises LinkEnded."""
    found = Recovery.get_or_none(Recovery.cancel_hash == digest(token))
    if found is None:
        raise LinkEnded(_("We don’t know this link. Copy the whole address from the newest mail."))
    if found.state not in RUNNING:
        raise LinkEnded(
            _("It is stopped already.")
            if found.state in ("cancelled", "refused")
            else _("It is over: somebody got in. Press “This was not me” in the newest mail.")
        )
    return found


def stop(recovery: Recovery, how: str, agent: Member | None = None) -> bool:
    """Stop it; `how` is link, session, agent or not-me. False when it was over already."""
    with write_tx():
        stopped = Recovery.update(state="cancelled", ended_at=now(), ended_how=how).where(
            (Recovery.id == recovery.id) & Recovery.state.in_(RUNNING)
        )
        if not stopped.execute():
            return False
        recovery.member.record("recovery.stopped", actor=agent, how=how)
        if recovery.state != "asked":
            announcements.stopped(recovery)
    return True


def is_ready(recovery: Recovery) -> bool:
    """Whether the 48 hours are over."""
    return recovery.ready_at is not None and recovery.ready_at <= now()


def is_late(recovery: Recovery) -> bool:
    """Whether nobody can go on with it: not begun within the hour, or not finished in a week."""
    if recovery.ready_at:
        return bool(recovery.ready_at + OPEN <= now())
    lives = OPEN if "mail" in recovery.proofs else ASKED
    return bool(recovery.asked_at + lives <= now())


def finish(token: str) -> Member:
    """The 48 hours are over: every earlier way in goes, the account thaws. Raises Refused.

    Once; but a colleague goes on until there is a passkey, since nothing else lets them in.
    """
    with write_tx():
        found = find(token)
        if found.state == "done":
            return Member.get_by_id(found.member_id)
        found.member.touch()
        standing.ensure(found.member, "sign_in")
        if needs_two(found):  # they came to work for the shop meanwhile
            raise LinkEnded(_("You work for the shop now, so two colleagues have to agree. Ask for "
                              "a new way back."))  # fmt: skip
        done = Recovery.update(state="done", ended_at=now(), ended_how="done").where(
            (Recovery.id == found.id)
            & Recovery.state.in_(("waiting", "ready"))
            & (Recovery.ready_at <= now())
        )
        if not done.execute():
            raise Refused(_("It is not time yet. The page says when."))
        member: Member = Member.get_by_id(found.member_id)
        ways.forget(member)
        told = {*addresses(member), found.address}
        ways.keep_address(member, found.address)
        member.record("recovery.done")
        thaw(member, "recovery")
        announcements.done(member, told)
    return member


def end_late() -> None:
    """What nobody went on with is under way no more, so that pages stop warning of it."""
    with write_tx():
        Recovery.update(state="cancelled", ended_at=now(), ended_how="late").where(
            Recovery.state.in_(("waiting", "ready")) & (Recovery.ready_at <= now() - OPEN)
        ).execute()


def tell_ready() -> None:
    """Mail those whose 48 hours are over that their way is open, once each."""
    due = (Recovery.state == "waiting") & (Recovery.ready_at <= now())
    for recovery in Recovery.select().where(due).limit(200):
        with write_tx():
            told = Recovery.update(state="ready").where(
                (Recovery.id == recovery.id) & (Recovery.state == "waiting")
            )
            if told.execute():
                announcements.ready(recovery)


def needs_two(recovery: Recovery) -> bool:
    """Whether two people of the staff have to agree, and have not both."""
    return recovery.member.is_staff and not (recovery.started_by_id and recovery.approved_by_id)


def _stands(recovery: Recovery) -> bool:
    """Whether asking anew leaves it alone: no stranger ends what began or what staff look after."""
    begun = recovery.state != "asked" or "mail" in recovery.proofs or recovery.started_by_id
    return bool(begun) and not is_late(recovery)


def _lacks_passkey(recovery: Recovery) -> bool:
    """Whether a colleague finished, and the way to their passkey got lost with the answer."""
    member: Member = recovery.member
    if recovery.state != "done" or not member.is_staff or needs_two(recovery):
        return False
    keyless = not Passkey.select().where(Passkey.member == member).exists()
    return keyless and not is_late(recovery)


def _create(member: Member, address: str, agent: Member | None = None) -> tuple[Recovery, str]:
    Recovery.update(state="cancelled", ended_at=now(), ended_how="newer").where(
        (Recovery.member == member) & Recovery.state.in_(RUNNING)
    ).execute()
    token = new_token()
    hashed = digest(token)
    return Recovery.create(
        member=member,
        token_hash=hashed,
        cancel_hash=digest(keyed("recovery-stop", hashed)),
        address=address,
        started_by=agent,
    ), token


def _begin(recovery: Recovery) -> None:
    """The 48 hours begin once the mail is proved and, for staff, two colleagues agreed."""
    if "mail" not in recovery.proofs or needs_two(recovery):
        return
    ready = now() + WAIT
    begun = Recovery.update(state="waiting", ready_at=ready).where(
        (Recovery.id == recovery.id) & (Recovery.state == "asked")
    )
    if not begun.execute():
        return
    member: Member = recovery.member
    member.record("recovery.waiting", until=announcements.moment(ready))
    announcements.waiting(recovery, ready)
