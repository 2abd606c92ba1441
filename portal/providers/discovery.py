"""What an OpenID provider says of itself: its addresses and its keys, kept for ten minutes."""

import re
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.providers.network import RequestException, may_ask, read_json

KEPT_FOR = 600.0  # seconds
ANEW = 30.0  # seconds between two looks for a key that is not known yet
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_TENANT = re.compile(r"/[^/]+/v2\.0$")
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]+")

_lock = Lock()
_described: dict[str, tuple[float, "Metadata"]] = {}
_keys: dict[str, tuple[float, KeySet]] = {}


class NoProvider(Exception):
    """Nothing at the issuer's address describes a provider that can be used; says what is wrong."""


@dataclass(frozen=True)
class Metadata:
    """What is used of a provider's description of itself."""

    issuer: str
    authorize: str
    token: str
    userinfo: str
    jwks: str
    basic: bool  # how the client shows its secret: in the header, or in the body
    algorithms: tuple[str, ...]
    says_issuer: bool  # RFC 9207: the answer names its issuer


def describe(issuer: str, *, anew: bool = False, tenants: bool = False) -> Metadata:
    """The description at an issuer's well-known address; raises RequestException or NoProvider.

    `tenants`: its issuer may name another tenant, or leave the place open (Microsoft's do).
    """
    with _lock:
        kept = _described.get(issuer)
    if kept and not anew and time.monotonic() - kept[0] < KEPT_FOR:
        return kept[1]
    try:
        found = read_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    except ValueError as error:
        if isinstance(error, RequestException):
            raise
        raise NoProvider("no JSON") from error
    read = _read(issuer, found, tenants)
    with _lock:
        _described[issuer] = (time.monotonic(), read)
    return read


def keys_of(metadata: Metadata, *, anew: bool = False) -> KeySet:
    """The keys that a provider signs with; `anew` looks again, at most every ANEW seconds."""
    with _lock:
        kept = _keys.get(metadata.jwks)
    age = time.monotonic() - kept[0] if kept else KEPT_FOR
    if kept and age < (ANEW if anew else KEPT_FOR):
        return kept[1]
    try:
        found = KeySet.import_key_set(read_json(metadata.jwks))  # type: ignore[arg-type]
    except (JoseError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, RequestException):
            raise
        raise NoProvider("no keys") from error
    with _lock:
        _keys[metadata.jwks] = (time.monotonic(), found)
    return found


def origin(url: str) -> str:
    """Scheme, host and port of an address, fit for a CSP; empty for what is none."""
    parts = urlsplit(url)
    found = f"{parts.scheme}://{parts.netloc}".lower()
    return found if _ORIGIN.fullmatch(found) else ""


def forget() -> None:
    """Ask everybody anew (tests)."""
    with _lock:
        _described.clear()
        _keys.clear()


def _read(issuer: str, found: dict[str, Any], tenants: bool) -> Metadata:
    if not _same(issuer, found.get("issuer"), tenants):
        raise NoProvider("another issuer")
    needed = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(url, str) and may_ask(url) for url in needed):
        raise NoProvider("no addresses")
    authorize, token, jwks = map(str, needed)
    userinfo = found.get("userinfo_endpoint")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    algorithms = tuple(name for name in offered if name in ALGORITHMS)
    if not algorithms:
        raise NoProvider("no signatures")
    return Metadata(
        issuer=str(found["issuer"]),
        authorize=authorize,
        token=token,
        userinfo=userinfo if isinstance(userinfo, str) and may_ask(userinfo) else "",
        jwks=jwks,
        basic="client_secret_basic" in methods,
        algorithms=algorithms,
        says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _same(issuer: str, said: object, tenants: bool) -> bool:
    """Whether the description is of this issuer."""
    if not isinstance(said, str):
        return False
    wanted, found = issuer.rstrip("/"), said.rstrip("/")
    if tenants:
        wanted, found = _TENANT.sub("/*/v2.0", wanted), _TENANT.sub("/*/v2.0", found)
    return wanted == found
