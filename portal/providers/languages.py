"""Starting, finishing and trying out a sign-in in the language that the provider speaks."""

from typing import Any

from flask import current_app

from portal.lib.refused import Refused
from portal.lib.text import _
from portal.providers import discovery, oauth2, oidc, refusals
from portal.providers.identity import Identity
from portal.providers.models import Provider
from portal.providers.network import RequestException, may_ask
from portal.providers.presets import preset_of


class NoAnswer(Refused):
    """The owner typed what leads to no provider; the sentence says what was wrong."""

    status = 422


def start(provider: Provider, state: str, *, again: bool) -> oidc.Started:
    """Where the browser goes; raises Silent, and NoKey where no fresh proof is to be had."""
    if again and not preset_of(provider.preset).again:
        raise refusals.not_fresh(provider.name)
    if provider.preset in oauth2.SERVICES:
        return oauth2.start(provider, state)
    return oidc.start(provider, state, again=again)


def finish(provider: Provider, kept: dict[str, Any], said: dict[str, str]) -> Identity:
    """Who came back; raises NoKey or Silent."""
    if provider.preset in oauth2.SERVICES:
        return oauth2.finish(provider, kept, said)
    return oidc.finish(provider, kept, said)


def try_out(provider: Provider) -> str:
    """Ask the provider what it says of itself; the origin where people sign in.

    Raises NoAnswer with what is wrong.
    """
    if service := oauth2.SERVICES.get(provider.preset):
        return discovery.origin(service.authorize)  # where they are is known; they tell no more
    issuer = oidc.issuer_of(provider)
    if not may_ask(issuer):
        raise NoAnswer(
            _("The issuer must be a public address that begins with https://, without a #.")
        )
    try:
        tenants = preset_of(provider.preset).tenants
        metadata = discovery.describe(issuer, anew=True, tenants=tenants)
        discovery.keys_of(metadata, anew=True)
    except RequestException as error:
        current_app.logger.warning("provider %s: %s", provider.key, error)
        raise NoAnswer(
            _(
                "No provider answers at %(issuer)s. Check the address, and that the shop can "
                "reach it.",
                issuer=issuer,
            )
        ) from error
    except discovery.NoProvider as error:
        current_app.logger.warning("provider %s: %s", provider.key, error)
        raise NoAnswer(
            _(
                "Something answers at %(issuer)s, but not as an OpenID provider of that name. "
                "Copy the issuer from the provider’s own pages, to the letter.",
                issuer=issuer,
            )
        ) from error
    return discovery.origin(metadata.authorize)
