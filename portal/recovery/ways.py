"""What a recovery leaves of the ways into an account: the proved address, and nothing of before."""

from portal.lib.clock import now
from portal.members import phones
from portal.members.models import (
    AddressChange,
    EmailAddress,
    Member,
    OneTimeLink,
    Recovery,
    Session,
    fold_email,
)
from portal.members.models.contact import FORMER
from portal.members.models.search import index_member
from portal.recovery import addresses

#: What opened the account before and goes: whoever lost it all can't say who has it now.
WAYS_IN = {
    "passkey", "password", "authenticator", "recovery_code", "security_question",
    "linked_account", "sent_factor", "sign_in_code", "pending_sign_in",
}  # fmt: skip


def still_reaches(recovery: Recovery) -> bool:
    """Whether the address of a recovery may still finish it.

    The member asked at an address that opened the account; where they gave it up or took it back
    since, whoever reads it is somebody else. One that staff look after may go anywhere.
    """
    if recovery.started_by_id:
        return True
    known = EmailAddress.find(recovery.address)
    return bool(known and known.opens and known.member_id == recovery.member_id)


def forget(member: Member) -> None:
    """Every way in of before goes, with each change of address that waits for its proof."""
    for key, model in Member._meta.backrefs.items():
        if model._meta.table_name in WAYS_IN and key.name == "member":
            model.delete().where(key == member.id).execute()
    phones.close_doors(member)
    addresses.stop(member)
    Session.end_all(member)
    OneTimeLink.end_all(member)


def keep_address(member: Member, address: str) -> None:
    """The address that was proved opens the account, where nobody else has it.

    One that opened nothing before came by an agent, since no other reaches the person any more:
    those open nothing from now on, whoever reads them. Files still know the person by them.
    """
    known = EmailAddress.find(address)
    if known and known.member_id != member.id:
        return
    if known is None or not known.opens:
        _shut_others(member)
    values = {"address": address, "source": "recovery", "verified_at": now()}
    if known is None:
        EmailAddress.create(member=member, folded=fold_email(address), **values)
        index_member(member)
    elif not known.opens:
        EmailAddress.update(**values).where(EmailAddress.id == known.id).execute()


def _shut_others(member: Member) -> None:
    """No address of before opens the account, nor takes a change back."""
    EmailAddress.update(source=FORMER, verified_at=None).where(
        EmailAddress.member == member
    ).execute()
    AddressChange.update(taken_back_at=now()).where(
        (AddressChange.member == member) & AddressChange.taken_back_at.is_null()
    ).execute()
