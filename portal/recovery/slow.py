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
from portal.members import phones, standing
from portal.members.models import EmailAddress, Member, OneTimeLink, Recovery, Session, fold_email
from portal.members.models.contact import FORMER
from portal.members.models.search import index_member
from portal.recovery import announcements, asking
from portal.recovery.addresses import LinkEnded
from portal.recovery.announcements import ASKED
from portal.recovery.freezing import thaw
from portal.recovery.letters import addresses
from portal.shop.models import settings

WAIT = timedelta(hours=48)
OPEN = timedelta(days=7)  # how long the way stays open after them
RUNNING = ("asked", "waiting", "ready")
#: What opened the account before and goes: whoever lost it all can't say who has it now.
WAYS_IN = {
    "passkey", "password", "authenticator", "recovery_code", "security_question",
    "linked_account", "sent_factor", "sign_in_code", "pending_sign_in",
}  # fmt: skip


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
        if running and running.state != "asked":
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
        if running and running.state != "asked":
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
    if found.state in ended:
        raise LinkEnded(ended[found.state])
    late = (
        found.ready_at + OPEN <= now()
        if found.ready_at
        else "mail" not in found.proofs and found.asked_at + ASKED <= now()
    )
    if late or found.member.merged_into_id or found.member.closed_at:
        raise LinkEnded(_("This way back has closed. Ask for a new one."))
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
        if fresh.state != "asked":
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


def finish(token: str) -> Member:
    """The 48 hours are over: every earlier way in goes, the account thaws. True once."""
    with write_tx():
        found = find(token)
        found.member.touch()
        standing.ensure(found.member, "sign_in")
        done = Recovery.update(state="done", ended_at=now(), ended_how="done").where(
            (Recovery.id == found.id)
            & Recovery.state.in_(("waiting", "ready"))
            & (Recovery.ready_at <= now())
        )
        if not done.execute():
            raise Refused(_("It is not time yet. The page says when."))
        member: Member = Member.get_by_id(found.member_id)
        _forget_ways(member)
        told = {*addresses(member), found.address}
        _keep_address(member, found.address)
        member.record("recovery.done")
        thaw(member, "recovery")
        announcements.done(member, told)
    return member


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


def _create(member: Member, address: str, agent: Member | None = None) -> tuple[Recovery, str]:
    Recovery.update(state="cancelled", ended_at=now(), ended_how="newer").where(
        (Recovery.member == member) & (Recovery.state == "asked")
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


def _forget_ways(member: Member) -> None:
    for key, model in Member._meta.backrefs.items():
        if model._meta.table_name in WAYS_IN and key.name == "member":
            model.delete().where(key == member.id).execute()
    phones.close_doors(member)
    Session.end_all(member)
    OneTimeLink.end_all(member)


def _keep_address(member: Member, address: str) -> None:
    """The address that was proved opens the account, where nobody else has it.

    One that opened nothing before came by an agent, since no other reaches the person any more:
    those open nothing from now on, whoever reads them. Files still know the person by them.
    """
    known = EmailAddress.find(address)
    if known and known.member_id != member.id:
        return
    if known is None or not known.opens:
        EmailAddress.update(source=FORMER, verified_at=None).where(
            EmailAddress.member == member
        ).execute()
    values = {"address": address, "source": "recovery", "verified_at": now()}
    if known is None:
        EmailAddress.create(member=member, folded=fold_email(address), **values)
        index_member(member)
    elif not known.opens:
        EmailAddress.update(**values).where(EmailAddress.id == known.id).execute()
