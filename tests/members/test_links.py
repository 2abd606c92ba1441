"""One-time links: a button on GET, one sign-in on POST, never for staff."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.members import links
from portal.members.models import Member, OneTimeLink, Session


def test_opening_a_link_signs_nobody_in_and_the_button_does(client) -> None:
    make_member(email="alice@example.com")
    token = links.sign_in_link("Alice@Example.com")
    shown = client.get(f"/sign-in/link/{token}")
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert Session.select().count() == 0
    assert client.post(f"/sign-in/link/{token}").location == "/"
    assert client.get("/account/security").status_code == 200
    assert Session.get().method == "link"


def test_a_link_works_once(client, app: Flask) -> None:
    make_member(email="alice@example.com")
    token = links.sign_in_link("alice@example.com")
    client.post(f"/sign-in/link/{token}")
    other = app.test_client()
    assert other.get(f"/sign-in/link/{token}").status_code == 410
    assert other.post(f"/sign-in/link/{token}").status_code == 410
    assert Session.select().count() == 1


def test_a_link_ends_after_ten_minutes_and_when_a_new_one_is_made(client) -> None:
    make_member(email="alice@example.com")
    first = links.sign_in_link("alice@example.com")
    second = links.sign_in_link("alice@example.com")
    assert client.get(f"/sign-in/link/{first}").status_code == 410
    with time_machine.travel(now() + timedelta(seconds=601)):
        assert client.post(f"/sign-in/link/{second}").status_code == 410


def test_sixteen_clicks_on_one_link_make_one_session(app: Flask) -> None:
    make_member(email="alice@example.com")
    token = links.sign_in_link("alice@example.com")

    def race(_number: int) -> bool:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return links.open_link(token) is not None
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(race, range(16))) == [False] * 15 + [True]


def test_staff_and_strangers_get_no_link(app: Flask) -> None:
    make_member("Ines Peeters", email="ines@example.com", role="agent")
    with pytest.raises(links.NoLink, match="sign in with their passkeys only"):
        links.sign_in_link("ines@example.com")
    with pytest.raises(links.NoLink, match="Nobody has the address"):
        links.sign_in_link("nobody@example.com")


def test_a_link_made_before_somebody_became_staff_is_dead(client) -> None:
    alice = make_member(email="alice@example.com")
    token = links.sign_in_link("alice@example.com")
    Member.update(role="agent").where(Member.id == alice.id).execute()
    assert client.post(f"/sign-in/link/{token}").status_code == 410


def test_a_mailed_link_waits_sealed(app: Flask) -> None:
    alice = make_member(email="alice@example.com")
    assert links.mail_link(alice) == "alice@example.com"
    mail = Mail.get()
    token, _line, not_me = mail.secret().partition("\n")
    assert OneTimeLink.find(token, "sign-in").member == alice
    assert token not in f"{mail.text}{mail.html}{mail.sealed}"
    assert OneTimeLink.find(not_me, "not-me").member == alice
    assert f"http://localhost:8000/sign-in/link/{token}" in mail.filled(token)[0]
