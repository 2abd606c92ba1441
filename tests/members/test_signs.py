"""A new device, a new place or a long time away is told by one mail, with a way to say "not me"."""

import re
from datetime import timedelta
from pathlib import Path

import mmdb
import pytest
import time_machine
from coming import SAFARI, at_once, come, kinds, told
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.jobs import forget_sessions
from portal.members.models import Session

NEW_DEVICE = "A new device signed in to your account at Fern & Kettle"
LONG_AWAY = "Somebody signed in to your account at Fern & Kettle after a long time"


@pytest.fixture
def places(app: Flask, tmp_path: Path) -> None:
    """The shop has a file of places."""
    path = tmp_path / "places.mmdb"
    path.write_bytes(
        mmdb.write(
            {
                "81.82.0.0/16": mmdb.place("Ghent", "Belgium"),
                "203.0.113.0/24": mmdb.place("Lyon", "France"),
                "198.51.100.0/24": mmdb.place("Oslo", "Norway"),
            }
        )
    )
    app.config["GEO_DATABASE"] = str(path)


def test_a_browser_is_known_again_by_its_cookie(app: Flask) -> None:
    alice = make_member()
    client = come(app, alice)
    cookie = client.get_cookie("browser")
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", 365 * 86400)
    assert Session.get().browser_hash not in ("", cookie.value)
    come(app, alice, agent=SAFARI, client=client)  # the browser was updated, or says so
    assert kinds(alice) == ["sign_in.done"] * 2
    assert told() == []


def test_signing_out_clears_the_cookie_and_device_and_place_decide(app: Flask) -> None:
    alice = make_member()
    client = come(app, alice)
    assert "cookies" in client.post("/sign-out").headers["Clear-Site-Data"]
    come(app, alice)  # as after Clear-Site-Data: without any cookie
    assert told() == []
    come(app, alice, agent=SAFARI)
    assert told() == [NEW_DEVICE]


def test_the_same_browser_at_another_place_is_a_new_device(app: Flask, places) -> None:
    alice = make_member()
    home = come(app, alice, at="81.82.1.1")
    come(app, alice, at="81.82.9.9")  # the same town, no cookie
    assert told() == []
    come(app, alice, at="203.0.113.5", client=home)  # on the road, with its cookie
    assert told() == []
    come(app, alice, at="198.51.100.1")
    assert told() == [NEW_DEVICE]
    mail = Mail.select().where(Mail.kind == "account_change").get()
    assert "with Firefox on Linux near Oslo, Norway, on " in mail.text
    assert "/not-me/" in mail.text
    come(app, alice, at="192.0.2.1")  # the shop's file knows no place for it
    assert told() == [NEW_DEVICE] * 2


def test_a_device_that_was_not_seen_for_a_year_is_new_again(app: Flask) -> None:
    alice = make_member()
    client = come(app, alice)
    other = come(app, alice, agent=SAFARI)
    assert told() == [NEW_DEVICE]
    with time_machine.travel(now() + timedelta(days=200)):
        come(app, alice, agent=SAFARI, client=other)
    with time_machine.travel(now() + timedelta(days=366)):
        forget_sessions.call_local()
        come(app, alice, client=client)
    assert told() == [NEW_DEVICE, LONG_AWAY, NEW_DEVICE]


def test_a_sign_in_after_half_a_year_is_told_once(app: Flask) -> None:
    alice = make_member()
    client = come(app, alice)
    with time_machine.travel(now() + timedelta(days=179)):
        come(app, alice, client=client)
    assert told() == []
    with time_machine.travel(now() + timedelta(days=179 + 181)):
        come(app, alice, client=client)
        come(app, alice, client=client)
    assert told() == [LONG_AWAY]
    assert "Nobody had for 6 months." in Mail.get(Mail.kind == "account_change").text


def test_what_was_here_before_this_was_not_me_is_known_no_more(app: Flask) -> None:
    alice = make_member()
    come(app, alice)
    thief = come(app, alice, agent=SAFARI)
    mail = Mail.get(Mail.kind == "account_change")
    token = re.search(r"/not-me/(\S+)", mail.filled(mail.secret())[0])[1]
    app.test_client().post(f"/not-me/{token}")
    Mail.delete().execute()
    come(app, alice, agent=SAFARI, client=thief)
    assert told() == [NEW_DEVICE]


def test_a_garbled_cookie_of_a_browser_is_replaced(app: Flask) -> None:
    alice = make_member()
    for value in ("", "short", "x" * 44, "ä" * 43):
        client = app.test_client()
        client.set_cookie("browser", value)
        come(app, alice, client=client)
        assert re.fullmatch(r"[\w-]{43}", client.get_cookie("browser").value, re.ASCII)
    assert len({session.browser_hash for session in Session.select()}) == 4


def test_pages_and_failures_set_no_cookie_of_the_browser(app: Flask) -> None:
    client = app.test_client()
    client.get("/sign-in")
    client.post("/sign-in/link/nonsense")
    assert client.get_cookie("browser") is None


def test_sixteen_sign_ins_at_once_are_told_by_one_mail(app: Flask) -> None:
    alice = make_member()
    come(app, alice)
    at_once(app, [lambda: come(app, alice, SAFARI)] * 16)
    assert sorted(kinds(alice)) == ["sign_in.done"] * 16 + ["sign_in.new_device"]
    assert told() == [NEW_DEVICE]
