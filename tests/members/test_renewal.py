"""Whoever changes a way in goes on with a new session token: a copy of the old one is dead."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from authenticator import Authenticator as Phone
from authenticator import add_passkey, proof
from coming import at_once, come, rolled_back
from factories import make_member
from flask import Flask, session

from portal.factors import authenticators
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.members import kinds, staff
from portal.members.models import Authenticator, Member, OneTimeLink, Passkey, Session
from portal.members.renewal import CHANGES
from portal.providers.models import LinkedAccount, Provider
from portal.shop.models import change_settings

SECURITY = "/account/security"
GOOD = "zebra tulip ladder cobalt"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member of a shop that has passwords; the address reaches her."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com")
    for email in alice.emails:
        email.verify()
    return alice


def is_in(client: Any) -> bool:
    """Whether the browser is signed in."""
    return bool(client.get(SECURITY).status_code == 200)


def add_app(client: Any, member: Member) -> None:
    """An authenticator app and its first code."""
    app = authenticators.begin(member)
    code = pyotp.TOTP(authenticators.secret(app)).at(now().replace(tzinfo=UTC))
    client.post(f"{SECURITY}/second-factor/app/{app.id}", data={"code": code})
    assert Authenticator.get().confirmed_at


def remove_app(client: Any, _member: Member) -> None:
    """The app goes again."""
    client.post(f"{SECURITY}/second-factor/app/{Authenticator.get().id}/remove")
    assert Authenticator.select().count() == 0


def set_password(client: Any, _member: Member) -> None:
    """Set or change the password."""
    assert client.post(f"{SECURITY}/password", data={"password": GOOD}).status_code == 303


def remove_password(client: Any, _member: Member) -> None:
    """Take it away."""
    assert client.post(f"{SECURITY}/password/remove").status_code == 303


def add_mail(client: Any, _member: Member) -> None:
    """Codes by mail beside the password."""
    assert client.post(f"{SECURITY}/second-factor/mail").status_code == 303


def remove_mail(client: Any, _member: Member) -> None:
    """No more of them."""
    assert client.post(f"{SECURITY}/second-factor/mail/remove").status_code == 303


def make_codes(client: Any, _member: Member) -> None:
    """Ten recovery codes."""
    assert client.post(f"{SECURITY}/recovery-codes").status_code == 200


def make_passkey(client: Any, _member: Member) -> None:
    """A passkey."""
    assert add_passkey(client, Phone()).status_code == 303


def remove_passkey(client: Any, _member: Member) -> None:
    """That passkey goes again."""
    client.post(f"{SECURITY}/passkeys/{Passkey.get().id}/remove")
    assert Passkey.select().count() == 0


def unlink(client: Any, _member: Member) -> None:
    """An account elsewhere opens this one no more."""
    client.post(f"{SECURITY}/linked/{LinkedAccount.get().id}/unlink")
    assert LinkedAccount.select().count() == 0


DEEDS = [
    [add_app, remove_app],
    [set_password, add_mail, remove_mail, set_password, remove_password],
    [make_codes],
    [make_passkey, remove_passkey],
    [unlink],
]


@pytest.mark.parametrize("deeds", DEEDS, ids=lambda deeds: deeds[0].__name__)
def test_each_change_of_a_way_in_kills_the_old_token(
    app: Flask, alice: Member, sign_in, deeds: list[Callable[[Any, Member], None]]
) -> None:
    provider = Provider.create(
        key="elsewhere",
        preset="oidc",
        name="Elsewhere",
        issuer="https://id.example",
        client_id="c",
        enabled=True,
    )
    LinkedAccount.create(member=alice, provider=provider, issuer="https://id.example", subject="1")
    client = sign_in(alice)
    session = Session.get()
    for deed in deeds:
        stolen = app.test_client()
        stolen.set_cookie("session", client.get_cookie("session").value)
        before = Session.get_by_id(session.id).token_hash
        deed(client, Member.get_by_id(alice.id))
        assert Session.get_by_id(session.id).token_hash != before
        assert (is_in(client), is_in(stolen)) == (True, False)
    assert Session.select().count() == 1


def test_every_kind_that_renews_is_one_that_is_recorded(app: Flask) -> None:
    assert sorted(CHANGES - set(kinds.names())) == []


def test_a_deed_that_is_rolled_back_renews_nothing(app: Flask, alice: Member) -> None:
    token = Session.start(alice, device="Firefox on Linux", method="code")
    with app.test_request_context("/"):
        session["_user_id"] = token
        with pytest.raises(ZeroDivisionError):
            rolled_back(alice, "password.set")
        assert session["_user_id"] == token
        with write_tx():
            alice.record("password.set")
            alice.record("passkey.added", label="x")
        assert session["_user_id"] != token


def test_what_others_do_renews_nobody_elses_token(app: Flask, alice: Member, sign_in) -> None:
    hers, his = sign_in(alice), sign_in(make_member("Bob Maes"))
    before = Session.get(Session.member == alice).token_hash
    set_password(his, alice)
    assert Session.get(Session.member == alice).token_hash == before
    assert is_in(hers)


def test_a_renewed_session_is_the_same_one(app: Flask, alice: Member) -> None:
    client = come(app, alice)
    session = Session.get()
    session.rename("my laptop")
    set_password(client, alice)
    after = Session.get()
    assert (after.id, after.name, after.created_at, after.browser_hash) == (
        session.id, "my laptop", session.created_at, session.browser_hash,
    )  # fmt: skip


def test_an_ended_session_is_not_renewed(app: Flask, alice: Member) -> None:
    Session.start(alice, device="Firefox on Linux", method="code")
    session = Session.get()
    assert Session.renew(session.id) is not None
    session.end()
    assert Session.renew(session.id) is None


def test_of_sixteen_renewals_at_once_one_token_works(app: Flask, alice: Member) -> None:
    Session.start(alice, device="Firefox on Linux", method="code")
    session = Session.get()
    tokens = at_once(app, [lambda: Session.renew(session.id)] * 16)
    clients = []
    for token in tokens:
        clients.append(app.test_client())
        with clients[-1].session_transaction() as cookie:
            cookie["_user_id"] = token
    assert [is_in(client) for client in clients].count(True) == 1


def test_a_fresh_proof_makes_a_new_session_with_the_same_name_and_place(
    app: Flask, alice: Member, tmp_path
) -> None:
    client, phone = come(app, alice), Phone()
    add_passkey(client, phone)
    Session.update(name="my laptop").execute()
    old = app.test_client()
    old.set_cookie("session", client.get_cookie("session").value)
    with time_machine.travel(now() + timedelta(hours=1)):
        assert client.post(f"{SECURITY}/password/remove").location.startswith("/sign-in?again=1")
        client.post("/sign-in/passkey", data=proof(client, phone))
        first, second = Session.select().order_by(Session.id)
        assert (first.ended_at is None, second.ended_at is None) == (False, True)
        assert (second.name, second.place, second.browser_hash) == (
            "my laptop", first.place, first.browser_hash,
        )  # fmt: skip
        assert (is_in(client), is_in(old)) == (True, False)
        assert client.post(f"{SECURITY}/recovery-codes").status_code == 200


def test_a_role_given_or_taken_ends_what_was_open(app: Flask, alice: Member, sign_in) -> None:
    before = sign_in(alice)
    staff.add_staff("alice@example.com", "agent")
    assert not is_in(before)
    Passkey.create(member=alice, credential_id="c", public_key=b"k", label="x")
    during = sign_in(Member.get_by_id(alice.id))
    assert is_in(during)
    staff.remove_staff("alice@example.com")
    assert not is_in(during)


def test_others_are_offered_to_be_ended_after_a_change(app: Flask, alice: Member, sign_in) -> None:
    other, client = sign_in(alice), sign_in(alice)
    assert "You changed how you come in" not in client.get(SECURITY).get_data(as_text=True)
    make_passkey(client, alice)
    page = client.get(SECURITY).get_data(as_text=True)
    assert "One other browser is still signed in from before. Is it yours?" in page
    later = sign_in(alice)  # came in by what counts now
    assert client.post(f"{SECURITY}/sessions/end").status_code == 303
    assert [is_in(each) for each in (client, other, later)] == [True, False, False]
    assert "You changed how you come in" not in client.get(SECURITY).get_data(as_text=True)


def test_the_offer_ends_after_ten_minutes(app: Flask, alice: Member, sign_in) -> None:
    sign_in(alice)
    client = sign_in(alice)
    make_passkey(client, alice)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert "You changed how you come in" not in client.get(SECURITY).get_data(as_text=True)


def test_a_password_set_or_a_factor_added_ends_the_others_at_once(
    app: Flask, alice: Member, sign_in
) -> None:
    for deed in (set_password, add_app):
        other, client = sign_in(alice), sign_in(alice)
        deed(client, Member.get_by_id(alice.id))
        assert (is_in(client), is_in(other)) == (True, False)


def test_a_link_that_is_used_leaves_no_copy_of_the_earlier_token(app: Flask, alice: Member) -> None:
    client = come(app, alice)
    old = client.get_cookie("session").value
    come(app, alice, client=client)
    copy = app.test_client()
    copy.set_cookie("session", old)
    assert (is_in(client), is_in(copy)) == (True, False)
    assert OneTimeLink.select().where(OneTimeLink.used_at.is_null()).count() == 0
