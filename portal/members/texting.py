"""An attempt with texted codes: one message at a time, five in all, each ending the one before."""

from portal.lib import sms
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import proofs
from portal.members.models import Member, ProofCode

SENDS = 5  # messages of one attempt, whatever number they go to


def left(row: ProofCode) -> int:
    """How many messages this attempt still has."""
    return max(0, SENDS - int(row.data["sends"]))


def check_again(row: ProofCode | None) -> None:
    """Raises Refused where this attempt gets no other message."""
    if row is None or row.used_at:
        raise Refused(_("Nothing waits in this browser. Please begin again."))
    if left(row) == 0:
        raise Refused(
            _("All %(count)s messages of this attempt are sent. Look for a slip in the number.",
              count=SENDS)
        )  # fmt: skip


def write_text(number: str, words: str, code: str | None, member: Member | None) -> int:
    """Put one text into the outbox, with its code if it has one; returns the row's id."""
    message = sms.post_text(
        number,
        words,
        kind="code",
        secret=code,
        member_id=member.id if member else None,
        lives=proofs.LIVES,
    )
    return int(message.id)
