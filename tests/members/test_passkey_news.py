"""Pages carry what the browser is told about passkeys: what is unknown, accepted, and whose."""

import json
import re
from html import unescape

import pytest
from authenticator import Authenticator, add_passkey, proof
from factories import make_member
from flask import Flask
from webauthn.helpers import bytes_to_base64url

from portal.members.models import EmailAddress, Member, Passkey

PAGE = "/account/security/passkeys"


@pytest.fixture
def alice(app: Flask) -> Member:
    """Somebody with an address."""
    return make_member(email="alice@example.com")


def news(page: str) -> dict[str, dict]:
    """The calls on a page, by the end of their names."""
    found = re.findall(r'data-passkey-signal="(\w+)" data-options="([^"]*)"', page)
    assert bool(found) == ("passkey-news." in page)
    return {name: json.loads(unescape(options)) for name, options in found}


def read(client, where: str) -> dict[str, dict]:
    """The same of a page to fetch."""
    return news(client.get(where).get_data(as_text=True))


def test_an_unknown_passkey_is_named_to_the_browser_that_sent_it(
    app: Flask, client, sign_in, alice: Member
) -> None:
    key = Authenticator()
    add_passkey(sign_in(alice), key)
    Passkey.delete().execute()
    answer = client.post("/sign-in/passkey", data=proof(client, key))
    assert answer.status_code == 422
    assert news(answer.get_data(as_text=True)) == {
        "UnknownCredential": {"rpId": "localhost", "credentialId": bytes_to_base64url(key.id)}
    }


def test_a_known_passkey_that_is_refused_is_not_called_unknown(
    client, sign_in, alice: Member
) -> None:
    key = Authenticator()
    add_passkey(sign_in(alice), key)
    key.origin = "http://evil.example"
    answer = client.post("/sign-in/passkey", data=proof(client, key))
    assert (answer.status_code, news(answer.get_data(as_text=True))) == (422, {})


@pytest.mark.parametrize(
    "sent", ["{}", "null", "x", '{"id": 7}', '{"id": ""}', '{"id": "<script>"}', '{"id": "\\"\'"}']
)
def test_garbage_is_not_sent_back(client, sent: str) -> None:
    options = client.post("/sign-in/passkey/options").json
    data = {"challenge_id": options["challenge_id"], "credential": sent}
    page = client.post("/sign-in/passkey", data=data).get_data(as_text=True)
    told = news(page).get("UnknownCredential", {}).get("credentialId", "")
    assert re.fullmatch(r"[A-Za-z0-9_-]*", told)


def test_the_page_of_passkeys_tells_which_are_accepted_and_whose(sign_in, alice: Member) -> None:
    client, keys = sign_in(alice), [Authenticator(), Authenticator()]
    assert read(client, PAGE) == {}
    for key in keys:
        add_passkey(client, key)
    who = {"rpId": "localhost", "userId": bytes_to_base64url(keys[0].handle)}
    accepted = [bytes_to_base64url(key.id) for key in keys]
    assert read(client, PAGE) == {
        "AllAcceptedCredentials": {**who, "allAcceptedCredentialIds": accepted},
        "CurrentUserDetails": {
            **who, "name": "alice@example.com", "displayName": "Alice Janssens",
        },
    }  # fmt: skip
    client.post(f"{PAGE}/{Passkey.get().id}/remove")
    told = read(client, PAGE)["AllAcceptedCredentials"]["allAcceptedCredentialIds"]
    assert told == accepted[1:]
    client.post(f"{PAGE}/{Passkey.get().id}/remove")
    assert read(client, PAGE) == {"AllAcceptedCredentials": {**who, "allAcceptedCredentialIds": []}}


@pytest.mark.parametrize("where", ["/account/security", "/account/profile", "/account/email"])
def test_a_new_name_and_a_new_address_reach_the_password_manager(
    sign_in, alice: Member, where: str
) -> None:
    client = sign_in(alice)
    assert read(client, where) == {}
    add_passkey(client, Authenticator())
    Member.update(name='Ali "<b>" Janssens').where(Member.id == alice.id).execute()
    EmailAddress.update(address="new@example.com", folded="new@example.com").execute()
    told = read(client, where)["CurrentUserDetails"]
    assert (told["name"], told["displayName"]) == ("new@example.com", 'Ali "<b>" Janssens')


def test_nobody_else_reads_what_is_accepted(sign_in, alice: Member) -> None:
    add_passkey(sign_in(alice), Authenticator())
    assert read(sign_in(make_member("Bob Maes")), PAGE) == {}
