"""After a sign-in: whether to offer a passkey, or a second one, and when to ask again."""

from datetime import datetime, timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.members.models import Member, Passkey

FIRST, SECOND = "first", "second"
WAITS = {"day": timedelta(days=1), "month": timedelta(days=30)}
NEVER = datetime(9999, 1, 1)
SETTLED = timedelta(days=1)  # nobody is asked for a second passkey on the day of the first


def wanted(member: Member) -> str:
    """Which passkey somebody lacks: FIRST, SECOND beside one that is on one device, or ""."""
    kept = list(Passkey.select().where(Passkey.member == member.id).limit(2))
    if not kept:
        return FIRST
    return SECOND if len(kept) == 1 and not kept[0].synced else ""


def due(member: Member) -> bool:
    """Whether to ask after this sign-in: something is lacking, and it was not put off."""
    if member.nudge_after and member.nudge_after > now():
        return False
    lacking = wanted(member)
    if lacking == SECOND:
        made = Passkey.get(Passkey.member == member.id).created_at
        return bool(made < now() - SETTLED)
    return bool(lacking)


def put_off(member: Member, how: str) -> datetime | None:
    """Ask again in a `day` or a `month`, or `never`; returns when, None for never."""
    until = NEVER if how == "never" else now() + WAITS.get(how, WAITS["month"])
    with write_tx():
        Member.update(nudge_after=until).where(Member.id == member.id).execute()
    return None if until == NEVER else until
