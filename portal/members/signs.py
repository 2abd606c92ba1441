"""Signs that somebody else came in: a device never seen, or a sign-in after a long time."""

from datetime import datetime, timedelta
from typing import NamedTuple

from portal.lib.clock import now
from portal.lib.dates import clock_time, day
from portal.lib.text import _
from portal.members.devices import KNOWN, Arrival, mark
from portal.members.letters import tell_change
from portal.members.models import EmailAddress, Event, Member, Session
from portal.shop.models import settings

AWAY = timedelta(days=180)


class Signs(NamedTuple):
    """What is odd about a sign-in: whether the device is new, and days away where they are many."""

    new_device: bool
    days_away: int

    @property
    def odd(self) -> bool:
        """Whether the member is to be told."""
        return self.new_device or self.days_away > 0


def read(member: Member, came: Arrival) -> Signs:
    """Compare a browser with those of a year; to be asked before its own session is kept.

    Known is the browser by its cookie, or the same kind of browser at the same place. What was
    here before the member last said "this was not me" is not known any more.
    """
    moment = now()
    there = Session.select(Session.id).where(Session.member == member)
    last_visit = Member.select(Member.visit_at).where(Member.id == member.id).scalar()
    if last_visit is None and not there.exists():
        return Signs(False, 0)
    known = there.where(
        (Session.seen_at > _trusted_since(member))
        & (
            (Session.browser_hash == came.browser_hash)
            | ((Session.device == came.device) & (Session.place == came.place))
        )
    )
    away = moment - last_visit if last_visit else timedelta()
    return Signs(not known.exists(), away.days if away > AWAY else 0)


def was_here(folded: str) -> bool:
    """Whether this very browser was in the account of an address: strangers can't bar it there.

    The same statement for known and unknown addresses.
    """
    browser = mark()
    if not browser:
        return False
    found = (
        Session.select(Session, Member)
        .join(Member)
        .join(EmailAddress, on=(EmailAddress.member == Member.id))
        .where((EmailAddress.folded == folded) & (Session.browser_hash == browser))
        .order_by(Session.seen_at.desc())
        .first()
    )
    return found is not None and found.seen_at > _trusted_since(found.member)


def tell(member: Member, came: Arrival, signs: Signs) -> None:
    """Mail the member about an odd sign-in: once, whatever is odd about it."""
    shop = settings().name
    sentence = _(
        "Somebody signed in to your account with %(browser)s, on %(day)s at %(time)s.",
        browser=_("%(device)s near %(place)s", device=came.device, place=came.place)
        if came.place
        else came.device,
        day=day(now()),
        time=clock_time(now()),
    )
    if signs.new_device:
        sentence += " " + _("It was the first time on this device.")
    if signs.days_away:
        sentence += " " + _("Nobody had for %(count)s months.", count=signs.days_away // 30)
    tell_change(
        member,
        subject=_("A new device signed in to your account at %(shop)s", shop=shop)
        if signs.new_device
        else _("Somebody signed in to your account at %(shop)s after a long time", shop=shop),
        sentence=sentence,
        advice=_(
            "If it was you, all is well. If not, end that session on your security page at once."
        ),
    )


def _trusted_since(member: Member) -> datetime:
    """From when a browser that was here counts as the member's own."""
    frozen = (
        Event.select(Event.at)
        .where((Event.member == member) & (Event.kind == "account.frozen"))
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
        .scalar()
    )
    year: datetime = now() - KNOWN
    return max(year, frozen) if frozen else year
