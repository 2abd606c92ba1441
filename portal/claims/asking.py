"""Which address or number a member shows to be theirs before they claim: proved, or by a code.

The browser keeps the proof for half an hour, so that a mistyped fact costs no second code.
"""

from datetime import timedelta
from typing import NamedTuple

from portal.lib import sms
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import SECRET_PLACE, is_address, post
from portal.lib.phones import read_phone
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import proofs
from portal.members.models import (
    EmailAddress,
    Member,
    PhoneNumber,
    ProofCode,
    fold_email,
    fold_phone,
)
from portal.shop.models import settings

PURPOSE = "claim"
SERVES = timedelta(minutes=30)
proofs.tell_as(PURPOSE, "orders.claim_code_missed")


class NoContact(Refused):
    """What was typed can't be proved; the sentence says why."""

    status = 422


class Contact(NamedTuple):
    """A folded address or number; `to` is where a code goes, "" for what is proved already."""

    channel: str  # mail, sms
    target: str
    to: str


def code_for(member: Member, contact: str, browser: str | None) -> Contact | None:
    """Where a code would go, None where nothing is left to prove. Raises NoContact."""
    read = _read(member, contact)
    return None if not read.to or _kept(member, browser, read) else read


def begin(
    member: Member, contact: str, facts: dict[str, str], browser: str | None
) -> tuple[str, bool]:
    """The browser's secret, and whether the proof is there; else a code is on its way.

    The work is the same whether the address is known to the shop or not. Raises NoContact.
    """
    read = _read(member, contact)
    kept = _kept(member, browser, read)
    if browser and kept:
        _say(kept, facts)
        return browser, True
    if not read.to:
        return _already(member, read, facts), True
    return _send(member, read, facts), False


def use(member: Member, browser: str | None, typed: str) -> ProofCode:
    """The code was typed: the proof, once. Raises proofs.WrongCode or DeadCode."""
    row = proofs.check(browser, PURPOSE, typed)
    if row.member_id != member.id:
        raise proofs.DeadCode(proofs.why_dead(None))
    with write_tx():
        if not proofs.take(row):
            raise proofs.DeadCode(proofs.why_dead(proofs.waiting(browser, PURPOSE)))
        _note(member, row)
    return row


def waiting(member: Member, browser: str | None) -> ProofCode | None:
    """What this browser asked for, proved or not."""
    row = proofs.waiting(browser, PURPOSE)
    return row if row and row.member_id == member.id else None


def proved(member: Member, browser: str | None) -> ProofCode | None:
    """The proof that this browser has, while it serves."""
    row = waiting(member, browser)
    alive = row and row.used_at and now() - SERVES < row.used_at <= now() + timedelta(minutes=1)
    return row if alive else None


def _note(member: Member, row: ProofCode) -> None:
    """What is the member's own anyway is proved from now on."""
    if row.channel == "mail":
        email = EmailAddress.find(row.target)
        if email and email.member_id == member.id:
            email.verify()
        return
    PhoneNumber.update(verified_at=now()).where(
        (PhoneNumber.member == member)
        & (PhoneNumber.folded == row.target)
        & PhoneNumber.verified_at.is_null()
    ).execute()


def _kept(member: Member, browser: str | None, read: Contact) -> ProofCode | None:
    kept = proved(member, browser)
    return kept if kept and (kept.channel, kept.target) == read[:2] else None


def _read(member: Member, contact: str) -> Contact:
    contact = contact.strip()
    if not contact:
        return _own(member)
    if is_address(contact):
        return _mail(member, contact)
    folded = fold_phone(contact)
    if not folded:
        raise NoContact(_("Write the e-mail address or the phone number that you ordered with."))
    for phone in _numbers(member):
        if folded == phone.folded:
            return Contact("sms", folded, "")
    return _phone(contact)


def _phone(contact: str) -> Contact:
    """A number to which a code can go, where the shop sends text messages."""
    if not sms.is_on():
        raise NoContact(
            _("This number is not proved in your account. Leave it empty and give both the "
              "postcode and the total, or use the e-mail address of the order.")
        )  # fmt: skip
    number = read_phone(contact)
    if number is None:
        raise NoContact(
            _("Write the number with the code of its country, such as +32 470 12 34 56.")
        )
    return Contact("sms", fold_phone(number), number)


def _own(member: Member) -> Contact:
    email = EmailAddress.of(member)
    if email and email.verified_at:
        return Contact("mail", email.folded, "")
    phone = next(iter(_numbers(member)), None)
    if phone:
        return Contact("sms", phone.folded, "")
    if email:
        return Contact("mail", email.folded, email.address)
    raise NoContact(_("Write the e-mail address that you ordered with."))


def _mail(member: Member, contact: str) -> Contact:
    email = EmailAddress.find(contact)
    mine = email and email.member_id == member.id and email.verified_at and email.opens
    return Contact("mail", fold_email(contact), "" if mine else contact)


def _numbers(member: Member) -> list[PhoneNumber]:
    query = member.phones.where(PhoneNumber.verified_at.is_null(False))
    return list(query.order_by(PhoneNumber.id))


def _say(row: ProofCode, facts: dict[str, str]) -> None:
    with write_tx():
        ProofCode.update(data=facts).where(ProofCode.id == row.id).execute()


def _already(member: Member, read: Contact, facts: dict[str, str]) -> str:
    browser, moment = new_token(), now()
    with write_tx():
        ProofCode.create(
            browser_hash=digest(browser), purpose=PURPOSE, channel=read.channel, target=read.target,
            member=member, code_hash="", data=facts, created_at=moment, used_at=moment,
            expires_at=moment,
        )  # fmt: skip
    return browser


def _send(member: Member, read: Contact, facts: dict[str, str]) -> str:
    with write_tx():
        begun = proofs.begin(PURPOSE, read.channel, read.target, member=member, data=facts)
        if read.channel == "sms":
            _text(member, read.to, begun.code)
        else:
            _write(member, read.to, begun.code)
    return begun.browser


def _text(member: Member, number: str, code: str) -> None:
    sms.post_text(
        number,
        _(
            "%(code)s is your code to claim an order at %(shop)s. It works once, for ten minutes.",
            code=SECRET_PLACE,
            shop=settings().name,
        ),
        kind="code",
        secret=code,
        member_id=member.id,
        lives=proofs.LIVES,
    )


def _write(member: Member, address: str, code: str) -> None:
    shop = settings().name
    post(
        address,
        "claim_code",
        subject=_("Your code to claim an order at %(shop)s", shop=shop),
        why=_(
            "Somebody said at %(shop)s that they ordered with this address, and wants those "
            "orders in their account.",
            shop=shop,
        ),
        secret=code,
        member_id=member.id,
        lives=proofs.LIVES,
    )
