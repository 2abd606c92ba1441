"""Facebook and X, which speak no OpenID Connect: OAuth 2, and one question about who it is.

Code flow with PKCE and state. Nothing is signed, so who it is comes over TLS from the provider
itself, asked with the token that the code gave; Facebook is shown that the token is the shop's own.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app

from portal.lib.tokens import new_token
from portal.providers import refusals
from portal.providers.identity import Identity, identity
from portal.providers.models import Provider
from portal.providers.network import RequestException, prepare
from portal.providers.oidc import Started, answer_address, code_for_token
from portal.providers.presets import preset_of
from portal.providers.secret import secret_of


@dataclass(frozen=True)
class Service:
    """Where an OAuth 2 provider is, and how its word about somebody is read."""

    authorize: str
    token: str
    me: str
    method: str  # how the client shows its secret
    read: Callable[[str, dict[str, Any]], Identity | None]
    proves: bool = False  # whether the question carries appsecret_proof


def _facebook(issuer: str, found: dict[str, Any]) -> Identity | None:
    """Facebook does not say whether an address was proved, so it was not."""
    return identity(issuer, found.get("id"), found.get("name"), found.get("email"), False)


def _x(issuer: str, found: dict[str, Any]) -> Identity | None:
    """X names an address only once it is confirmed."""
    person = found.get("data")
    if not isinstance(person, dict):
        return None
    name, email = person.get("name") or person.get("username"), person.get("confirmed_email")
    return identity(issuer, person.get("id"), name, email, True)


SERVICES = {
    "facebook": Service(
        authorize="https://www.facebook.com/v23.0/dialog/oauth",
        token="https://graph.facebook.com/v23.0/oauth/access_token",
        me="https://graph.facebook.com/v23.0/me?fields=id,name,email",
        method="client_secret_post",
        read=_facebook,
        proves=True,
    ),
    "x": Service(
        authorize="https://x.com/i/oauth2/authorize",
        token="https://api.x.com/2/oauth2/token",
        me="https://api.x.com/2/users/me?user.fields=confirmed_email",
        method="client_secret_basic",
        read=_x,
    ),
}


def start(provider: Provider, state: str) -> Started:
    """Begin."""
    verifier = new_token()
    with _client(provider) as client:
        url, _state = client.create_authorization_url(
            SERVICES[provider.preset].authorize, state=state, code_verifier=verifier
        )
    return Started(url, {"verifier": verifier})


def finish(provider: Provider, kept: dict[str, Any], said: dict[str, str]) -> Identity:
    """The identity behind the code; raises NoKey or Silent."""
    service = SERVICES[provider.preset]
    with _client(provider) as client:
        token = code_for_token(provider, client, service.token, said["code"], kept["verifier"])
        found = _who(provider, service, client, str(token.get("access_token") or ""))
    person = service.read(preset_of(provider.preset).issuer, found)
    if person is None:
        raise refusals.not_believed(provider.name)
    return person


def _who(provider: Provider, service: Service, client: OAuth2Session, token: str) -> dict[str, Any]:
    secret = secret_of(provider).encode()
    proof = {"appsecret_proof": hmac.new(secret, token.encode(), "sha256").hexdigest()}
    try:
        response = client.get(
            service.me, params=proof if service.proves else None, allow_redirects=False
        )
        response.raise_for_status()
        found = response.json()
    except (RequestException, AuthlibBaseError, ValueError) as error:
        current_app.logger.warning("provider %s does not say who: %s", provider.key, error)
        raise refusals.Silent(provider.name) from error
    return found if isinstance(found, dict) else {}


def _client(provider: Provider) -> OAuth2Session:
    client = OAuth2Session(
        provider.client_id,
        secret_of(provider) or None,
        token_endpoint_auth_method=SERVICES[provider.preset].method,
        scope=preset_of(provider.preset).scope,
        redirect_uri=answer_address(provider),
        code_challenge_method="S256",
    )
    return prepare(client)  # type: ignore[return-value]
