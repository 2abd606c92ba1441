"""The presets' own rules: whose addresses count, which house comes in, how Apple answers."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from factories import make_member
from joserfc import jwt
from joserfc.jwk import ECKey
from stand_in import StandIn
from walking import away, link, words

from portal.members.models import EmailAddress, Member, Session
from portal.providers.models import LinkedAccount, Provider
from portal.providers.secret import plain_key, secret_of

TENANT = "9f1c3a52-6d2b-4f6e-8a0e-2f9d8c7b6a51"
OTHER = "11111111-2222-3333-4444-555555555555"
APPLE = {"email": "alice@privaterelay.appleid.com", "email_verified": "true"}


def come(client, stand_in: StandIn):
    """Go there and come back with what the stand-in says."""
    return client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(away(client))))


def new_key() -> str:
    """A private key as Apple gives it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def offers_an_account(client) -> bool:
    """Whether one click would open an account with the address."""
    return "Open my account" in client.get("/sign-in/first-time").get_data(as_text=True)


@pytest.mark.parametrize(
    ("claims", "believed"),
    [
        ({"email": "a@gmail.com", "email_verified": True}, True),
        ({"email": "a@fern.example", "email_verified": True, "hd": "fern.example"}, True),
        ({"email": "a@elsewhere.example", "email_verified": True}, False),
        ({"email": "a@gmail.com", "email_verified": False}, False),
    ],
)
def test_google_speaks_for_its_own_mailboxes(
    client, preset_at, stand_in: StandIn, claims: dict, believed: bool
) -> None:
    preset_at("google")
    stand_in.claims = claims
    assert come(client, stand_in).location == "/sign-in/first-time"
    assert offers_an_account(client) is believed


@pytest.mark.parametrize(
    ("house", "inside"),
    [("fern.example", True), ("kettle.example", True), ("evil.example", False), (None, False)],
)
def test_a_workspace_lets_its_own_domains_in(
    client, preset_at, stand_in: StandIn, house: str | None, inside: bool
) -> None:
    link_to = preset_at("workspace", domains="fern.example kettle.example")
    member = make_member()
    LinkedAccount.create(member=member, provider=link_to, issuer=stand_in.issuer, subject="alice")
    stand_in.claims = {"hd": house} if house else {}
    there = away(client)
    assert parse_qs(urlsplit(there).query)["hd"] == ["*"]
    answer = client.get("/sign-in/with/one/back?" + urlencode(stand_in.sign(there)))
    assert (Session.select().count() == 1) is inside
    assert inside or "not of the organisation" in words(answer)


def test_microsoft_names_the_tenant_of_each_account(client, preset_at, stand_in: StandIn) -> None:
    preset_at("entra", "/{tenant}/v2.0", tenant="common")
    stand_in.path = "/{tenantid}/v2.0"
    stand_in.claims = {"iss": f"{stand_in.issuer}/{TENANT}/v2.0", "tid": TENANT}
    assert come(client, stand_in).location == "/sign-in/first-time"
    stand_in.claims["tid"] = OTHER
    assert "did not check" in words(come(client, stand_in))
    stand_in.claims["tid"] = "{tenantid}"
    assert "did not check" in words(come(client, stand_in))


def test_one_tenant_of_microsoft_is_one_tenant(client, preset_at, stand_in: StandIn) -> None:
    preset_at("entra", "/{tenant}/v2.0", tenant="fern.example")
    stand_in.path = f"/{TENANT}/v2.0"
    stand_in.claims = {"tid": TENANT}
    assert come(client, stand_in).location == "/sign-in/first-time"
    stand_in.claims = {"iss": f"{stand_in.issuer}/{OTHER}/v2.0", "tid": OTHER}
    assert "did not check" in words(come(client, stand_in))


@pytest.mark.parametrize(("checked", "believed"), [(None, False), (False, False), (True, True)])
def test_microsofts_address_counts_where_the_domain_was_checked(
    client, preset_at, stand_in: StandIn, checked: bool | None, believed: bool
) -> None:
    preset_at("entra", "/{tenant}/v2.0", tenant=TENANT)
    stand_in.path = f"/{TENANT}/v2.0"
    stand_in.claims = {"email": "ceo@victim.example", "email_verified": True}
    if checked is not None:
        stand_in.claims["xms_edov"] = checked
    come(client, stand_in)
    assert offers_an_account(client) is believed


def test_slack_is_asked_and_answers(client, preset_at, stand_in: StandIn) -> None:
    preset_at("slack")
    stand_in.claims = {"email": "alice@example.com", "email_verified": True, "name": "Alice"}
    come(client, stand_in)
    assert client.post("/sign-in/first-time").location == "/"
    assert Member.get().name == "Alice"


def test_apple_posts_its_answer_and_the_browser_comes_for_it(
    client, preset_at, stand_in: StandIn
) -> None:
    key = new_key()
    preset_at("apple", secret=key, team="TEAM123456", key_id="KEY1234567")
    stand_in.claims = APPLE
    stand_in.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    there = away(client, next="/account/orders")
    asked = parse_qs(urlsplit(there).query)
    assert (asked["response_mode"], asked["scope"]) == (["form_post"], ["openid name email"])
    user = json.dumps({"name": {"firstName": "Alice", "lastName": "Janssens"}})
    sent = stand_in.sign(there, user=user)
    posted = client.application.test_client().post(  # without the shop's cookies, as browsers do
        "/sign-in/with/one/back", data=sent, csrf=False, headers={"Sec-Fetch-Site": "cross-site"}
    )
    state = urlencode({"state": sent["state"]})
    assert (posted.status_code, posted.location) == (303, f"/sign-in/with/one/back?{state}")
    assert client.get(posted.location).location == "/sign-in/first-time"
    assert client.post("/sign-in/first-time").location == "/account/orders"
    assert (Member.get().name, EmailAddress.get().address) == ("Alice Janssens", APPLE["email"])
    secret = stand_in.asked[-1]["client_secret"]
    token = jwt.decode(secret, ECKey.import_key(key), algorithms=["ES256"])
    assert token.header["kid"] == "KEY1234567"
    assert (token.claims["iss"], token.claims["sub"]) == ("TEAM123456", "fern-and-kettle")
    assert token.claims["aud"] == "https://appleid.apple.com"


def test_apples_answer_is_nothing_to_another_browser(
    app, client, preset_at, stand_in: StandIn
) -> None:
    provider = preset_at("apple", secret=new_key(), team="TEAM123456", key_id="KEY1234567")
    link(make_member(), provider)
    sent = stand_in.sign(away(client))
    posted = client.post("/sign-in/with/one/back", data=sent, csrf=False)
    assert app.test_client().get(posted.location).status_code == 403
    again = client.post("/sign-in/with/one/back", data=sent, csrf=False)
    assert again.status_code == 403
    assert Session.select().count() == 0


def test_who_stops_at_apple_comes_back_to_the_door(client, preset_at, stand_in: StandIn) -> None:
    preset_at("apple", secret=new_key(), team="TEAM123456", key_id="KEY1234567")
    state = stand_in.sign(away(client))["state"]
    sent = {"state": state, "error": "user_cancelled_authorize"}
    posted = client.post("/sign-in/with/one/back", data=sent, csrf=False)
    assert words(client.get(posted.location)) == "You stopped at Tandem. Nothing was changed."


@pytest.mark.parametrize("sent", [{}, {"state": "nonsense", "code": "x"}, {"code": "x"}])
def test_a_post_that_nobody_waits_for_is_refused(
    client, preset_at, stand_in: StandIn, sent: dict
) -> None:
    preset_at("apple", secret=new_key(), team="TEAM123456", key_id="KEY1234567")
    assert client.post("/sign-in/with/one/back", data=sent, csrf=False).status_code == 403


def test_only_a_provider_that_posts_may_post(client, preset_at, stand_in: StandIn) -> None:
    preset_at("google")
    sent = stand_in.sign(away(client))
    assert client.post("/sign-in/with/one/back", data=sent, csrf=False).status_code == 403


def test_a_key_whose_lines_ran_together_is_put_right() -> None:
    key = new_key()
    assert plain_key(" ".join(key.split("\n"))) == key
    assert plain_key("nonsense") is None
    assert plain_key("-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----") is None


def test_the_owner_types_what_each_preset_asks(app, sign_in, preset_at, stand_in: StandIn) -> None:
    preset_at("apple", secret=new_key(), team="TEAM123456", key_id="KEY1234567")
    Provider.delete().execute()
    owner = sign_in(make_member("Marit De Smet", role="owner"))
    typed = {"preset": "apple", "name": "Apple", "client_id": "example.fern", "secret": "no key"}
    page = owner.post("/staff/settings/providers", data={**typed, "team": "x", "key_id": "y"})
    assert page.status_code == 422
    assert "3 things to correct" in page.get_data(as_text=True)
    key = new_key()
    right = {**typed, "team": "team123456", "key_id": "KEY1234567", "secret": key}
    assert owner.post("/staff/settings/providers", data=right).status_code == 303
    provider = Provider.get()
    assert (provider.options["team"], secret_of(provider)) == ("TEAM123456", key)


def test_what_cannot_prove_anew_is_no_fresh_proof(client, preset_at, stand_in: StandIn) -> None:
    member, provider = make_member(), preset_at("google")
    LinkedAccount.create(member=member, provider=provider, issuer=stand_in.issuer, subject="alice")
    assert come(client, stand_in).location == "/"
    before = Session.get().proved_at
    assert "Go on with Tandem" not in client.get("/sign-in?again=1").get_data(as_text=True)
    answer = client.post("/sign-in/with/one")
    assert answer.status_code == 403
    assert "this is no fresh proof" in words(answer)
    assert Session.get().proved_at == before
