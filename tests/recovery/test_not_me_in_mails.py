"""Each mail about a way into an account says what to press when it was not its reader."""

from pathlib import Path
from typing import Any

import pytest
from factories import make_member
from flask import Flask
from outbox import link

from portal.factors import sent
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.members import links
from portal.members.models import Member, Session
from portal.recovery import slow

MAILS = Path(__file__).resolve().parents[2] / "templates/mail"
#: What carries the link, and what does not, with the reason.
WITH = {
    "account_change", "account_link", "provider_code", "second_code",
    "sign_in_link",
}  # fmt: skip
WITHOUT = {
    "sign_in_code": "the first step: without the code nothing happened to the account",
    "sign_in_staff": "nothing happened to the account",
    "sign_in_unknown": "nobody has the address",
    "join_confirm": "no account yet",
    "join_known": "as sign_in_code",
    "join_other": "nothing happened",
    "invitation": "no way in was used",
    "account_closed": "there is nothing left to freeze",
    "welcome": "the first visit: it says whom to write to",
    "claim_code": "of an order, for an address that may be no member's",
    "order_link": "of an order, without an account",
    "order_unknown": "of no order",
    "orders_claimed": "of an order, for an address that may be no member's",
    "password_reminder": "nothing changed",
    "import_done": "about the shop's work",
    "self_check": "about the shop's work",
    "letter": "words of the shop",
    "way_ended": "a decision of the shop about everybody",
    "standing": "a decision of the shop",
}


def test_every_mail_is_on_one_of_the_two_lists() -> None:
    there = {path.stem for path in MAILS.glob("*.txt")} - {"_layout"}
    assert sorted(there - WITH - set(WITHOUT)) == []
    assert sorted((WITH | set(WITHOUT)) - there) == []


@pytest.mark.parametrize("name", sorted(WITH))
def test_text_and_html_have_the_link(name: str) -> None:
    for ending in ("txt", "html"):
        text = (MAILS / f"{name}.{ending}").read_text("utf-8")
        assert "/not-me/" in text


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member who can be mailed, with one open session."""
    alice = make_member(email="alice@example.com")
    Session.start(alice, device="Firefox on Linux", method="code")
    return alice


def press(app: Flask, token: str) -> Any:
    """Somebody without a session presses the button."""
    client: Any = app.test_client()
    assert client.get(token).status_code == 200
    return client.post(token).status_code


def test_the_link_beside_a_second_code_freezes(app: Flask, alice: Member) -> None:
    sent.mail_code(alice, "K7QM4T")
    text = Mail.get().filled(Mail.get().secret())[0]
    assert "Your second code is K7QM4T\n" in text
    assert press(app, link("alice@example.com", "/not-me/")) == 200
    assert (Member.get().frozen_at is None, Session.live(alice).count()) == (False, 0)


def test_the_link_beside_a_sign_in_link_freezes(app: Flask, alice: Member) -> None:
    links.mail_link(alice)
    assert press(app, link("alice@example.com", "/not-me/")) == 200
    assert app.test_client().post(link("alice@example.com", "/sign-in/link/")).status_code == 410


def test_the_link_beside_stop_it_freezes_and_stops_the_recovery(
    app: Flask, alice: Member, client: Any
) -> None:
    client.post("/recover", data={"email": "alice@example.com"})
    run_waiting()
    client.post(link("alice@example.com", "/recover/way/"))
    assert link("alice@example.com", "/recover/stop/")
    assert press(app, link("alice@example.com", "/not-me/")) == 200
    assert slow.of(Member.get_by_id(alice.id)) is None
