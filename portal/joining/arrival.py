"""Who comes in once an address is proved: somebody new, an imported person, or a member."""

from peewee import IntegrityError

from portal.joining import by_phone
from portal.joining.known import HELD, IMPORTED, MAY_COME, MEMBER, NEW, STAFF, Arrived, Known
from portal.joining.models import Invitation
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, ProofCode, fold_email
from portal.members.models.search import index_member
from portal.members.proofs import DeadCode, take, why_dead
from portal.shop.models import settings


def who_has(address: str, invited: bool = False) -> Known:
    """What an address is to the shop now; the same statements whatever it is.

    `held`: it opens nothing, because the shop takes nobody new or wants another proof (neither
    of which counts for who is `invited`), or the address was given up or never proved.
    """
    email = (
        EmailAddress.select(EmailAddress, Member)
        .join(Member)
        .where(EmailAddress.folded == fold_email(address))
        .first()
    )
    shop = settings()
    if email is None:
        return Known(NEW if shop.sign_up or invited else HELD)
    if email.member.is_staff:
        return Known(STAFF, email)
    if not email.opens or email.member.closed_at:
        return Known(HELD, email)
    if email.member.joined_at or email.verified_at:  # let in, if the door was reached or not
        return Known(MEMBER, email)
    return Known(IMPORTED if shop.claim_by_email or invited else HELD, email)


def come_in(row: ProofCode) -> Arrived:
    """Use a proof up and say who it lets in, once; raises DeadCode or Refused."""
    try:
        return _come_in(row)
    except IntegrityError:  # another browser proved the same new address at this very moment
        return _come_in(row)


def welcome_in(address: str, name: str, invited: bool = False) -> Arrived:
    """Somebody proved an address: the member it belongs to, made where nobody has it.

    Only inside the transaction that used the proof up. Raises Refused.
    """
    known = who_has(address, invited)
    if known.kind not in MAY_COME:
        raise Refused(_("This address can’t come in this way any more. Ask for a new mail."))
    if known.email is None:
        member = _make(address, name)
    else:
        member = known.email.member
        known.email.verify()
    first = known.kind != MEMBER
    if first:
        close_invitation(address)
        member.record("joining.joined" if known.kind == NEW else "joining.found", subject=address)
    if known.kind == IMPORTED and not member.name:
        Member.update(name=name).where(Member.id == member.id).execute()
        index_member(Member.get_by_id(member.id))
    return Arrived(Member.get_by_id(member.id), first)


def _come_in(row: ProofCode) -> Arrived:
    with write_tx():
        if not take(row):
            raise DeadCode(why_dead(ProofCode.get_or_none(ProofCode.id == row.id)))
        if row.channel == "sms":
            return by_phone.come_in(row)
        invited = bool(row.data.get("invited"))
        return welcome_in(row.data["address"], row.data["name"], invited)


def _make(address: str, name: str) -> Member:
    member = Member.make(name=name, source="sign-up")
    EmailAddress.create(
        member=member,
        address=address,
        folded=fold_email(address),
        source="sign-up",
        verified_at=now(),
    )
    index_member(member)
    return member


def close_invitation(address: str) -> None:
    """Who joined needs the link of an invitation no more."""
    Invitation.update(used_at=now()).where(
        (Invitation.address == fold_email(address)) & Invitation.used_at.is_null()
    ).execute()
