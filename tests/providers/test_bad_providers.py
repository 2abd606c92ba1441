"""What no honest provider says is not believed: tokens, descriptions and answers that are wrong."""

import socket
from urllib.parse import urlencode

import pytest
from factories import make_member
from joserfc.jwk import RSAKey
from stand_in import StandIn
from urllib3.exceptions import NewConnectionError
from walking import away, link, words
from werkzeug.wrappers import Response

from portal.members.models import Session
from portal.providers import discovery
from portal.providers.network import OutsideConnection, is_outside, may_ask


def come(client, stand_in: StandIn):
    """Go there and come back with what the stand-in says."""
    return client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(away(client))))


@pytest.fixture
def known(client, offer, stand_in: StandIn) -> StandIn:
    """A provider that opens a member's account, were it believed."""
    link(make_member(), offer(stand_in.issuer))
    return stand_in


def test_what_is_right_is_believed(client, known: StandIn) -> None:
    assert come(client, known).location == "/"
    assert Session.select().count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another client"},
        {"aud": ["fern-and-kettle", "another"], "azp": "another"},
        {"aud": ["fern-and-kettle", "another"]},
        {"iss": "https://accounts.google.com"},
        {"nonce": "another"},
        {"exp": 1000},
        {"iat": 99999999999},
        {"nbf": 99999999999},
        {"exp": "soon"},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a" * 300},
        {"at_hash": "wrong"},
    ],
)
def test_wrong_claims_let_nobody_in(client, known: StandIn, claims: dict) -> None:
    known.claims = claims
    answer = come(client, known)
    assert answer.status_code == 403
    assert "did not check" in words(answer)
    assert Session.select().count() == 0


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_missing_claims_let_nobody_in(client, known: StandIn, name: str) -> None:
    known.without = (name,)
    assert come(client, known).status_code == 403
    assert Session.select().count() == 0


def test_a_signature_by_another_key_lets_nobody_in(client, known: StandIn) -> None:
    known.signer = RSAKey.generate_key(2048, {"kid": "one"})
    assert come(client, known).status_code == 403
    assert Session.select().count() == 0


def test_the_public_key_as_a_shared_secret_lets_nobody_in(client, known: StandIn) -> None:
    known.described = {"id_token_signing_alg_values_supported": ["HS256", "RS256"]}
    known.forges = True
    assert come(client, known).status_code == 403
    assert Session.select().count() == 0


def test_a_key_that_came_after_the_last_look_is_fetched(client, known: StandIn) -> None:
    come(client, known)
    client.post("/sign-out")
    known.key = RSAKey.generate_key(2048, {"kid": "one"})
    discovery.forget()
    assert come(client, known).location == "/"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Response('{"error": "invalid_grant"}', 400, content_type="application/json"), 403),
        (Response('{"error": "server_error"}', 500, content_type="application/json"), 502),
        (Response("<h1>Bad gateway</h1>", 502), 502),
        (Response("no JSON", 200), 502),
        (Response("[1]", 200, content_type="application/json"), 502),
        (Response("{}", 200, content_type="application/json"), 403),
        (Response('{"id_token": "x.y.z"}', 200, content_type="application/json"), 403),
        (Response('{"id_token": 5}', 200, content_type="application/json"), 403),
        (Response("", 302, {"Location": "http://localhost:1/"}), 502),
        (Response(b"x" * 600_000, 200), 502),
    ],
)
def test_a_token_endpoint_that_fails_is_a_calm_page(
    client, known: StandIn, answer: Response, status: int
) -> None:
    known.token_answer = answer
    page = come(client, known)
    assert page.status_code == status
    assert words(page)
    assert Session.select().count() == 0


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": 5},
        {"token_endpoint": None},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"jwks_uri": "https://127.0.0.1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
)
def test_a_description_that_is_wrong_is_not_used(client, known: StandIn, described: dict) -> None:
    known.described = described
    answer = client.post("/sign-in/with/one")
    assert answer.status_code == 502
    assert "does not answer at the moment" in words(answer)


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
    ],
)
def test_only_public_addresses_are_outside(address: str, outside: bool) -> None:
    assert is_outside(address) is outside


def test_a_name_that_leads_home_is_not_dialled(app, client, known: StandIn) -> None:
    """`localhost` has no dot; a name that resolves to loopback is refused before it is dialled."""
    app.config["LOCAL_PROVIDERS"] = False
    discovery.forget()
    before = len(known.asked)
    assert not may_ask(known.issuer)
    assert client.post("/sign-in/with/one").status_code == 502
    assert len(known.asked) == before


def test_a_connection_looks_where_a_name_leads_before_it_dials(app) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        connection = OutsideConnection("localhost", listener.getsockname()[1], timeout=1)
        with pytest.raises(NewConnectionError, match="not public"):
            connection.connect()
        with pytest.raises(TimeoutError):
            listener.accept()
