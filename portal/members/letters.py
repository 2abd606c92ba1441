"""Mails to members about their account; each says why it was sent and stands in the timeline."""

from datetime import timedelta
from typing import Any

from portal.lib.db import write_tx
from portal.lib.mail import post
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, OneTimeLink
from portal.members.notices import text_change
from portal.shop.models import settings

NOT_ME = timedelta(days=30)  # how long the link of a mail says "this was not me"


def write_to(
    member: Member,
    template: str,
    *,
    subject: str,
    why: str,
    secret: str | None = None,
    link: str = "",
    lives: timedelta | None = None,
    **context: Any,
) -> bool:
    """Mail a member at their best address; False when none is known."""
    email = EmailAddress.of(member)
    if email is None:
        return False
    with write_tx():
        post(
            email.address,
            template,
            subject=subject,
            why=why,
            secret=secret,
            link=link,
            lives=lives,
            member_id=member.id,
            member=member,
            **context,
        )
        member.touch()
    return True


def not_me(member: Member | None, about: str) -> str:
    """The token of a link that says "this was not me", for the mail with this subject.

    Where a known and an unknown address must take the same work, it is made for nobody, too.
    """
    return OneTimeLink.leave("not-me", member, NOT_ME, about=about)


def tell_change(member: Member, *, subject: str, sentence: str, advice: str) -> bool:
    """Tell a member what changed about how they sign in; such mails cannot be switched off.

    Where no address is known it goes as a text message to a number that they proved.
    """
    why = _(
        "You got this mail because it is about the way into your account at %(shop)s. "
        "Mails like this one keep it safe and cannot be switched off.",
        shop=settings().name,
    )
    with write_tx():
        token = not_me(member, subject)
        mailed = write_to(
            member,
            "account_change",
            subject=subject,
            why=why,
            sentence=sentence,
            advice=advice,
            secret=token,
        )
        return mailed or text_change(member, subject, token)
