"""Which account elsewhere opens whose account here: made, used and ended, never the last way in."""

from peewee import IntegrityError

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import standing
from portal.members.letters import tell_change
from portal.members.models import EmailAddress, Member, Passkey, Password
from portal.providers.identity import Identity
from portal.providers.models import LinkedAccount, Provider
from portal.shop.models import settings


def find(identity: Identity) -> LinkedAccount | None:
    """The link of this issuer's subject; an e-mail address never finds one."""
    return LinkedAccount.get_or_none(
        (LinkedAccount.issuer == identity.issuer) & (LinkedAccount.subject == identity.subject)
    )


def holder(link: LinkedAccount) -> Member:
    """Whose account a link opens: of two that were joined, the one that was kept."""
    member: Member = link.member
    return member.merged_into if member.merged_into_id else member


def note_use(link: LinkedAccount, identity: Identity) -> None:
    """The link was shown just now, and how the provider names the account today."""
    with write_tx():
        LinkedAccount.update(used_at=now(), shown=identity.shown or link.shown).where(
            LinkedAccount.id == link.id
        ).execute()


def link(member: Member, provider: Provider, identity: Identity, *, tell: bool = True) -> bool:
    """Let an account elsewhere open a member's; False when it did already.

    Raises Refused when it opens somebody else's, or the member's account is frozen.
    """
    standing.ensure(member, "addresses")
    with write_tx():
        if not _make(member, provider, identity):
            known = find(identity)
            if known and holder(known).id == member.id:
                return False
            raise Refused(
                _(
                    "That account of %(name)s opens another account of this shop already. Sign in "
                    "there and unlink it first.",
                    name=provider.name,
                )
            )
        member.record("provider.linked", provider=provider.name, shown=identity.shown)
        if tell:
            _tell_linked(member, provider, identity.shown)
    return True


def unlink(member: Member, account: LinkedAccount) -> None:
    """End a link, once; raises Refused where it is the last way in."""
    name = account.provider.name
    with write_tx():
        member.touch()  # holds the row: two at once must not both find the other one left
        if not other_ways(member, account):
            raise Refused(
                _(
                    "This is your last way in. Make a passkey first, or prove an e-mail address; "
                    "then unlink %(name)s.",
                    name=name,
                )
            )
        gone = LinkedAccount.delete().where(
            (LinkedAccount.id == account.id) & (LinkedAccount.member == member.id)
        )
        if gone.execute():
            member.record("provider.unlinked", provider=name, shown=account.shown)
            _tell_unlinked(member, name, account.shown)


def other_ways(member: Member, but: LinkedAccount) -> bool:
    """Whether the member could still come in without this link."""
    person: Member = Member.get_by_id(member.id)
    if Passkey.select().where(Passkey.member == person).exists():
        return True
    if person.is_staff:
        return False
    if any(email.opens for email in EmailAddress.select().where(EmailAddress.member == person)):
        return True
    others = (
        LinkedAccount.select()
        .join(Provider)
        .where((LinkedAccount.member == person) & (LinkedAccount.id != but.id) & Provider.enabled)
    )
    return others.exists() or _has_password(person)


def _has_password(member: Member) -> bool:
    switched_on = getattr(settings(), "passwords", False)
    return switched_on and Password.select().where(Password.member == member).exists()


def _make(member: Member, provider: Provider, identity: Identity) -> bool:
    try:
        with write_tx():
            LinkedAccount.create(
                member=member.id,
                provider=provider,
                issuer=identity.issuer,
                subject=identity.subject,
                shown=identity.shown,
            )
    except IntegrityError:
        return False
    return True


def _tell_linked(member: Member, provider: Provider, shown: str) -> None:
    tell_change(
        member,
        subject=_("%(name)s opens your account now", name=provider.name),
        sentence=_(
            "An account of %(name)s (%(shown)s) was linked to your account and signs in to it now.",
            name=provider.name,
            shown=shown or _("without a name"),
        ),
        advice=_("If it was not you, unlink it on your security page at once."),
    )


def _tell_unlinked(member: Member, name: str, shown: str) -> None:
    tell_change(
        member,
        subject=_("%(name)s no longer opens your account", name=name),
        sentence=_(
            "The account of %(name)s (%(shown)s) was unlinked from your account.",
            name=name,
            shown=shown or _("without a name"),
        ),
        advice=_("If it was not you, look at your security page at once."),
    )
