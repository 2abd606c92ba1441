"""A phone number as a way in: a texted code opens the one account that the number is a door of.

Families share numbers and files bring them, so a number opens an account only once its member
proved it and said so. Known and unknown numbers get the same page, the same work and one text.
"""

from typing import Any

from peewee import IntegrityError

from portal.lib import sms
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import SECRET_PLACE
from portal.lib.phones import masked, read_phone, spaced
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import ended, keys, notices, proofs, standing
from portal.members.kinds import register
from portal.members.letters import NOT_ME, tell_change
from portal.members.models import (
    Member,
    OneTimeLink,
    PhoneNumber,
    ProofCode,
    SentFactor,
    fold_phone,
)
from portal.members.models.search import index_member
from portal.members.texting import check_again, write_text
from portal.shop.models import settings

PHONE = "phone"  # the kind of key that a number is
SIGN_IN, DOOR = "sign-in", "door"  # purposes of a texted code


def offered() -> bool:
    """Whether the shop lets people in by text message: its owner said so, and messages go out."""
    return settings().phone_sign_in and sms.is_on()


def typed_number(typed: str) -> str | None:
    """The number (E.164) that somebody typed where an address is fine too; None for all else."""
    return None if "@" in typed or not offered() else read_phone(typed)


def how_to_write(address: bool = False) -> str:
    """What to do about something typed that is no number; `address`: an address is fine, too."""
    number = "+32 470 12 34 56"
    if address:
        return _(
            "Write an e-mail address, such as you@example.com, or a phone number with its country "
            "code, such as %(number)s.",
            number=number,
        )
    return _("Write a number with its country code, such as %(number)s.", number=number)


def door_of(member: Member) -> PhoneNumber | None:
    """The number that opens a member's account."""
    return PhoneNumber.get_or_none(_door(member))


def behind(folded: str) -> Member | None:
    """Whose account a number is the door of, whether they may come in by it or not."""
    row = (
        PhoneNumber.select(PhoneNumber, Member)
        .join(Member)
        .where(PhoneNumber.door == folded)
        .first()
    )
    return row.member if row else None


def _door(member: Member) -> Any:
    return (PhoneNumber.member == member.id) & PhoneNumber.door.is_null(False)


def may_enter(member: Member | None) -> bool:
    """Whether a texted code is enough for them; who works for the shop needs more."""
    return bool(
        member and not member.is_staff and not member.closed_at and not member.merged_into_id
    )


def ask_door(member: Member, number: str, sends: int = 1) -> str:
    """Text a code to a number that is to open the account; returns the browser's secret."""
    standing.ensure(member, "addresses")
    _check_door(member)
    with write_tx():
        data = {"number": number, "sends": sends}
        begun = proofs.begin(DOOR, "sms", fold_phone(number), member=member, data=data)
        words = _(
            "%(code)s lets this number open your account at %(shop)s. It works once, for ten "
            "minutes. Nobody will ask you for it.",
            code=SECRET_PLACE,
            shop=settings().name,
        )
        proofs.attach(begun.row, write_text(number, words, begun.code, member))
    return begun.browser


def ask_door_again(member: Member, browser: str | None) -> str:
    """Another text to the number that is to be proved; raises Refused."""
    row = proofs.waiting(browser, DOOR)
    check_again(row)
    assert row is not None
    with write_tx():
        if row.member_id != member.id or not proofs.retire(row):
            raise Refused(_("Another message is on its way already. Look at the newest one."))
        return ask_door(member, row.data["number"], row.data["sends"] + 1)


def open_door(member: Member, row: ProofCode) -> None:
    """Let the proved number open the account; an earlier one opens it no more.

    Raises DeadCode, or Refused where the number opens somebody else's account.
    """
    standing.ensure(member, "addresses")
    try:
        with write_tx():
            member.touch()  # holds the row: a second step added at this moment is seen
            _check_door(member)
            if row.member_id != member.id or not proofs.take(row):
                raise proofs.DeadCode(
                    _("This code was used already. Look whether the number opens your account.")
                )
            _open(member, row)
    except IntegrityError:
        raise Refused(
            _("This number opens another account. Sign in there, or use another number.")
        ) from None


def remove_door(member: Member) -> bool:
    """The number opens the account no more; False when none did. Raises Refused."""
    standing.ensure(member, "addresses")
    with write_tx():
        member.touch()
        door = door_of(member)
        if door is None:
            return False
        keys.ensure_another(member, PHONE, door.id)
        told = notices.numbers(member)[:1]
        close_doors(member)
        member.record("phone.closed", subject=masked(door.folded))
        _tell(
            member,
            told,
            _("A phone number opens your account at %(shop)s no more", shop=settings().name),
            _("Codes to %(number)s open it no more.", number=spaced(f"+{door.folded}")),
        )
    return True


def close_doors(member: Member) -> None:
    """No number opens the account any more: who has it now is not known. In the caller's deed."""
    PhoneNumber.update(door=None).where(_door(member)).execute()
    moment = now()
    ProofCode.update(expires_at=moment).where(
        (ProofCode.member == member.id)
        & ProofCode.purpose.in_((SIGN_IN, DOOR))
        & (ProofCode.expires_at > moment)
    ).execute()


def _open(member: Member, row: ProofCode) -> None:
    number, earlier = row.target, door_of(member)
    told = [f"+{earlier.folded}"] if earlier and earlier.folded != number else []
    PhoneNumber.update(door=None).where(_door(member)).execute()
    put_door(member, row.data["number"])
    member.record("phone.opens", subject=masked(number))
    _tell(
        member,
        told,
        _("A phone number opens your account at %(shop)s", shop=settings().name),
        _("Codes to %(number)s open it from now on.", number=spaced(row.data["number"])),
    )


def put_door(member: Member, number: str) -> None:
    """Make a proved number the door of an account; raises IntegrityError where it is another's."""
    folded = fold_phone(number)
    mine = (PhoneNumber.member == member.id) & (PhoneNumber.folded == folded)
    known = PhoneNumber.select().where(mine).order_by(PhoneNumber.id).first()
    values: dict[str, Any] = {"verified_at": now(), "door": folded}
    if known:
        PhoneNumber.update(**values).where(PhoneNumber.id == known.id).execute()
        return
    PhoneNumber.create(member=member.id, number=number, folded=folded, **values)
    index_member(member)


def _check_door(member: Member) -> None:
    if member.is_staff:
        raise Refused(_("Who works for the shop comes in with a passkey."))
    texts = (SentFactor.member == member.id) & (SentFactor.channel == "sms")
    if SentFactor.select().where(texts).exists():
        raise Refused(
            _("Text messages are your two-step verification already, and one phone can’t be both "
              "steps. Use an app for the second one first.")
        )  # fmt: skip


def _tell(member: Member, also: list[str], subject: str, sentence: str) -> None:
    """Mail it, or text it where no mail goes; the numbers in `also` are told in any case."""
    advice = _("If it was not you, look at your security page at once.")
    mailed = tell_change(member, subject=subject, sentence=sentence, advice=advice)
    if also and mailed:
        token = OneTimeLink.leave("not-me", member, NOT_ME, about=subject)
        notices.text_change(member, subject, token, also)


def _keys(member: Member) -> list[keys.Key]:
    door = door_of(member) if offered() and not member.is_staff else None
    return [keys.Key(PHONE, door.id, spaced(f"+{door.folded}"))] if door else []


def _everybody(but: frozenset[str]) -> Any:
    found = PhoneNumber.select(PhoneNumber.member).where(PhoneNumber.door.is_null(False))
    return found if offered() and PHONE not in but else found.where(False)


keys.add_source(PHONE, 25, _keys, _everybody)
ended.add(
    PHONE,
    ended.Way(
        holders=lambda _which: PhoneNumber.select(PhoneNumber.member).where(
            PhoneNumber.door.is_null(False)
        ),
        is_off=lambda _which: not settings().phone_sign_in,
        name=lambda _which: _("a code by text message"),
    ),
)
register(
    "sign_in.text_asked",
    group="sign-ins",
    staff="Asked for a sign-in code by text message.",
    member="A sign-in code was asked for your phone number.",
    own=True,
)
proofs.tell_as(DOOR, "phone.code_missed")
register(
    "phone.code_missed",
    group="account",
    staff="Typed a code to prove a phone number that was wrong or too old.",
    member="A code to prove a phone number was typed that was wrong or too old. Nothing changed.",
    own=True,
)
register(
    "phone.opens",
    group="account",
    staff="Let the phone number %(subject)s open the account.",
    member="You let your phone number %(subject)s open your account.",
    own=True,
)
register(
    "phone.closed",
    group="account",
    staff="The phone number %(subject)s opens the account no more.",
    member="You closed the way in by your phone number %(subject)s.",
    own=True,
)
