"""A member's password, where the shop allows one: set, change, remove, and come in with it."""

from typing import Any

from portal.factors.hashing import hashed, matches, outdated
from portal.factors.strength import as_kept, judge
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import ended, incidents, keys
from portal.members.letters import tell_change
from portal.members.models import (
    EmailAddress,
    Member,
    Password,
    Session,
    fold_email,
)
from portal.shop.models import settings


class WeakPassword(Refused):
    """The password would be guessed; the sentence says why."""

    status = 422


def of(member: Member) -> Password | None:
    """The password of a member, while the shop allows passwords."""
    return Password.get_or_none(Password.member == member.id) if settings().passwords else None


def about(member: Member) -> list[str]:
    """The words that must not be most of a member's password."""
    addresses = [email.address for email in member.emails]
    return [member.name, member.username, member.number, settings().name, *addresses]


def keep(member: Member, typed: str, *, session_id: int) -> None:
    """Set or change a password; every other session ends. Raises WeakPassword."""
    password = as_kept(typed)
    verdict = judge(password, about(member))
    if not verdict.fits:
        raise WeakPassword(" ".join(filter(None, (verdict.sentence, verdict.advice))))
    stored = hashed(password)
    fresh = {"hash": stored, "set_at": now(), "reminded_at": None}
    with write_tx():
        member.touch()  # holds the member's row: two changes come one after the other
        changed = Password.update(**fresh).where(Password.member == member.id).execute()
        if not changed:
            Password.create(member=member.id, **fresh)
        Session.end_all(member, but=session_id)
        member.record("password.changed" if changed else "password.set")
        _tell(member, changed=bool(changed))


def remove(member: Member, *, session_id: int) -> bool:
    """Take the password away; False when there was none. Raises LastWayIn."""
    with write_tx():
        keys.ensure_another(member, "password", member.id)
        if not Password.delete().where(Password.member == member.id).execute():
            return False
        Session.end_all(member, but=session_id)
        member.record("password.removed")
        shop = settings().name
        tell_change(
            member,
            subject=_("The password of your account at %(shop)s was removed", shop=shop),
            sentence=_("Your password does not open your account any more."),
            advice=_("If it was not you, look at your security page at once."),
        )
    return True


def is_right(member: Member, typed: str) -> bool:
    """Whether somebody who is known already typed their password; wrong ones are noted."""
    if fits(member, typed):
        return True
    with write_tx():
        note_wrong(member.id, *incidents.here())
    return False


def fits(member: Member, typed: str) -> bool:
    """Whether this is the password of somebody who is known already; nothing is noted."""
    row = Password.get_or_none(Password.member == member.id)
    return matches(row.hash if row else None, as_kept(typed))


def enter(address: str, typed: str) -> Member | None:
    """Whose address and password these are, or None; both take the same work."""
    row = (
        EmailAddress.select(EmailAddress, Member)
        .join(Member)
        .where(EmailAddress.folded == fold_email(address))
        .first()
    )
    member = row.member if row and row.opens else None
    stored = Password.get_or_none(Password.member == (member.id if member else 0))
    password = as_kept(typed)
    if member and stored and matches(stored.hash, password):
        _came_in(stored, password)
        return member
    if not stored:
        matches(None, password)
    with write_tx():
        note_wrong(member.id if member else 0, *incidents.here())
    return None


def _came_in(stored: Password, password: str) -> None:
    if not outdated(stored.hash):
        return
    with write_tx():
        Password.update(hash=hashed(password)).where(
            (Password.id == stored.id) & (Password.hash == stored.hash)
        ).execute()


@job()
def note_wrong(member_id: int, client: str, rule: str) -> None:
    """Write a wrong password into the timeline of whose address it was, if of anybody."""
    member = Member.get_or_none(Member.id == member_id)
    if member:
        member.record("password.wrong")
    else:
        incidents.write("password_unknown", incidents.Where(client, rule))


def _tell(member: Member, *, changed: bool) -> None:
    shop = settings().name
    tell_change(
        member,
        subject=_("The password of your account at %(shop)s was changed", shop=shop)
        if changed
        else _("Your account at %(shop)s has a password now", shop=shop),
        sentence=_("The old password does not open your account any more.")
        if changed
        else _("A password opens your account now."),
        advice=_(
            "Every other browser was signed out. If it was not you, look at your security page "
            "at once."
        ),
    )


def _keys(member: Member) -> list[keys.Key]:
    """A password opens an account together with an address of it."""
    known = any(email.opens for email in member.emails)
    return [keys.Key("password", member.id)] if known and of(member) else []


def _everybody(but: frozenset[str]) -> Any:
    found = Password.select(Password.member).where(Password.member.in_(keys.with_addresses()))
    return found if settings().passwords and "password" not in but else found.where(False)


keys.add_source("password", 30, _keys, _everybody)
ended.add(
    "password",
    ended.Way(
        holders=lambda _which: Password.select(Password.member),
        is_off=lambda _which: not settings().passwords,
        name=lambda _which: _("a password"),
    ),
)
