"""Which account elsewhere opens whose account here: made, used and ended, never the last way in."""

from typing import Any

from peewee import IntegrityError

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import ended, keys, standing
from portal.members.letters import tell_change
from portal.members.models import Member
from portal.providers.identity import Identity
from portal.providers.models import LinkedAccount, Provider


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
    """End a link, once; raises LastWayIn where it is one."""
    name = account.provider.name
    with write_tx():
        keys.ensure_another(member, "linked", account.id)
        gone = LinkedAccount.delete().where(
            (LinkedAccount.id == account.id) & (LinkedAccount.member == member.id)
        )
        if gone.execute():
            member.record("provider.unlinked", provider=name, shown=account.shown)
            _tell_unlinked(member, name, account.shown)


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


def _keys(member: Member) -> list[keys.Key]:
    """The links to providers that the shop offers now."""
    mine = (
        LinkedAccount.select(LinkedAccount, Provider)
        .join(Provider)
        .where((LinkedAccount.member == member.id) & Provider.enabled)
        .order_by(LinkedAccount.id)
    )
    return [keys.Key("linked", account.id, account.provider.name) for account in mine]


def _everybody(but: frozenset[str]) -> Any:
    """Whose account a provider opens; `linked:google` in `but` leaves one of them out."""
    gone = [name.partition(":")[2] for name in but if name.startswith("linked:")]
    found = LinkedAccount.select(LinkedAccount.member).join(Provider).where(Provider.enabled)
    return found.where(Provider.key.not_in(gone)) if gone else found


def _holders(key: str) -> Any:
    return LinkedAccount.select(LinkedAccount.member).join(Provider).where(Provider.key == key)


def _is_off(key: str) -> bool:
    return not Provider.select().where((Provider.key == key) & Provider.enabled).exists()


def _name(key: str) -> str:
    provider = Provider.get_or_none(Provider.key == key)
    return provider.name if provider else key


keys.add_source("linked", 40, _keys, _everybody)
ended.add("linked", ended.Way(holders=_holders, is_off=_is_off, name=_name))
