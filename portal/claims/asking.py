"""Which address or number a member shows to be theirs before they claim: proved, or by a code.

The browser keeps the proof for half an hour, so that a mistyped fact costs no second code.
"""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import is_address, post
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


class NoContact(Refused):
    """What was typed can't be proved; the sentence says why."""

    status = 422


def goes_to(member: Member, contact: str, browser: str | None) -> str:
    """The folded address that a code would go to, "" where nothing is left to prove.

    Raises NoContact.
    """
    channel, target, address = _read(member, contact)
    kept = proved(member, browser)
    there = kept and (kept.channel, kept.target) == (channel, target)
    return "" if there or not address else target


def begin(
    member: Member, contact: str, facts: dict[str, str], browser: str | None
) -> tuple[str, bool]:
    """The browser's secret, and whether the proof is there; else a code is on its way.

    The work is the same whether the address is known to the shop or not. Raises NoContact.
    """
    channel, target, address = _read(member, contact)
    kept = proved(member, browser)
    if browser and kept and (kept.channel, kept.target) == (channel, target):
        _say(kept, facts)
        return browser, True
    if not address:
        return _already(member, channel, target, facts), True
    return _send(member, address, facts), False


def again(member: Member, browser: str | None, typed: str) -> ProofCode:
    """The code was typed: the proof, once. Raises proofs.WrongCode or DeadCode."""
    row = proofs.check(browser, PURPOSE, typed)
    if row.member_id != member.id:
        raise proofs.DeadCode(proofs.why_dead(None))
    with write_tx():
        if not proofs.take(row):
            raise proofs.DeadCode(proofs.why_dead(proofs.waiting(browser, PURPOSE)))
        email = EmailAddress.find(row.target)
        if email and email.member_id == member.id:
            email.verify()
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


def _read(member: Member, contact: str) -> tuple[str, str, str]:
    """Channel, folded target, and the address to write to ("" for what is proved already)."""
    contact = contact.strip()
    if not contact:
        return _own(member)
    if is_address(contact):
        return _mail(member, contact)
    folded = fold_phone(contact)
    if not folded:
        raise NoContact(_("Write the e-mail address or the phone number that you ordered with."))
    for phone in _numbers(member):
        if folded in (phone.folded, phone.folded.removeprefix("00")):
            return "sms", phone.folded, ""
    raise NoContact(
        _("This number is not proved in your account. Leave it empty and give both the postcode "
          "and the total, or use the e-mail address of the order.")
    )  # fmt: skip


def _own(member: Member) -> tuple[str, str, str]:
    email = EmailAddress.of(member)
    if email and email.verified_at:
        return "mail", email.folded, ""
    phone = next(iter(_numbers(member)), None)
    if phone:
        return "sms", phone.folded, ""
    if email:
        return "mail", email.folded, email.address
    raise NoContact(_("Write the e-mail address that you ordered with."))


def _mail(member: Member, contact: str) -> tuple[str, str, str]:
    email = EmailAddress.find(contact)
    mine = email and email.member_id == member.id and email.verified_at and email.opens
    return "mail", fold_email(contact), "" if mine else contact


def _numbers(member: Member) -> list[PhoneNumber]:
    query = member.phones.where(PhoneNumber.verified_at.is_null(False))
    return list(query.order_by(PhoneNumber.id))


def _say(row: ProofCode, facts: dict[str, str]) -> None:
    with write_tx():
        ProofCode.update(data=facts).where(ProofCode.id == row.id).execute()


def _already(member: Member, channel: str, target: str, facts: dict[str, str]) -> str:
    browser, moment = new_token(), now()
    with write_tx():
        ProofCode.create(
            browser_hash=digest(browser), purpose=PURPOSE, channel=channel, target=target,
            member=member, code_hash="", data=facts, created_at=moment, used_at=moment,
            expires_at=moment,
        )  # fmt: skip
    return browser


def _send(member: Member, address: str, facts: dict[str, str]) -> str:
    shop = settings().name
    with write_tx():
        begun = proofs.begin(PURPOSE, "mail", fold_email(address), member=member, data=facts)
        post(
            address,
            "claim_code",
            subject=_("Your code to claim an order at %(shop)s", shop=shop),
            why=_(
                "Somebody said at %(shop)s that they ordered with this address, and wants those "
                "orders in their account.",
                shop=shop,
            ),
            secret=begun.code,
            member_id=member.id,
            lives=proofs.LIVES,
        )
    return begun.browser
