"""Somebody whom no link knows: a new account, or one that they prove to be theirs."""

from typing import Any, NamedTuple

from peewee import IntegrityError

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import post
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import proofs
from portal.members.letters import not_me
from portal.members.models import EmailAddress, Member, fold_email
from portal.members.models.search import index_member
from portal.providers import flows, links, refusals
from portal.providers.identity import Identity
from portal.providers.models import Provider, ProviderFlow
from portal.shop.models import settings

PURPOSE = "provider"


class Arrival(NamedTuple):
    """An identity that waits in a browser until the person says what to do with it."""

    flow: ProviderFlow
    identity: Identity
    code: str  # the secret of the code that was asked, or ""


def waiting(browser: str | None) -> Arrival | None:
    """The identity that waits in this browser, while it can still be used."""
    flow = flows.waiting(browser)
    kept = flows.read(flow) if flow else None
    if flow is None or kept is None:
        return None
    return Arrival(flow, Identity(**kept["identity"]), kept.get("code", ""))


def wait(provider: Provider, browser: str, identity: Identity, target: str) -> None:
    """Let an identity wait for ten minutes; an earlier one of this browser ends."""
    flows.wait(provider, browser, {"identity": identity.kept()}, target)


def takes_new() -> bool:
    """Whether the shop lets strangers join."""
    return settings().sign_up


def may_open(identity: Identity) -> bool:
    """Whether one click opens an account: the provider proved an address that nobody here has."""
    return takes_new() and identity.verified and EmailAddress.find(identity.email) is None


def open_account(arrival: Arrival, address: str) -> Member:
    """A new member with this proved address, opened by this identity: all of it, once."""
    flow, identity = arrival.flow, arrival.identity
    if not takes_new():
        raise Refused(_("The shop takes nobody new at the moment. Write to it to be let in."))
    with write_tx():
        if not flows.use(flow):
            raise refusals.used_answer(flow.provider.name)
        member = _make(identity.name, address)
        member.record("provider.joined", provider=flow.provider.name, shown=identity.shown)
        links.link(member, flow.provider, identity, tell=False)
    return member


def finish(arrival: Arrival, member: Member) -> bool:
    """Link the identity that waits to a member who is signed in; False when it was already."""
    with write_tx():
        if not flows.use(arrival.flow):
            raise refusals.used_answer(arrival.flow.provider.name)
        return links.link(member, arrival.flow.provider, arrival.identity)


def ask_code(arrival: Arrival, address: str) -> None:
    """Mail a code that proves an address; known and unknown ones get the same work and answer."""
    with write_tx():
        begun = proofs.begin(PURPOSE, "mail", fold_email(address), data={"address": address})
        proofs.attach(begun.row, _write(arrival.flow.provider, address, begun.code))
        flows.keep(arrival.flow, _kept(arrival.identity, begun.browser))


def asked(arrival: Arrival) -> str:
    """The address that the code went to; empty when none was asked, or it was used."""
    row = proofs.waiting(arrival.code, PURPOSE)
    return str(row.data["address"]) if row and not row.used_at else ""


def use_code(arrival: Arrival, typed: str) -> str:
    """The address whose code was typed, once; raises WrongCode or DeadCode."""
    return str(proofs.use(arrival.code, PURPOSE, typed).data["address"])


def whose(address: str) -> Member | None:
    """Who comes in by having proved an address, None for somebody new; raises Refused."""
    email = EmailAddress.find(address)
    if email is None:
        return None
    member: Member = email.member
    came = member.joined_at or email.verified_at
    imported = came is None and not settings().claim_by_email
    if member.is_staff or not email.opens or imported or member.closed_at:
        raise Refused(_("This address can’t come in this way. Write to the shop."))
    email.verify()
    return member


def _kept(identity: Identity, code: str) -> dict[str, Any]:
    return {"identity": identity.kept(), "code": code}


def _make(name: str, address: str) -> Member:
    member = Member.make(name=name, source="sign-up")
    try:
        with write_tx():
            EmailAddress.create(
                member=member,
                address=address,
                folded=fold_email(address),
                source="sign-up",
                verified_at=now(),
            )
    except IntegrityError:
        raise Refused(
            _("An account with this address was opened just now. Sign in to it and link there.")
        ) from None
    index_member(member)
    return member


def _write(provider: Provider, address: str, code: str) -> int:
    """What goes to the address: the code, or why none can; returns the mail's id."""
    email = EmailAddress.find(address)
    shop = settings().name
    why = _(
        "Somebody came to %(shop)s with an account of %(name)s and gave this address.",
        shop=shop,
        name=provider.name,
    )
    refusal = ""
    if email and email.member.is_staff:
        refusal = "sign_in_staff"
        subject = _("Sign in to %(shop)s with your passkey", shop=shop)
    elif (email and not email.opens) or (email is None and not takes_new()):
        refusal = "sign_in_unknown"
        subject = _("Nobody at %(shop)s has this address", shop=shop)
    else:
        subject = _("Your code to go on with %(name)s at %(shop)s", name=provider.name, shop=shop)
    known = email.member if email and not refusal else None
    link = not_me(known, subject)
    mail = post(
        email.address if email else address,
        refusal or "provider_code",
        subject=subject,
        why=why,
        secret=None if refusal else code,
        link=link,
        known=known is not None,
        lives=proofs.LIVES,
        provider=provider.name,
    )
    return int(mail.id)
