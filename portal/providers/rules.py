"""What is believed of a provider's claims beyond their signature: issuers, addresses, houses."""

import re
from collections.abc import Mapping
from typing import Any

from portal.providers import refusals
from portal.providers.models import Provider
from portal.providers.presets import preset_of

_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPEN = "{tenantid}"  # stands in a description that is for every tenant


def issuer_in(said: str, claims: Mapping[str, Any]) -> str:
    """The issuer that a token must name: the description's, with the token's tenant in its place.

    The tenant's own name is in the signature, so one tenant can't speak for another.
    """
    tenant = claims.get("tid")
    if OPEN in said and isinstance(tenant, str) and _TENANT_ID.fullmatch(tenant):
        return said.replace(OPEN, tenant)
    return said


def asked_house(provider: Provider) -> dict[str, str]:
    """What asks the provider to show only accounts of the organisation; it may be ignored."""
    domains = provider.options.get("domains", "").split()
    if not domains:
        return {}
    return {"hd": domains[0] if len(domains) == 1 else "*"}


def check_house(provider: Provider, claims: Mapping[str, Any]) -> None:
    """Refuse an account of another organisation than the shop lets in."""
    if "domains" in preset_of(provider.preset).asks:
        allowed = provider.options.get("domains", "").split()
        if claims.get("hd") not in allowed:
            raise refusals.wrong_house(provider.name)


def proved(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether the provider itself proved the address that it names.

    Google speaks for its own mailboxes and its customers' domains; of others it only remembers
    that they were proved once. Microsoft's address is what an administrator typed, unless it says
    that the domain's owner was checked.
    """
    verified = claims.get("email_verified") in (True, "true")
    rule = preset_of(provider.preset).believes
    if rule == "google":
        own = str(claims.get("email", "")).lower().endswith("@gmail.com")
        return verified and (own or bool(claims.get("hd")))
    if rule == "microsoft":
        return claims.get("xms_edov") in (True, 1, "1", "true")
    return verified
