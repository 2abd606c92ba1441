"""Which links joining gave out: invitations, and the links beside codes that prove an address."""

import hmac

from portal.joining.models import Invitation
from portal.joining.signup import PURPOSE
from portal.lib.tokens import digest
from portal.members.incidents import Known, add_finder
from portal.members.models import ProofCode


def _invitation(token: str) -> Known | None:
    found = Invitation.get_or_none(Invitation.token_hash == digest(token))
    return Known(found.member) if found else None


def _beside_a_code(text: str) -> Known | None:
    row_id, _hyphen, token = text.partition("-")
    if not (row_id.isascii() and row_id.isdigit() and len(row_id) <= 18):
        return None
    row = ProofCode.get_or_none((ProofCode.id == int(row_id)) & (ProofCode.purpose == PURPOSE))
    if row is None or not hmac.compare_digest(row.data["link"], digest(token)):
        return None
    return Known(row.member)


add_finder(_invitation)
add_finder(_beside_a_code)
