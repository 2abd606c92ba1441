"""The head of the security page says what opens the account, and nothing that is not so."""

from collections.abc import Callable

import pytest
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.members import openings
from portal.members.models import (
    Authenticator,
    Member,
    Passkey,
    Password,
    PhoneNumber,
    SentFactor,
)
from portal.members.openings import Opening
from portal.providers.models import LinkedAccount, Provider
from portal.shop.models import change_settings


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test here has its own shop, with every way in."""
    change_settings(passwords=True, phone_sign_in=True)


def passkey(member: Member) -> None:
    """One more passkey."""
    count = Passkey.select().count()
    Passkey.create(member=member, credential_id=f"{count}", public_key=b"", label="phone")


def password(member: Member) -> None:
    """A password."""
    Password.create(member=member, hash="x")


def app_code(member: Member) -> None:
    """An authenticator app."""
    Authenticator.create(member=member, sealed="", label="app", confirmed_at=now())


def mail_code(member: Member) -> None:
    """A mailed code as the second step."""
    SentFactor.create(member=member, channel="mail")


def link(member: Member) -> None:
    """An account at Tandem."""
    provider = Provider.create(key="t", preset="oidc", name="Tandem", client_id="c")
    LinkedAccount.create(member=member, provider=provider, issuer="i", subject="s")


OFF = "Two-step verification is off."


@pytest.mark.parametrize(
    ("has", "headline", "explanation"),
    [
        ([], "A mailed code opens your account.",
         f"A passkey is quicker, and nobody can guess it. {OFF}"),
        ([passkey], "A passkey or a mailed code opens your account.",
         f"Each is enough alone. {OFF}"),
        ([password], "A mailed code or your password opens your account.",
         f"A passkey is quicker, and nobody can guess it. {OFF}"),
        ([passkey, password, link], "4 ways open your account.",
         f"A passkey, a mailed code, your password or Tandem: each is enough alone. {OFF}"),
        ([app_code], "Two steps open your account.",
         "Two-step verification is on: first a mailed code, then a code from your app."),
        ([passkey, password, app_code],
         "A passkey opens your account; anything else takes two steps.",
         "Two-step verification is on: first a mailed code or your password, then a code from "
         "your app."),
        ([password, mail_code], "Two steps open your account.",
         "Two-step verification is on: your password and a mailed code are asked together."),
    ],
)  # fmt: skip
def test_the_headline_tells_what_opens_the_account(
    sign_in, has: list[Callable[[Member], None]], headline: str, explanation: str
) -> None:
    alice = make_member()
    for give in has:
        give(alice)
    assert openings.tell(alice) == Opening(headline, explanation)
    page = sign_in(alice).get("/account/security").get_data(as_text=True)
    assert f"<h1>{headline}</h1>\n<p>{explanation}</p>" in page


def test_without_an_address_the_passkeys_are_counted() -> None:
    alice = make_member(email="")
    passkey(alice)
    assert openings.tell(alice).headline == "One passkey opens your account."
    passkey(alice)
    assert openings.tell(alice).headline == "2 passkeys open your account."
    assert openings.tell(alice).explanation == (
        "There is nothing to remember, and nothing that can be guessed."
    )


def test_whom_nothing_lets_back_in_is_told_so() -> None:
    alice = make_member(email="")
    assert openings.tell(alice).headline == "Nothing opens your account once you sign out."
    assert openings.tell(alice).explanation == "Make a passkey now, so that you can come back."


def test_a_phone_number_is_a_way_in_once_it_is_a_door(app: Flask) -> None:
    app.config["SMS_URL"] = "http://localhost:9"
    alice = make_member(email="")
    number = PhoneNumber.create(member=alice, number="+32470123456", folded="32470123456")
    assert openings.tell(alice).headline == "Nothing opens your account once you sign out."
    PhoneNumber.update(door="32470123456", verified_at=now()).where(
        PhoneNumber.id == number.id
    ).execute()
    assert openings.tell(alice).headline == "A code by text message opens your account."


def test_staff_come_in_with_a_passkey_or_in_two_steps() -> None:
    ines = make_member("Ines Peeters", role="agent")
    assert openings.tell(ines).headline == "Nothing opens your account once you sign out."
    passkey(ines)
    assert openings.tell(ines).headline == "One passkey opens your account."
    assert openings.tell(ines).explanation == (
        "People who run the shop come in with a passkey, or in two steps."
    )
    app_code(ines)
    assert openings.tell(ines).headline == (
        "A passkey opens your account; anything else takes two steps."
    )
