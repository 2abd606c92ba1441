"""Asking a provider: over https only, never inside the shop's own network, briefly and little."""

import socket
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import InvalidURL, RequestException
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

PATIENCE = (4, 6)  # seconds to connect, and between two bytes
LONGEST = 12.0  # seconds for a whole answer
BIGGEST = 512 * 1024  # bytes of an answer
#: IPv6 that carries an IPv4 address inside: what looks public may lead home.
CARRIERS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

__all__ = [
    "NotOutside",
    "Reach",
    "RequestException",
    "is_outside",
    "may_ask",
    "prepare",
    "read_json",
]


class NotOutside(InvalidURL):
    """The address is no https address, or leads to a network that is not public."""


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public network."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    carried = any(found in carrier for carrier in CARRIERS if carrier.version == found.version)
    return found.is_global and not found.is_multicast and not carried


def may_ask(url: str) -> bool:
    """Whether an address may be asked at all; where its name leads is looked at when it is."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isprintable():
        return False
    if current_app.config["LOCAL_PROVIDERS"] and host == "localhost":
        return parts.scheme in ("http", "https")
    try:
        return parts.scheme == "https" and is_outside(host)
    except ValueError:  # a name
        return parts.scheme == "https" and "." in host


class OutsideConnection(HTTPSConnection):
    """A connection that is made only to a public address, looked at before it is dialled."""

    def _new_conn(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        places = [str(place[4][0]) for place in found]
        if not places or not all(map(is_outside, places)):
            raise NewConnectionError(self, "the name leads into a network that is not public")
        patience = self.timeout if isinstance(self.timeout, (int, float)) else PATIENCE[0]
        for address in places:
            try:
                return socket.create_connection((address, self.port), patience)
            except OSError as problem:
                trouble = problem
        raise NewConnectionError(self, f"nobody answers: {trouble}") from trouble


class _Pool(HTTPSConnectionPool):
    ConnectionCls = OutsideConnection


class Reach(HTTPAdapter):
    """Sends what `may_ask` allows, follows no redirect, and reads at most BIGGEST bytes."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let every connection look where it goes, unless local providers are switched on."""
        super().init_poolmanager(*args, **kwargs)
        if not current_app.config["LOCAL_PROVIDERS"]:
            self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """One request and its whole answer; raises RequestException."""
        if not may_ask(request.url or ""):
            raise NotOutside(f"{urlsplit(request.url or '').hostname} may not be asked")
        kwargs["stream"], kwargs["timeout"] = True, PATIENCE
        response = super().send(request, *args, **kwargs)
        _read_all(response)
        if 300 <= response.status_code < 400:
            raise NotConnected(f"a redirect where there is none to be ({response.status_code})")
        return response


def _read_all(response: Response) -> None:
    body, began = bytearray(), time.monotonic()
    try:
        for piece in response.iter_content(16 * 1024):
            body += piece
            if len(body) > BIGGEST or time.monotonic() - began > LONGEST:
                raise NotConnected("the answer is too long, or takes too long")
    finally:
        response.close()
    response._content = bytes(body)


def prepare(session: Session) -> Session:
    """Let a session of requests (Authlib's is one) ask providers, and nobody else."""
    session.trust_env = False
    session.max_redirects = 0
    session.mount("https://", Reach())
    session.mount("http://", Reach())
    session.headers["User-Agent"] = "Regulars"
    return session


def read_json(url: str) -> dict[str, Any]:
    """The JSON object at an address; raises RequestException, also for what is none."""
    with prepare(Session()) as session:
        response = session.get(url, headers={"Accept": "application/json"}, allow_redirects=False)
        response.raise_for_status()
        found = response.json()
    if not isinstance(found, dict):
        raise NotConnected("the answer is no JSON object")
    return found
