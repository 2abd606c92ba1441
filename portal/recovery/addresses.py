"""A change of address: proved from the new one, told to the old one, with a way back for a week."""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import standing
from portal.members.models import (
    AddressChange,
    EmailAddress,
    Member,
    OneTimeLink,
    Session,
    fold_email,
)
from portal.members.models.contact import FORMER, GIVEN_UP, IS_LEFT, LEFT
from portal.members.models.search import index_member
from portal.recovery import address_letters
from portal.recovery.address_letters import LIVES
from portal.recovery.masks import masked
from portal.shop.models import settings

WAY_BACK = timedelta(days=7)
BY_CHANGE = "change"  # the source of an address that came so


class LinkEnded(Refused):
    """The link does nothing any more; the sentence says what became of it and what to do."""

    status = 410


def ask(member: Member, old: EmailAddress | None, new: str) -> AddressChange:
    """Mail the new address a link that proves it, and the old one that it was asked for.

    Raises NotNow while the account may not. An address that somebody else has gets a mail of its
    own: the person who asks learns nothing of it.
    """
    standing.ensure(member, "addresses")
    token = new_token()
    with write_tx():
        stop(member)
        change = AddressChange.create(
            member=member,
            old=old.address if old else "",
            new=new,
            new_hash=digest(token),
            back_hash=digest(address_letters.back_token(digest(token))),
            expires_at=now() + LIVES,
        )
        address_letters.mail_new(change, token)
        if old:
            address_letters.mail_old(change)
        member.record("email.change_asked", new=masked(new))
    return change


def waiting(member: Member) -> AddressChange | None:
    """The change that waits for its proof."""
    return (
        AddressChange.select()
        .where(
            (AddressChange.member == member)
            & AddressChange.proved_at.is_null()
            & AddressChange.taken_back_at.is_null()
            & (AddressChange.expires_at > now())
        )
        .order_by(AddressChange.id.desc())
        .first()
    )


def stop(member: Member) -> int:
    """A change that waits is off; returns how many were."""
    with write_tx():
        member.touch()
        return (
            AddressChange.update(taken_back_at=now())
            .where(
                (AddressChange.member == member)
                & AddressChange.proved_at.is_null()
                & AddressChange.taken_back_at.is_null()
            )
            .execute()
        )


def find_new(token: str) -> AddressChange:
    """The change that this link proves; raises LinkEnded with what became of it."""
    change = AddressChange.get_or_none(AddressChange.new_hash == digest(token))
    if change is None:
        raise LinkEnded(
            _("We don’t know this link. Take the newest mail, and copy the whole address from it.")
        )
    if change.taken_back_at:
        raise LinkEnded(_("This change was stopped. The address is as it was before."))
    if change.proved_at:
        raise LinkEnded(_("This link was used already: the address is proved."))
    if change.expires_at <= now():
        raise LinkEnded(
            _("This link was good for an hour. Ask for a new one on the page of your address.")
        )
    return _standing(change)


def prove(token: str) -> AddressChange:
    """Put the new address in the place of the old one, once; raises LinkEnded or NotNow."""
    with write_tx():
        change = find_new(token)
        change.member.touch()  # holds the member's row: of two changes one comes after the other
        proved = AddressChange.update(proved_at=now()).where(
            (AddressChange.id == change.id)
            & AddressChange.proved_at.is_null()
            & AddressChange.taken_back_at.is_null()
        )
        if not proved.execute():
            raise LinkEnded(_("This link was used already: the address is proved."))
        standing.ensure(change.member, "addresses")
        _give_up(change)
        _take(change.member, change.new)
        OneTimeLink.end_all(change.member)
        change.member.record(
            "email.changed", old=masked(change.old), new=masked(change.new), first=not change.old
        )
        address_letters.tell_changed(change)
    return change


def find_back(token: str) -> AddressChange:
    """The change that this link takes back; raises LinkEnded with what became of it."""
    change = AddressChange.get_or_none(AddressChange.back_hash == digest(token))
    if change is None:
        raise LinkEnded(
            _("We don’t know this link. Take the newest mail, and copy the whole address from it.")
        )
    if change.taken_back_at:
        raise LinkEnded(_("This change is stopped or taken back already. Sign in as ever."))
    if change.proved_at and change.proved_at <= now() - WAY_BACK:
        raise LinkEnded(
            _(
                "The way back was open for seven days. Write to %(shop)s; people look at it.",
                shop=settings().name,
            )
        )
    return _standing(change)


def take_back(token: str) -> AddressChange:
    """The old address opens the account again, and nothing that came after it does.

    Every session ends. Raises LinkEnded.
    """
    with write_tx():
        change = find_back(token)
        change.member.touch()
        since = (AddressChange.member == change.member) & (AddressChange.id >= change.id)
        open_ = since & AddressChange.taken_back_at.is_null()
        undone = list(AddressChange.select().where(open_))
        if not AddressChange.update(taken_back_at=now()).where(open_).execute():
            raise LinkEnded(_("This change is stopped or taken back already. Sign in as ever."))
        if change.proved_at:
            _drop([row.new for row in undone if row.proved_at], change)
            _take(change.member, change.old)
        Session.end_all(change.member)
        OneTimeLink.end_all(change.member)
        change.member.record("email.taken_back", old=masked(change.old), new=masked(change.new))
        address_letters.tell_back(change)
    return change


def last_change(member: Member) -> AddressChange | None:
    """The newest change that its old address can still take back."""
    return (
        AddressChange.select()
        .where(
            (AddressChange.member == member)
            & (AddressChange.proved_at > now() - WAY_BACK)
            & AddressChange.taken_back_at.is_null()
            & (AddressChange.old != "")
        )
        .order_by(AddressChange.id.desc())
        .first()
    )


def forget_old() -> None:
    """Addresses that were given up and that no file knows go once there is no way back."""
    moment = now() - WAY_BACK
    recent = AddressChange.select(AddressChange.member).where(AddressChange.proved_at > moment)
    with write_tx():
        EmailAddress.delete().where(IS_LEFT & EmailAddress.member.not_in(recent)).execute()


def _standing(change: AddressChange) -> AddressChange:
    if change.member.merged_into_id or change.member.closed_at:
        raise LinkEnded(
            _("This account is closed, or joined with another. Write to %(shop)s.",
              shop=settings().name)
        )  # fmt: skip
    return change


def _give_up(change: AddressChange) -> None:
    """The old address opens nothing any more; files that know the person by it still may."""
    old = EmailAddress.find(change.old) if change.old else None
    if old is None or old.member_id != change.member_id or old.folded == fold_email(change.new):
        return
    kept = FORMER if old.source in ("import", FORMER) else LEFT
    EmailAddress.update(source=kept, verified_at=None).where(EmailAddress.id == old.id).execute()


def _take(member: Member, address: str) -> None:
    """Make an address a proved one of the member; Refused where somebody else has it."""
    found = EmailAddress.find(address)
    if found and found.member_id != member.id:
        raise Refused(
            _(
                "Another account has this address already. Sign in with it, or write to %(shop)s.",
                shop=settings().name,
            )
        )
    values = {"address": address, "source": BY_CHANGE, "verified_at": now()}
    if found:
        EmailAddress.update(**values).where(EmailAddress.id == found.id).execute()
    else:
        EmailAddress.create(member=member, folded=fold_email(address), **values)
    index_member(member)


def _drop(gone: list[str], change: AddressChange) -> None:
    """Addresses that came since open nothing any more."""
    folded = {fold_email(address) for address in gone} - {fold_email(change.old)}
    EmailAddress.delete().where(
        (EmailAddress.member == change.member)
        & EmailAddress.folded.in_(sorted(folded))
        & (EmailAddress.source.in_((BY_CHANGE, *GIVEN_UP)))
    ).execute()
