"""Other people's keys in the security log: each coming in one event, each refusal one incident."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from factories import make_member
from logged import IN, told
from stand_in import StandIn
from walking import away, code_of_the_mail, link

from portal.members.models import Incident, Restriction
from portal.providers.models import LinkedAccount, Provider
from portal.providers.oauth2 import SERVICES

ISSUERS = {"facebook": "https://www.facebook.com", "x": "https://x.com"}
PAGES = {
    "facebook": ("/v23.0/me", {"id": "1001", "name": "Alice", "email": "alice@example.com"}),
    "x": ("/2/users/me", {"data": {"id": "1001", "name": "Alice"}}),
}


def come(client: Any, stand_in: StandIn) -> Any:
    """Go there and come back with what the stand-in says."""
    return client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(away(client))))


@pytest.fixture(params=["facebook", "x"])
def service(request: pytest.FixtureRequest, offer: Any, stand_in: StandIn) -> Iterator[str]:
    """Facebook and X, played by the stand-in."""
    name = str(request.param)
    before = SERVICES[name]
    SERVICES[name] = replace(
        before,
        authorize=f"{stand_in.issuer}/authorize",
        token=f"{stand_in.issuer}/token",
        me=stand_in.issuer + before.me.partition(".com")[2],
    )
    path, said = PAGES[name]
    stand_in.pages[path] = said
    offer("", preset=name, name="Tandem")
    yield name
    SERVICES[name] = before


def test_a_linked_account_lets_in_with_one_event(client, offer, stand_in: StandIn) -> None:
    link(make_member(), offer(stand_in.issuer))
    come(client, stand_in)
    assert told() == IN


def test_facebook_and_x_let_in_with_one_event(client, stand_in: StandIn, service: str) -> None:
    LinkedAccount.create(
        member=make_member(), provider=Provider.get(), issuer=ISSUERS[service], subject="1001"
    )
    come(client, stand_in)
    assert told() == IN


def test_facebook_and_x_that_are_not_believed_are_one_incident(
    client, stand_in: StandIn, service: str
) -> None:
    stand_in.pages[PAGES[service][0]] = {}
    come(client, stand_in)
    assert told() == ["!provider_refused"]


def test_the_first_time_is_one_event_with_one_click_and_with_a_code(
    client, offer, stand_in: StandIn
) -> None:
    offer(stand_in.issuer)
    stand_in.claims = {"email": "new@example.com", "email_verified": True}
    come(client, stand_in)
    client.post("/sign-in/first-time")
    assert told() == IN


def test_the_first_time_with_a_wrong_code_and_then_the_right_one(
    client, offer, stand_in: StandIn
) -> None:
    offer(stand_in.issuer)
    come(client, stand_in)
    client.post("/sign-in/first-time/code", data={"email": "new@example.com"})
    code = code_of_the_mail()
    client.post("/sign-in/first-time/code/enter", data={"code": "WRONG2"})
    assert told() == ["!code_unknown"]
    client.post("/sign-in/first-time/code/enter", data={"code": code})
    assert told() == ["in", "!code_unknown"]


@pytest.mark.parametrize(
    ("claims", "reason"), [({"nonce": "another"}, "not_believed"), ({"exp": 1000}, "not_believed")]
)
def test_what_is_not_believed_is_one_incident_with_its_reason(
    client, offer, stand_in: StandIn, claims: dict[str, Any], reason: str
) -> None:
    link(make_member(), offer(stand_in.issuer))
    stand_in.claims = claims
    come(client, stand_in)
    assert told() == ["!provider_refused"]
    assert Incident.get().data == {"provider": "one", "reason": reason}


def test_an_answer_that_comes_twice_or_belongs_to_nobody_is_one_incident(
    client, offer, stand_in: StandIn
) -> None:
    link(make_member(), offer(stand_in.issuer))
    back = "/sign-in/with/one/back?" + urlencode(stand_in.sign(away(client)))
    client.get(back)
    client.get(back)
    client.get("/sign-in/with/one/back?state=zebrafish&code=x")
    assert told() == ["in", "!provider_refused", "!provider_refused"]
    reasons = [i.data["reason"] for i in Incident.select().order_by(Incident.id)]
    assert reasons == ["foreign_answer", "unknown_answer"]  # the first one forgot the cookie
    assert "zebrafish" not in str([tuple(row) for row in Incident.select().tuples()])


def test_who_is_believed_and_suspended_is_one_event(client, offer, stand_in: StandIn) -> None:
    alice = make_member()
    link(alice, offer(stand_in.issuer))
    Restriction.create(member=alice, kind="suspend", text="Write to us.", reason="x", by=alice)
    come(client, stand_in)
    assert told() == ["sign_in.refused"]
