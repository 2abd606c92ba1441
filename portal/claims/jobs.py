"""What guests and members said of orders is forgotten a week after it serves no more."""

from datetime import timedelta

from portal.claims.asking import PURPOSE
from portal.claims.guests import LINK, VIEW
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import periodic
from portal.members.models import ProofCode

KEPT = timedelta(days=7)  # so that a late link can still be told that it is late


@periodic("claims.forget", minute="20", hour="3")
def forget() -> None:
    """Delete links, looks and proofs that ended a week ago."""
    with write_tx():
        ProofCode.delete().where(
            ProofCode.purpose.in_((PURPOSE, LINK, VIEW)) & (ProofCode.expires_at < now() - KEPT)
        ).execute()
