"""The providers that a shop offers, in its order, and how they show at the door and on pages."""

from typing import Any

from flask import g

from portal.lib.guard import signed_in
from portal.members.models import Member
from portal.members.ways import Part, Way, add_part, add_way
from portal.providers.models import LinkedAccount, Provider
from portal.providers.presets import preset_of


def offered() -> list[Provider]:
    """What is switched on, in the shop's order."""
    return list(Provider.select().where(Provider.enabled).order_by(Provider.position, Provider.id))


def lead_to(providers: list[Provider]) -> None:
    """Let the forms of the page being made lead to these providers (the CSP's form-action)."""
    origins = {provider.options.get("origin", "") for provider in providers} - {""}
    g.form_action = sorted(origins)


def _at_the_door() -> dict[str, Any] | None:
    found = offered()
    if signed_in():  # a fresh proof is asked, which not all of them can give
        found = [provider for provider in found if preset_of(provider.preset).again]
    lead_to(found)
    return {"providers": found} if found else None


def _on_the_security_page(member: Member) -> dict[str, Any] | None:
    linked = list(
        LinkedAccount.select(LinkedAccount, Provider)
        .join(Provider)
        .where(LinkedAccount.member == member.id)
        .order_by(LinkedAccount.id)
    )
    offers = Provider.select().where(Provider.enabled).exists()
    return {"linked": linked} if linked or offers else None


add_way(Way("providers", 20, "providers/_buttons.html", _at_the_door))
add_part(Part("providers", 40, "providers/_part.html", _on_the_security_page))
