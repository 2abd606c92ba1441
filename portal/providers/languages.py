"""Starting and finishing a sign-in in the language that the provider speaks."""

from typing import Any

from portal.providers import oidc
from portal.providers.identity import Identity
from portal.providers.models import Provider


def start(provider: Provider, state: str, *, again: bool) -> oidc.Started:
    """Where the browser goes; raises Silent."""
    return oidc.start(provider, state, again=again)


def finish(provider: Provider, kept: dict[str, Any], said: dict[str, str]) -> Identity:
    """Who came back; raises NoKey or Silent."""
    return oidc.finish(provider, kept, said)
