"""Mails with one link each: what happened, what the link does, and why the mail came."""

from collections.abc import Sequence
from datetime import timedelta

from portal.lib import sms
from portal.lib.mail import post
from portal.lib.text import _
from portal.members import notices
from portal.members.letters import not_me
from portal.members.models import EmailAddress, Member
from portal.shop.models import settings

NOT_ME = "/not-me/"


def send_link(
    member: Member | None,
    to: str,
    *,
    subject: str,
    sentences: Sequence[str],
    path: str = "",
    button: str = "",
    secret: str = "",
    after: Sequence[str] = (),
    why: str = "",
    lives: timedelta | None = None,
) -> None:
    """Mail one address, in the caller's transaction; the link is `path` with the secret behind it.

    Without a path the mail has no link, but takes the same work. A mail to a member that asks for
    something else has "this was not me" below it.
    """
    beside = not_me(member, subject) if member and path not in ("", NOT_ME) else ""
    post(
        to,
        "account_link",
        subject=subject,
        why=why or _about_account(),
        secret=secret,
        link=beside,
        not_me=bool(beside),
        member_id=member.id if member else None,
        lives=lives,
        sentences=sentences,
        path=path,
        button=button,
        after=after,
    )
    if member:
        member.touch()


def tell(member: Member, to: str, *, subject: str, sentences: Sequence[str]) -> None:
    """Mail one address what happened to the account, with a link that says "this was not me"."""
    send_link(
        member,
        to,
        subject=subject,
        sentences=sentences,
        path=NOT_ME,
        button=_("This was not me"),
        secret=not_me(member, subject),
        after=[_("It ends every session and freezes the account, without a sign-in.")],
    )


def tell_everywhere(member: Member, *, subject: str, sentences: Sequence[str]) -> None:
    """Mail every address what happened; who has none reads it on the phone."""
    found = addresses(member)
    for address in found:
        tell(member, address, subject=subject, sentences=sentences)
    if not found:
        text_all(member, subject)


def text_all(member: Member, subject: str) -> None:
    """Text every number that the member proved what happened, with "this was not me"."""
    numbers = notices.numbers(member)
    if numbers and sms.is_on():
        notices.text_change(member, subject, not_me(member, subject), numbers)


def addresses(member: Member) -> list[str]:
    """Every address at which a member can be told something."""
    known = EmailAddress.select().where(EmailAddress.member == member).order_by(EmailAddress.id)
    return [email.address for email in known if email.opens]


def _about_account() -> str:
    return _(
        "You got this mail because it is about your account at %(shop)s. "
        "Mails like this one keep it safe and cannot be switched off.",
        shop=settings().name,
    )
