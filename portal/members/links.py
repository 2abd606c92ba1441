"""One-time links that sign a member in: printed by the command line, or mailed by an agent."""

from datetime import timedelta

from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest
from portal.members.incidents import Known, add_finder
from portal.members.letters import not_me, write_to
from portal.members.models import EmailAddress, Member, OneTimeLink
from portal.shop.models import settings

LIVES = timedelta(minutes=10)


class NoLink(Refused):
    """This person cannot have a sign-in link; the sentence says why."""


def sign_in_link(email: str) -> str:
    """The token of a link for the member with this address; raises NoLink."""
    found = EmailAddress.find(email)
    if found is None:
        raise NoLink(_("Nobody has the address %(email)s.", email=email))
    return make_link(found.member)


def make_link(member: Member) -> str:
    """The token of a link that signs a member in once, for ten minutes; never for staff."""
    if member.is_staff:
        raise NoLink(_("The shop's staff sign in with their passkeys only."))
    return OneTimeLink.make("sign-in", member, LIVES)


def mail_link(member: Member) -> str:
    """Mail a member a sign-in link (an agent asked for it); returns the address it goes to."""
    email = EmailAddress.of(member)
    if email is None:
        raise NoLink(_("No e-mail address of this member is known."))
    shop = settings().name
    subject = _("Your way into your account at %(shop)s", shop=shop)
    with write_tx():
        write_to(
            member,
            "sign_in_link",
            subject=subject,
            why=_(
                "Somebody from %(shop)s sent you this mail, most likely because you asked.",
                shop=shop,
            ),
            secret=make_link(member),
            link=not_me(member, subject),
            lives=LIVES,
        )
    return email.address


def open_link(token: str) -> Member | None:
    """Use a sign-in link up: its member for exactly one caller, None for everybody else."""
    link = OneTimeLink.find(token, "sign-in")
    if link is None or link.member is None or link.member.is_staff or not link.use():
        return None
    return link.member


def _known(token: str) -> Known | None:
    link = OneTimeLink.get_or_none(OneTimeLink.token_hash == digest(token))
    return Known(link.member) if link else None


add_finder(_known)
