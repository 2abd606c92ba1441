"""The one door: every way of signing in ends in `enter`, which is the only maker of sessions."""

from datetime import datetime

from flask import request, session
from flask_login import current_user, login_user, logout_user

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import standing
from portal.members.devices import device_name
from portal.members.events import first_visit
from portal.members.letters import tell_change
from portal.members.models import Member, Passkey, Session, signed_in
from portal.members.models.session import VISIT
from portal.shop.models import settings


def enter(member: Member, method: str, passkey: Passkey | None = None, proofs: str = "") -> None:
    """Sign this browser in as `member`; `method` is passkey, code, link, password, oidc, demo.

    After a second proof it is `two-step`, and `proofs` names both (`code+app`).

    Whatever the browser was before ends: its session row, its cookie's contents.
    """
    device = device_name(request.user_agent.string)
    with write_tx():
        if current_user.is_authenticated:
            Session.get_by_id(current_user.session_id).end()
        _hold(member)
        standing.ensure(member, "sign_in")  # held: who suspends it comes before or after
        new_device = _is_new(member, device)
        token = Session.start(
            member, device=device, method=method, passkey_id=passkey.id if passkey else None
        )
        _begin_visit(member, now())
        kind = "sign_in.new_device" if new_device else "sign_in.done"
        member.record(kind, method=proofs or method, device=device)
        if new_device:
            _tell_new_device(member, device)
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


def _hold(member: Member) -> None:
    """Nobody is merged away while they sign in, and nobody signs in as who is merged away."""
    there = Member.update(version=Member.version + 1).where(
        (Member.id == member.id) & Member.merged_into.is_null()
    )
    if not there.execute():
        raise Refused(_("The shop joined this account with another just now. Sign in once more."))


def _is_new(member: Member, device: str) -> bool:
    """Whether a member who was here before comes with a device never seen."""
    earlier = Session.select().where(Session.member == member)
    return earlier.exists() and not earlier.where(Session.device == device).exists()


def _begin_visit(member: Member, moment: datetime) -> None:
    first = Member.update(joined_at=moment).where(
        (Member.id == member.id) & Member.joined_at.is_null()
    )
    if first.execute():
        first_visit.send(None, member=member)
    Member.update(last_visit_at=Member.visit_at, visit_at=moment).where(
        (Member.id == member.id) & (Member.visit_at.is_null() | (Member.visit_at < moment - VISIT))
    ).execute()


def _tell_new_device(member: Member, device: str) -> None:
    shop = settings().name
    tell_change(
        member,
        subject=_("A new device signed in to your account at %(shop)s", shop=shop),
        sentence=_(
            "Somebody signed in to your account with %(device)s for the first time.", device=device
        ),
        advice=_(
            "If it was you, all is well. If not, end that session on your security page at once."
        ),
    )
