"""OpenID Connect: where to send somebody, and what is believed of what comes back.

Code flow with PKCE and nonce. The ID token's signature, issuer, audience, times and nonce are
checked; nothing of it is kept but the identity.
"""

import hmac
import json
from calendar import timegm
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from flask import current_app, url_for
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from portal.lib.clock import now
from portal.lib.tokens import new_token
from portal.providers import refusals, rules
from portal.providers.discovery import Metadata, NoProvider, describe, keys_of
from portal.providers.identity import Identity, identity
from portal.providers.models import Provider
from portal.providers.network import RequestException, prepare
from portal.providers.presets import preset_of
from portal.providers.secret import secret_for

SKEW = 120  # seconds that clocks may differ


@dataclass(frozen=True)
class Started:
    """Where the browser goes, and what has to be known when it comes back."""

    url: str
    kept: dict[str, Any]


def issuer_of(provider: Provider) -> str:
    """The issuer's address, from the preset or as the owner typed it."""
    preset = preset_of(provider.preset)
    return preset.issuer.format(**provider.options) if preset.issuer else provider.issuer


def answer_address(provider: Provider) -> str:
    """Where the provider sends people back to: what the owner registers there."""
    return current_app.config["BASE_URL"] + url_for("providers.answer", key=provider.key)


def start(provider: Provider, state: str, *, again: bool) -> Started:
    """Begin; `again` asks the provider for a fresh sign-in. Raises Silent."""
    preset = preset_of(provider.preset)
    metadata = metadata_of(provider)
    nonce, verifier = new_token(), new_token()
    more = rules.asked_house(provider) | (preset.again if again else {})
    if preset.answers:
        more["response_mode"] = preset.answers
    url, _state = client_of(provider, metadata).create_authorization_url(
        metadata.authorize, state=state, code_verifier=verifier, nonce=nonce, **more
    )
    kept = {"nonce": nonce, "verifier": verifier, "again": again and "max_age" in more}
    return Started(url, kept)


def finish(provider: Provider, kept: dict[str, Any], said: dict[str, str]) -> Identity:
    """The identity behind the answer `said` (code, iss …); raises NoKey or Silent."""
    metadata = metadata_of(provider)
    if said.get("iss", metadata.issuer) != metadata.issuer or (
        metadata.says_issuer and "iss" not in said
    ):
        raise refusals.not_believed(provider.name)
    with client_of(provider, metadata) as client:
        token = code_for_token(provider, client, metadata.token, said["code"], kept["verifier"])
        claims = _checked(provider, metadata, token, kept)
        if not claims.get("email") and metadata.userinfo:
            claims = {**_userinfo(provider, client, metadata, claims), **claims}
    rules.check_house(provider, claims)
    return _identity(provider, claims, said)


def metadata_of(provider: Provider) -> Metadata:
    """What the provider says of itself; raises Silent."""
    try:
        return describe(issuer_of(provider), tenants=preset_of(provider.preset).tenants)
    except (RequestException, NoProvider) as error:
        current_app.logger.warning("provider %s: %s", provider.key, error)
        raise refusals.Silent(provider.name) from error


def client_of(provider: Provider, metadata: Metadata) -> OAuth2Session:
    """The shop as the provider's client; it asks public https addresses only."""
    secret = secret_for(provider)
    method = "client_secret_basic" if metadata.basic else "client_secret_post"
    client = OAuth2Session(
        provider.client_id,
        secret or None,
        token_endpoint_auth_method=method if secret else "none",
        scope=preset_of(provider.preset).scope,
        redirect_uri=answer_address(provider),
        code_challenge_method="S256",
    )
    return prepare(client)  # type: ignore[return-value]


def code_for_token(
    provider: Provider, client: OAuth2Session, address: str, code: str, verifier: str
) -> dict[str, Any]:
    """Spend a code at the token endpoint; raises NoKey or Silent."""
    try:
        token = client.fetch_token(
            address,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            allow_redirects=False,
        )
    except AuthlibBaseError as error:  # the code was used, is too old, or is somebody else's
        current_app.logger.warning("provider %s refused a code: %s", provider.key, error.error)
        raise refusals.refused_there(provider.name) from error
    except (RequestException, ValueError) as error:
        current_app.logger.warning("provider %s gave no token: %s", provider.key, error)
        raise refusals.Silent(provider.name) from error
    return dict(token)


def _checked(
    provider: Provider, metadata: Metadata, token: dict[str, Any], kept: dict[str, Any]
) -> dict[str, Any]:
    """The claims of an ID token in which everything checks; raises NoKey."""
    try:
        read = _decoded(metadata, str(token.get("id_token") or ""))
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": rules.issuer_in(metadata.issuer, read.claims)},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {
                "nonce": kept["nonce"],
                "client_id": provider.client_id,
                "access_token": token.get("access_token"),
                "max_age": kept["again"],
            },
        )
        claims.validate(now=timegm(now().timetuple()), leeway=SKEW)
    except NoProvider as error:
        raise refusals.Silent(provider.name) from error
    except RequestException as error:
        raise refusals.Silent(provider.name) from error
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
        current_app.logger.warning("provider %s: ID token refused: %s", provider.key, error)
        missing = kept["again"] and "auth_time" in str(error)
        raise (refusals.not_fresh if missing else refusals.not_believed)(provider.name) from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), kept["nonce"].encode()):
        raise refusals.not_believed(provider.name)
    if kept["again"] and claims["auth_time"] < kept["began"] - SKEW:
        raise refusals.not_fresh(provider.name)
    return dict(claims)


def _decoded(metadata: Metadata, text: str) -> jwt.Token:
    registry = JWSRegistry(algorithms=list(metadata.algorithms), strict_check_header=False)
    try:
        return jwt.decode(text, keys_of(metadata), registry=registry)
    except InvalidKeyIdError:  # a key that is newer than what we know
        return jwt.decode(text, keys_of(metadata, anew=True), registry=registry)


def _userinfo(
    provider: Provider, client: OAuth2Session, metadata: Metadata, claims: dict[str, Any]
) -> dict[str, Any]:
    """What the provider tells beside the token, about the same subject; nothing when it fails."""
    try:
        response = client.get(metadata.userinfo, allow_redirects=False)
        response.raise_for_status()
        found = response.json()
    except (RequestException, AuthlibBaseError, ValueError) as error:
        current_app.logger.warning("provider %s: no userinfo: %s", provider.key, error)
        return {}
    same = isinstance(found, dict) and found.get("sub") == claims["sub"]
    return found if same else {}


def _identity(provider: Provider, claims: dict[str, Any], said: dict[str, str]) -> Identity:
    found = identity(
        str(claims["iss"]),
        claims["sub"],
        claims.get("name") or _told_once(said) or claims.get("preferred_username"),
        claims.get("email"),
        rules.proved(provider, claims),
    )
    if found is None:
        raise refusals.not_believed(provider.name)
    return found


def _told_once(said: dict[str, str]) -> str:
    """The name that Apple sends by way of the browser, the first time only; it proves nothing."""
    try:
        name = json.loads(said.get("user") or "{}")["name"]
        return f"{name.get('firstName') or ''} {name.get('lastName') or ''}".strip()
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
