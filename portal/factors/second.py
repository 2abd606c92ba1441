"""Which second proof a member is asked for after a first one; a passkey is two in one."""

from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.members.steps import register
from portal.shop.models import settings


def step(member: Member, method: str) -> str:
    """The page that asks for the second proof, or "" where one proof is enough."""
    if method == "passkey":
        return ""
    if member.is_staff:
        raise Refused(
            _("Who works for %(shop)s comes in with a passkey or two proofs.", shop=settings().name)
        )
    return ""


register(step)
