"""The one door: every way of signing in ends in `enter`, which is the only maker of sessions."""

from datetime import datetime
from typing import Any

from flask import session
from flask_login import current_user, login_user, logout_user

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import signs, standing
from portal.members.devices import Arrival, arrival
from portal.members.events import first_visit
from portal.members.models import Member, Passkey, Session, signed_in
from portal.members.models.session import VISIT


def enter(member: Member, method: str, passkey: Passkey | None = None, proofs: str = "") -> None:
    """Sign this browser in as `member`; `method` is passkey, code, link, password, oidc, demo.

    After a second proof it is `two-step`, and `proofs` names both (`code+app`).

    Whatever the browser was before ends: its session row, its cookie's contents.
    """
    came = arrival()
    with write_tx():
        if current_user.is_authenticated:
            Session.get_by_id(current_user.session_id).end()
        _hold(member)
        standing.ensure(member, "sign_in")  # held: who suspends it comes before or after
        found = signs.read(member, came)
        token = Session.start(
            member,
            device=came.device,
            method=method,
            passkey_id=passkey.id if passkey else None,
            name=Session.called(member, came.browser_hash),
            place=came.place,
            browser_hash=came.browser_hash,
        )
        _begin_visit(member, now())
        _record(member, proofs or method, passkey, came, found)
        if found.odd:
            signs.tell(member, came, found)
    session.clear()
    session.permanent = not member.is_staff
    login_user(signed_in(token), remember=False)


def leave() -> None:
    """End this browser's session on the server and forget everything in its cookie."""
    if current_user.is_authenticated:
        with write_tx():
            if Session.get_by_id(current_user.session_id).end():
                current_user.member.record("sign_in.ended", device=current_user.device)
        logout_user()
    session.clear()


def renew() -> None:
    """Go on with a new session token, since what this session may do has changed."""
    token = Session.renew(current_user.session_id)
    if token:
        login_user(signed_in(token), remember=False)


def _hold(member: Member) -> None:
    """Nobody is merged away while they sign in, and nobody signs in as who is merged away."""
    there = Member.update(version=Member.version + 1).where(
        (Member.id == member.id) & Member.merged_into.is_null()
    )
    if not there.execute():
        raise Refused(_("The shop joined this account with another just now. Sign in once more."))


def _record(
    member: Member, method: str, passkey: Passkey | None, came: Arrival, found: signs.Signs
) -> None:
    """One event for a sign-in; it leaves out what is not known."""
    more: dict[str, Any] = {
        "place": came.place,
        "passkey": passkey.label if passkey else "",
        "away": found.days_away,
    }
    known = {name: value for name, value in more.items() if value}
    kind = "sign_in.new_device" if found.new_device else "sign_in.done"
    member.record(kind, method=method, device=came.device, **known)


def _begin_visit(member: Member, moment: datetime) -> None:
    first = Member.update(joined_at=moment).where(
        (Member.id == member.id) & Member.joined_at.is_null()
    )
    if first.execute():
        first_visit.send(None, member=member)
    Member.update(last_visit_at=Member.visit_at, visit_at=moment).where(
        (Member.id == member.id) & (Member.visit_at.is_null() | (Member.visit_at < moment - VISIT))
    ).execute()
