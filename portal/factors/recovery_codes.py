"""Ten codes on paper that stand in for the second step, or take somebody back in; each once."""

from portal.factors.hashing import slow_digest
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.text import _, ngettext
from portal.lib.tokens import ALPHABET, keyed, new_code, plain_code
from portal.members.letters import tell_change
from portal.members.models import Member, RecoveryCode
from portal.shop.models import settings

COUNT = 10
LENGTH = 12  # characters of five bits each


def left(member: Member) -> int:
    """How many codes of a member were not used."""
    mine = (RecoveryCode.member == member.id) & RecoveryCode.used_at.is_null()
    return RecoveryCode.select().where(mine).count()


def make(member: Member) -> list[str]:
    """Ten new codes, to be shown this once; the earlier ones die."""
    codes = [new_code(LENGTH) for _number in range(COUNT)]
    hashes = [_hash(member, code) for code in codes]
    with write_tx():
        member.touch()  # two makings come one after the other, and the later one's ten count
        RecoveryCode.delete().where(RecoveryCode.member == member.id).execute()
        for code_hash in hashes:
            RecoveryCode.create(member=member.id, code_hash=code_hash)
        member.record("recovery_codes.made")
        shop = settings().name
        tell_change(
            member,
            subject=_("New recovery codes for your account at %(shop)s", shop=shop),
            sentence=_("Ten new recovery codes were made. Earlier ones work no more."),
            advice=_("If it was not you, look at your security page at once."),
        )
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


def use(member: Member, typed: str) -> bool:
    """Use one code up: True for exactly one caller, who is mailed about it."""
    code = plain_code(typed)
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return False
    code_hash = _hash(member, code)
    with write_tx():
        used = RecoveryCode.update(used_at=now()).where(
            (RecoveryCode.member == member.id)
            & (RecoveryCode.code_hash == code_hash)
            & RecoveryCode.used_at.is_null()
        )
        if not used.execute():
            return False
        rest = left(member)
        member.record("recovery_codes.used", left=rest)
        _tell_used(member, rest)
    return True


def _tell_used(member: Member, rest: int) -> None:
    shop = settings().name
    tell_change(
        member,
        subject=_("A recovery code of your account at %(shop)s was used", shop=shop),
        sentence=ngettext(
            "Somebody used a recovery code. One is left.",
            "Somebody used a recovery code. %(count)s are left.",
            rest,
        )
        if rest
        else _("Somebody used a recovery code. It was the last one."),
        advice=_("If it was not you, look at your security page at once."),
    )


def _hash(member: Member, code: str) -> str:
    """The same for the same code of a member, so that it can be looked up."""
    salt = bytes.fromhex(keyed("recovery-code", str(member.id)))[:16]
    return slow_digest(code, salt)
