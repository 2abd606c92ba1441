"""The secret that a provider gave the shop: sealed, and never shown again."""

import re
from calendar import timegm
from textwrap import fill

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portal.lib.clock import now
from portal.lib.tokens import seal, unseal
from portal.providers import refusals
from portal.providers.models import Provider
from portal.providers.presets import APPLE, preset_of

_PURPOSE = "provider"
_LIVES = 300  # seconds that a signed secret is good for
_KEY = re.compile(r"-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----")


def sealed(secret: str) -> str:
    """A secret as it is stored."""
    return seal(secret, _PURPOSE) if secret else ""


def secret_of(provider: Provider) -> str:
    """The secret as the owner gave it; empty where there is none, or SECRET_KEY has changed."""
    return (unseal(provider.sealed_secret, _PURPOSE) or "") if provider.sealed_secret else ""


def secret_for(provider: Provider) -> str:
    """The secret to show the provider now; raises Silent where the key is none."""
    secret = secret_of(provider)
    return _signed(provider, secret) if preset_of(provider.preset).signs else secret


def plain_key(typed: str) -> str | None:
    """A private key in its right form, even where its lines ran into one; None for what is none."""
    found = _KEY.search(typed)
    if found is None:
        return None
    body = fill("".join(found[1].split()), 64)
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    try:
        return key if ECKey.import_key(key).curve_name == "P-256" else None
    except (JoseError, ValueError):
        return None


def _signed(provider: Provider, key: str) -> str:
    """Apple's kind of secret: who the shop is, signed with its own key, for five minutes."""
    moment = timegm(now().timetuple())
    said = {
        "iss": provider.options["team"],
        "sub": provider.client_id,
        "aud": APPLE,
        "iat": moment,
        "exp": moment + _LIVES,
    }
    header = {"alg": "ES256", "kid": provider.options["key_id"]}
    try:
        return jwt.encode(header, said, ECKey.import_key(key))
    except (JoseError, ValueError) as error:
        raise refusals.Silent(provider.name) from error
