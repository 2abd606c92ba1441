"""The shop's staff need a passkey or two factors: another service's word alone is one."""

from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member


def no_staff_alone(member: Member, method: str) -> str:
    """The last step of a sign-in: whoever is asked for nothing more comes in, but no staff."""
    if method == "oidc" and member.is_staff:
        raise Refused(
            _(
                "People who run the shop need two proofs, and this is one. Sign in with your "
                "passkey, or add a second factor to your account first."
            )
        )
    return ""
