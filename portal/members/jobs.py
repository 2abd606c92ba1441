"""What members' ways in leave behind is cleared away: once an hour, and at night."""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import periodic
from portal.lib.throttle import forget_old
from portal.members.devices import KNOWN
from portal.members.models import Challenge, OneTimeLink, ProofCode, Session, SignInCode

KEPT = timedelta(days=7)  # longer than any clock is ever set back


@periodic("members.clear", minute="23")
def clear() -> None:
    """Delete codes, links and challenges that ended long ago, and counters of old limits."""
    old = now() - KEPT
    with write_tx():
        for ended in (Challenge, SignInCode, OneTimeLink, ProofCode):
            ended.delete().where(ended.expires_at < old).execute()
    forget_old()


@periodic("members.forget_sessions", minute="41", hour="3")
def forget_sessions() -> None:
    """Delete sessions that nobody was seen in for a year; what happened in them stays told."""
    with write_tx():
        Session.delete().where(Session.seen_at < now() - KNOWN).execute()
