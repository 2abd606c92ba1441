"""What follows from any event of a member, in its transaction: warnings, and new tokens."""

from portal.members import failures, renewal
from portal.members.models import Member
from portal.members.models.member import FAILURES, recorded


@recorded.connect
def on_recorded(_sender: object, member: Member, kind: str) -> None:
    """Count what failed; renew the session that changed a way in."""
    if kind in FAILURES:
        failures.note(member)
    elif kind in renewal.CHANGES:
        renewal.note(member, kind)
