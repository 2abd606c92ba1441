"""Security questions inside a slow recovery: asked before the 48 hours begin, and never instead.

Members without questions are asked three of the list, and any answer goes: who holds the mailed
link learns nothing from the page or from its pace. A recovery that an agent began for a customer
asks none, since people looked, and answers get forgotten.
"""

from collections.abc import Sequence

from portal.factors.hashing import matches
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.members.models import Member, Recovery
from portal.recovery import questions
from portal.recovery.addresses import LinkEnded
from portal.recovery.letters import addresses, tell
from portal.recovery.masks import masked
from portal.shop.models import settings

TRIES = 5  # for each recovery; LIMITS counts those of a day
TRY = "try"  # stands in Recovery.proofs once for each


class WrongAnswers(Refused):
    """Not all answers are right; which is not said."""

    status = 422


def asked(recovery: Recovery) -> list[str]:
    """The questions that have to be answered before this recovery begins."""
    begun = recovery.state != "asked" or "mail" in recovery.proofs
    member: Member = recovery.member
    by_agent = recovery.started_by_id and not member.is_staff
    if begun or by_agent or not questions.are_on():
        return []
    return [row.question for row in questions.of(member)] or questions.decoys(member)


def take(recovery: Recovery, answers: Sequence[str]) -> None:
    """Go on if the answers are right; a try is counted first. Raises WrongAnswers or LinkEnded."""
    if not asked(recovery):
        return
    member: Member = recovery.member
    known = questions.of(member)
    tries = _count(recovery)
    given = [questions.plain(answer[:200]) for answer in answers]
    given = [*given, *[""] * questions.COUNT][: questions.COUNT]
    hashes: list[str | None] = [row.answer_hash for row in known] or [None] * questions.COUNT
    right = [matches(stored, answer) for stored, answer in zip(hashes, given, strict=True)]
    if known and not all(right):
        _note_wrong(recovery, TRIES - tries)


def _count(recovery: Recovery) -> int:
    """Count a try before it is compared, so that parallel guesses count, too."""
    with write_tx():
        recovery.member.touch()  # holds the member's row: tries come one after the other
        fresh = Recovery.get_by_id(recovery.id)
        tries: int = fresh.proofs.count(TRY) + 1
        if fresh.state != "asked" or tries > TRIES:
            raise LinkEnded(ended())
        Recovery.update(proofs=[*fresh.proofs, TRY]).where(Recovery.id == fresh.id).execute()
    return tries


def _note_wrong(recovery: Recovery, left: int) -> None:
    """Write it down; the last wrong one ends the recovery. Raises WrongAnswers or LinkEnded."""
    member: Member = recovery.member
    with write_tx():
        member.record("recovery.wrong_answers", left=left)
        if not left:
            _refuse(recovery)
    if not left:
        raise LinkEnded(ended())
    raise WrongAnswers(ngettext(
        "Not all of the answers are right. One try is left.",
        "Not all of the answers are right. %(count)s tries are left.",
        left,
    ))  # fmt: skip


def _refuse(recovery: Recovery) -> None:
    refused = Recovery.update(state="refused", ended_at=now(), ended_how="answers").where(
        (Recovery.id == recovery.id) & (Recovery.state == "asked")
    )
    if not refused.execute():
        return
    member: Member = recovery.member
    member.record("recovery.refused")
    for address in {recovery.address, *addresses(member)}:
        tell(
            member,
            address,
            subject=_("Wrong answers ended a recovery of your account at %(shop)s",
                      shop=settings().name),
            sentences=[
                _("Somebody who reads mail at %(to)s wanted to get back in, and gave wrong answers "
                  "to your security questions five times.", to=masked(recovery.address)),
                _("Nobody got in. Everything is as it was."),
            ],
        )  # fmt: skip


def ended() -> str:
    """What became of a recovery whose answers were wrong, and what to do."""
    return _(
        "The answers were wrong five times, so this recovery ended. Sign in as ever, ask for a "
        "new one tomorrow, or write to %(shop)s.",
        shop=settings().name,
    )
