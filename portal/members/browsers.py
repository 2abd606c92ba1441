"""The browsers that a member is signed in with, as their page shows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.lib.clock import now
from portal.lib.text import _, ngettext
from portal.members.events import PROOFS
from portal.members.models import Event, Member, Passkey, Session
from portal.members.models.session import ABSOLUTE, FRESH, IDLE
from portal.members.renewal import CHANGES


@dataclass(frozen=True)
class Browser:
    """One session: what it is, where roughly, since when, and how it came in."""

    id: int
    shown: str
    what: str
    how: str
    since: datetime
    seen: datetime
    here: bool
    name: str


def browsers(member: Member, here: int) -> list[Browser]:
    """Every session that still works; the one with the id `here` first."""
    sessions = list(Session.live(member))
    keys = {session.passkey_id for session in sessions if session.passkey_id}
    labels = dict(Passkey.select(Passkey.id, Passkey.label).where(Passkey.id.in_(keys)).tuples())
    listed = [_browser(session, labels.get(session.passkey_id, ""), here) for session in sessions]
    return sorted(listed, key=lambda browser: not browser.here)


def limits(member: Member) -> str:
    """When a session of this member ends by itself, in a sentence."""
    return _(
        "A browser is signed out by itself after %(idle)s without use, and %(absolute)s after it "
        "signed in.",
        idle=_long(IDLE[member.role]),
        absolute=_long(ABSOLUTE[member.role]),
    )


def left_after_change(member: Member, here: int) -> int:
    """How many other browsers are still in from before a way in was changed, a moment ago."""
    changed = (
        Event.select(Event.at)
        .where(
            (Event.member == member.id)
            & Event.kind.in_(tuple(CHANGES))
            & Event.actor.is_null()
            & (Event.at > now() - FRESH)
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
        .scalar()
    )
    if changed is None:
        return 0
    others = Session.live(member).where((Session.id != here) & (Session.created_at < changed))
    count: int = others.count()
    return count


def _browser(session: Session, label: str, here: int) -> Browser:
    return Browser(
        id=session.id,
        shown=session.shown,
        what=_what(session),
        how=_how(session.method, label),
        since=session.created_at,
        seen=session.seen_at,
        here=session.id == here,
        name=session.name,
    )


def _what(session: Session) -> str:
    """What the name leaves out: the kind of browser, where it has a name, and the place."""
    if session.name and session.place:
        return _("%(device)s near %(place)s", device=session.device, place=session.place)
    if session.place:
        return _("Near %(place)s", place=session.place)
    return session.device if session.name else ""


def _how(method: str, label: str) -> str:
    if label:
        return _("with the passkey “%(label)s”", label=label)
    if method == "two-step":
        return _("with two-step verification")
    if method == "demo":
        return _("through the demo shop’s door")
    proof = PROOFS.get(method)
    return _("with %(proof)s", proof=_(proof)) if proof else ""


def _long(time: timedelta) -> str:
    if time < timedelta(days=1):
        hours = time // timedelta(hours=1)
        return ngettext("%(count)s hour", "%(count)s hours", hours)
    return ngettext("%(count)s day", "%(count)s days", time.days)
