"""The secret that a provider gave the shop: sealed, and never shown again."""

from portal.lib.tokens import seal, unseal
from portal.providers.models import Provider

_PURPOSE = "provider"


def sealed(secret: str) -> str:
    """A secret as it is stored."""
    return seal(secret, _PURPOSE) if secret else ""


def secret_of(provider: Provider) -> str:
    """The secret to show the provider; empty where there is none, or SECRET_KEY has changed."""
    return (unseal(provider.sealed_secret, _PURPOSE) or "") if provider.sealed_secret else ""
