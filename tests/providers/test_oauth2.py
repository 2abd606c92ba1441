"""Facebook and X by their small adapters, against a server that answers as their pages say."""

import hmac
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from factories import make_member
from programs import SECRET
from stand_in import StandIn
from walking import away, words
from werkzeug.wrappers import Response

from portal.members.models import EmailAddress, Session
from portal.providers.models import LinkedAccount, Provider
from portal.providers.oauth2 import SERVICES

PATHS = {"facebook": "/v23.0/me", "x": "/2/users/me"}
PEOPLE = {
    "facebook": {"id": "1001", "name": "Alice Janssens", "email": "alice@example.com"},
    "x": {"data": {"id": "1001", "name": "Alice", "confirmed_email": "alice@example.com"}},
}
ISSUERS = {"facebook": "https://www.facebook.com", "x": "https://x.com"}


@pytest.fixture(params=["facebook", "x"])
def service(request: pytest.FixtureRequest, offer, stand_in: StandIn) -> Iterator[str]:
    """Each of the two, played by the stand-in."""
    name = str(request.param)
    before = SERVICES[name]
    SERVICES[name] = replace(
        before,
        authorize=f"{stand_in.issuer}/authorize",
        token=f"{stand_in.issuer}/token",
        me=stand_in.issuer + before.me.partition(".com")[2],
    )
    stand_in.pages[PATHS[name]] = PEOPLE[name]
    offer("", preset=name, name="Tandem")
    yield name
    SERVICES[name] = before


def come(client, stand_in: StandIn):
    """Go there and come back with a code."""
    return client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(away(client))))


def test_somebody_new_comes_in(client, stand_in: StandIn, service: str) -> None:
    there = away(client)
    sent = parse_qs(urlsplit(there).query)
    assert (sent["code_challenge_method"], sent["response_type"]) == (["S256"], ["code"])
    answer = client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(there)))
    assert answer.location == "/sign-in/first-time"
    spent, asked = stand_in.asked
    assert create_s256_code_challenge(spent["code_verifier"]) == sent["code_challenge"][0]
    assert spent["code"] == "a code"
    proof = hmac.new(SECRET.encode(), b"opens", sha256).hexdigest()
    assert asked.get("appsecret_proof") == (proof if service == "facebook" else None)
    page = client.get("/sign-in/first-time").get_data(as_text=True)
    assert ("Open my account" in page) is (service == "x")
    if service == "x":
        client.post("/sign-in/first-time")
        assert EmailAddress.get().address == "alice@example.com"


def test_who_is_linked_is_let_in(client, stand_in: StandIn, service: str) -> None:
    member = make_member()
    LinkedAccount.create(
        member=member, provider=Provider.get(), issuer=ISSUERS[service], subject="1001"
    )
    assert come(client, stand_in).location == "/"
    assert Session.get().member == member


@pytest.mark.parametrize("said", [{}, {"data": []}, {"id": 7, "data": {"id": 7}}])
def test_nobody_in_particular_is_nobody(
    client, stand_in: StandIn, service: str, said: dict
) -> None:
    stand_in.pages[PATHS[service]] = said
    answer = come(client, stand_in)
    assert answer.status_code == 403
    assert "did not check" in words(answer)


def test_a_refused_code_and_a_silent_service_are_calm_pages(
    client, stand_in: StandIn, service: str
) -> None:
    stand_in.token_answer = Response(
        '{"error": "invalid_grant"}', 400, content_type="application/json"
    )
    assert "refused the sign-in" in words(come(client, stand_in))
    stand_in.token_answer = None
    del stand_in.pages[PATHS[service]]
    assert "does not answer at the moment" in words(come(client, stand_in))
    assert Session.select().count() == 0


def test_facebooks_way_of_saying_no_is_understood(client, stand_in: StandIn, service: str) -> None:
    state = stand_in.sign(away(client))["state"]
    said = {"error": "access_denied", "error_reason": "user_denied", "state": state}
    answer = client.get("/sign-in/with/one/back?" + urlencode(said))
    assert words(answer) == "You stopped at Tandem. Nothing was changed."
