"""What members' ways in leave behind is cleared away once an hour."""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import periodic
from portal.lib.throttle import forget_old
from portal.members.models import Challenge, OneTimeLink, ProofCode, SignInCode

KEPT = timedelta(days=7)  # longer than any clock is ever set back


@periodic("members.clear", minute="23")
def clear() -> None:
    """Delete codes, links and challenges that ended long ago, and counters of old limits."""
    old = now() - KEPT
    with write_tx():
        for ended in (Challenge, SignInCode, OneTimeLink, ProofCode):
            ended.delete().where(ended.expires_at < old).execute()
    forget_old()
