"""Second factors that are sent: a code by mail beside a password, a code by text to a phone."""

from portal.factors import passwords
from portal.lib import sms
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import SECRET_PLACE
from portal.lib.phones import spaced
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import phones, proofs
from portal.members.letters import not_me, tell_change, write_to
from portal.members.models import (
    EmailAddress,
    Member,
    PendingSignIn,
    PhoneNumber,
    ProofCode,
    SentFactor,
    Session,
    fold_phone,
)
from portal.members.models.search import index_member
from portal.shop.models import settings

PURPOSE = proofs.SECOND
PHONE = "phone"  # the purpose of a code that proves a number
proofs.tell_as(PHONE, "phone.code_missed")


class NotSendable(Refused):
    """The code cannot go there; the sentence says why."""


def of(member: Member) -> dict[str, SentFactor]:
    """A member's sent factors by their channel."""
    return {row.channel: row for row in SentFactor.select().where(SentFactor.member == member.id)}


def add_mail(member: Member, *, session_id: int) -> None:
    """Let a mailed code be the second step after a password. Raises NotSendable."""
    email = EmailAddress.of(member)
    if member.is_staff:
        raise NotSendable(_("Who works for the shop needs an app as the second step."))
    if passwords.of(member) is None:
        raise NotSendable(_("Set a password first: a mailed code is a second step beside it."))
    if email is None or email.verified_at is None:
        raise NotSendable(
            _("Sign in with a mailed code once, so that we know your address reaches you.")
        )
    _add(member, "mail", "", session_id)


def ask_number(member: Member, number: str) -> str:
    """Text a code to a number that is to become a factor; returns the browser's secret."""
    if member.is_staff:
        raise NotSendable(_("Who works for the shop needs an app as the second step."))
    _check_phone(member)
    with write_tx():
        begun = proofs.begin(PHONE, "sms", number, member=member)
        text_code(number, begun.code, member)
    return begun.browser


def add_sms(member: Member, row: ProofCode, *, session_id: int) -> None:
    """Let codes to a proved number be the second step. Raises DeadCode for a used proof."""
    number = row.target
    mine = (PhoneNumber.member == member.id) & (PhoneNumber.folded == fold_phone(number))
    with write_tx():
        member.touch()  # holds the row: a way in by text message opened at this moment is seen
        _check_phone(member)
        if row.member_id != member.id or not proofs.take(row):
            raise proofs.DeadCode(_("This code was used already. Look whether the number counts."))
        if not PhoneNumber.update(verified_at=now()).where(mine).execute():
            PhoneNumber.create(
                member=member.id, number=number, folded=fold_phone(number), verified_at=now()
            )
            index_member(member)
        _add(member, "sms", number, session_id)


def _check_phone(member: Member) -> None:
    """One phone can't be both steps."""
    if phones.door_of(member):
        raise NotSendable(
            _("A text message opens your account already, so a second one proves nothing more. Use "
              "an authenticator app.")
        )  # fmt: skip


def remove(member: Member, channel: str) -> bool:
    """A sent code counts no more; False when it did not count."""
    with write_tx():
        mine = (SentFactor.member == member.id) & (SentFactor.channel == channel)
        row = SentFactor.get_or_none(mine)
        if row is None or not SentFactor.delete().where(mine).execute():
            return False
        member.record("factor.removed", factor=channel, label=spaced(row.target))
        tell_change(
            member,
            subject=_(
                "A second step was removed from your account at %(shop)s", shop=settings().name
            ),
            sentence=_("Codes by mail count no more as a second step.")
            if channel == "mail"
            else _(
                "Codes to %(number)s count no more as a second step.", number=spaced(row.target)
            ),
            advice=_("If it was not you, look at your security page at once."),
        )
    return True


def send(pending: PendingSignIn, channel: str) -> str:
    """Send a code for a sign-in that waits; returns the browser's secret. Raises NotSendable."""
    member = pending.member
    row = of(member)[channel]
    with write_tx():
        data = {"pending": pending.id}
        begun = proofs.begin(PURPOSE, channel, row.target, member=member, data=data)
        if channel == "mail":
            mail_code(member, begun.code)
        else:
            text_code(row.target, begun.code, member)
    return begun.browser


def waits(pending: PendingSignIn, browser: str | None, channel: str) -> bool:
    """Whether a code was sent for this sign-in and may be typed in this browser."""
    row = proofs.waiting(browser, PURPOSE)
    return bool(row and row.channel == channel and row.data.get("pending") == pending.id)


def take(pending: PendingSignIn, browser: str | None, channel: str, typed: str) -> None:
    """Take the code that was sent for this very sign-in, once. Raises Refused."""
    row = proofs.check(browser, PURPOSE, typed)
    if row.channel != channel or row.data.get("pending") != pending.id or not proofs.take(row):
        raise proofs.DeadCode(_("This code belongs to another sign-in. Send a new one."))


def mail_code(member: Member, code: str) -> None:
    """Mail a member the code of a second step."""
    shop = settings().name
    subject = _("Your second code for %(shop)s", shop=shop)
    write_to(
        member,
        "second_code",
        subject=subject,
        why=_(
            "Somebody took the first step of signing in at %(shop)s, and your account has "
            "two-step verification.",
            shop=shop,
        ),
        secret=code,
        link=not_me(member, subject),
        lives=proofs.LIVES,
    )


def text_code(number: str, code: str, member: Member) -> None:
    """Send a code to a number as a text message."""
    if not sms.is_on():
        raise NotSendable(
            _("%(shop)s cannot send text messages at the moment.", shop=settings().name)
        )
    sms.post_text(
        number,
        _(
            "%(code)s is your code for %(shop)s. It works once, for ten minutes. Nobody will ask "
            "you for it.",
            code=SECRET_PLACE,
            shop=settings().name,
        ),
        kind="code",
        secret=code,
        member_id=member.id,
        lives=proofs.LIVES,
    )


def _add(member: Member, channel: str, target: str, session_id: int) -> None:
    with write_tx():
        member.touch()
        SentFactor.delete().where(
            (SentFactor.member == member.id) & (SentFactor.channel == channel)
        ).execute()
        SentFactor.create(member=member.id, channel=channel, target=target)
        Session.end_all(member, but=session_id)
        member.record("factor.added", factor=channel, label=spaced(target))
        tell_change(
            member,
            subject=_("A second step was added to your account at %(shop)s", shop=settings().name),
            sentence=_("Codes by mail were added, beside your password.")
            if channel == "mail"
            else _("Codes by text message were added, to %(number)s.", number=spaced(target)),
            advice=_("If it was not you, look at your security page at once."),
        )
