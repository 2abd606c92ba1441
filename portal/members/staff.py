"""Who works for the shop: agents and owners come in by a one-time set-up link and their passkey."""

from datetime import timedelta

from portal.lib.db import write_tx
from portal.lib.mail import is_address
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import keys
from portal.members.models import (
    EmailAddress,
    Member,
    OneTimeLink,
    Session,
    fold_email,
)
from portal.members.models.member import ROLES
from portal.members.models.search import index_member

LIVES = timedelta(hours=24)


class NotStaff(Refused):
    """The deed on the staff is not possible; the sentence says why."""


def add_staff(email: str, role: str, actor: Member | None = None) -> str:
    """Make somebody an agent or owner; returns the token of their set-up link.

    Whoever is no member yet becomes one. Run again it gives a new link (the old one dies): the
    way back for somebody who lost all passkeys. A new role ends all sessions, since they may
    have been opened with less than a passkey.
    """
    if role not in ROLES:
        raise NotStaff(_("The role must be agent or owner."))
    if not is_address(email.strip()):
        raise NotStaff(_("“%(email)s” is no e-mail address.", email=email))
    with write_tx():
        member = _person(email)
        if member.role != role:
            if member.role == "owner":
                _hold_owners(member)
            Member.update(role=role).where(Member.id == member.id).execute()
            Session.end_all(member)
            member.record("role.given", actor=actor, role=role)
        return OneTimeLink.make("setup", member, LIVES)


def remove_staff(email: str, actor: Member | None = None) -> Member:
    """Take somebody's role away and end their sessions at once; never the last owner's."""
    found = EmailAddress.find(email)
    member = found.member if found else None
    if member is None or not member.is_staff:
        raise NotStaff(_("Nobody on the staff has the address %(email)s.", email=email))
    with write_tx():
        _hold_owners(member)
        taken = Member.update(role=None).where(
            (Member.id == member.id) & Member.role.is_null(False)
        )
        if taken.execute():
            OneTimeLink.end_all(member)
            Session.end_all(member)
            member.record("role.taken", actor=actor, role=member.role)
    return Member.get_by_id(member.id)


def list_staff() -> list[Member]:
    """Everybody on the staff, owners first."""
    return list(
        Member.select()
        .where(Member.role.is_null(False))
        .order_by(Member.role.desc(), Member.name, Member.id)
    )


def make_owner_link() -> str | None:
    """The set-up token for the first owner, or None once one can sign in."""
    return None if _owners_in() else OneTimeLink.make("setup", None, LIVES)


def become_owner(name: str, email: str, handle: bytes) -> Member:
    """The first owner, known by a set-up link of an empty shop; runs inside its transaction."""
    _hold()
    if _owners_in():
        raise NotStaff(_("This shop has an owner already."))
    member = _person(email)
    Session.end_all(member)
    Member.update(role="owner", name=name, user_handle=handle).where(
        Member.id == member.id
    ).execute()
    member = Member.get_by_id(member.id)
    index_member(member)
    member.record("role.given", role="owner")
    return member


def _person(email: str) -> Member:
    found = EmailAddress.find(email)
    if found:
        return found.member
    member = Member.make(source="staff")
    EmailAddress.create(
        member=member, address=email.strip(), folded=fold_email(email), source="staff"
    )
    index_member(member)
    return member


def _owners_in() -> list[Member]:
    """Owners who can sign in: with a passkey, or with two-step verification."""
    owners = Member.select().where((Member.role == "owner") & Member.closed_at.is_null())
    return [owner for owner in owners if keys.can_enter(owner)]


def _hold_owners(leaving: Member) -> None:
    """Refuse when nobody else could own the shop once `leaving` does not."""
    _hold()
    if leaving.role != "owner":
        return
    if all(owner.id == leaving.id for owner in _owners_in()):
        raise NotStaff(_("The last owner stays: make somebody else an owner first."))


def _hold() -> None:
    """Changes of owners come one after the other: each first writes the owners' rows."""
    Member.update(version=Member.version + 1).where(Member.role == "owner").execute()
