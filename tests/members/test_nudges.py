"""A passkey is offered after a sign-in, a second one too, and whoever puts it off is left alone."""

from datetime import timedelta

import pytest
import time_machine
from authenticator import BE, BS, Authenticator, add_passkey, proof
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.models import Member, Passkey

OFFER = "/sign-in/offer?next=/account/activity"


@pytest.fixture
def alice(app: Flask) -> Member:
    """Somebody with an address."""
    return make_member(email="alice@example.com")


@pytest.fixture
def key() -> Authenticator:
    """A phone."""
    return Authenticator()


def come_by_code(client, **more: str):
    """Sign in with a mailed code; where that leads."""
    client.post("/sign-in/code", data={"email": "alice@example.com"})
    code = Mail.select().where(Mail.kind == "sign_in_code").order_by(Mail.id.desc()).get().secret()
    data = {"code": code, "next": "/account/activity", **more}
    return client.post("/sign-in/code/enter", data=data).location


def come_by_passkey(client, key: Authenticator):
    """Sign in with a passkey; where that leads."""
    sent = {**proof(client, key), "next": "/account/activity"}
    return client.post("/sign-in/passkey", data=sent).location


def put_off(app: Flask, how: dict[str, str], sign_in, alice: Member) -> str:
    """Answer the offer; the notice on the next page."""
    client = sign_in(alice)
    answer = client.post("/sign-in/offer/later", data={"next": "/account/activity", **how})
    assert answer.location == "/account/activity"
    return client.get("/account/activity").get_data(as_text=True)


def test_a_passkey_is_offered_after_a_code(client, alice: Member) -> None:
    assert come_by_code(client) == OFFER
    page = client.get(OFFER).get_data(as_text=True)
    assert "You are in. Next time without a code?" in page
    assert "Not now, ask again in a month" in page


def test_a_browser_without_scripts_is_not_offered_what_it_cannot_do(client, alice) -> None:
    client.post("/sign-in/code", data={"email": "alice@example.com"})
    page = client.get("/sign-in/code/enter").get_data(as_text=True)
    assert '<noscript><input type="hidden" name="passkeys" value="no"></noscript>' in page
    assert come_by_code(client, passkeys="no") == "/account/activity"


@pytest.mark.parametrize(
    ("how", "until", "asked"),
    [
        ({"again": "day"}, timedelta(hours=23), timedelta(hours=25)),
        ({"again": "month"}, timedelta(days=29), timedelta(days=31)),
        ({}, timedelta(days=29), timedelta(days=31)),
    ],
)
def test_whoever_puts_it_off_is_asked_again_then(
    app: Flask, sign_in, alice: Member, how: dict[str, str], until: timedelta, asked: timedelta
) -> None:
    assert "A passkey is offered again from" in put_off(app, how, sign_in, alice)
    with time_machine.travel(now() + until):
        assert come_by_code(app.test_client()) == "/account/activity"
    with time_machine.travel(now() + asked):
        assert come_by_code(app.test_client()) == OFFER


def test_never_is_never(app: Flask, sign_in, alice: Member) -> None:
    page = put_off(app, {"again": "never"}, sign_in, alice)
    assert "No passkey is offered any more." in page
    with time_machine.travel(now() + timedelta(days=3000)):
        assert come_by_code(app.test_client()) == "/account/activity"


def test_garbage_puts_off_for_a_month(app: Flask, sign_in, alice: Member) -> None:
    put_off(app, {"again": "\0soon"}, sign_in, alice)
    assert timedelta(days=29) < Member.get_by_id(alice.id).nudge_after - now() < timedelta(days=31)


def test_who_only_shows_once_more_who_they_are_is_not_asked(sign_in, alice: Member) -> None:
    assert come_by_code(sign_in(alice)) == "/account/activity"


def test_the_offer_makes_a_passkey(sign_in, alice: Member, key: Authenticator) -> None:
    assert add_passkey(sign_in(alice), key, "/sign-in/offer").location == "/"
    assert Passkey.get().member == alice


def test_a_second_one_is_offered_when_the_only_one_is_on_one_device(
    app: Flask, sign_in, alice: Member, key: Authenticator
) -> None:
    add_passkey(sign_in(alice), key)
    assert come_by_passkey(app.test_client(), key) == "/account/activity"  # not on the same day
    with time_machine.travel(now() + timedelta(days=2)):
        client = app.test_client()
        assert come_by_passkey(client, key) == OFFER
        page = client.get(OFFER).get_data(as_text=True)
        assert "You are in. What if this device is lost?" in page
        assert add_passkey(client, Authenticator(), "/sign-in/offer").status_code == 303
        assert come_by_passkey(app.test_client(), key) == "/account/activity"
        assert client.get(OFFER).location == "/account/activity"


def test_the_second_one_is_put_off_as_the_first(app: Flask, sign_in, alice: Member, key) -> None:
    add_passkey(sign_in(alice), key)
    put_off(app, {"again": "month"}, sign_in, alice)
    with time_machine.travel(now() + timedelta(days=20)):
        assert come_by_passkey(app.test_client(), key) == "/account/activity"


def test_a_synced_passkey_is_enough(app: Flask, sign_in, alice: Member, key) -> None:
    key.flags |= BE | BS
    client = sign_in(alice)
    add_passkey(client, key)
    with time_machine.travel(now() + timedelta(days=2)):
        assert come_by_passkey(app.test_client(), key) == "/account/activity"
        assert come_by_code(app.test_client()) == "/account/activity"
    assert client.get(OFFER).location == "/account/activity"
