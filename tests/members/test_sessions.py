"""A session is a row: it ends when it is told to, when it idles, and when it is old."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.members.links import make_link
from portal.members.models import Event, Member, Session


def signed_in(client) -> bool:
    """Whether the browser still gets a member's page."""
    return client.get("/account/security").status_code == 200


def test_signing_out_kills_a_copied_cookie_and_clears_the_browser(app: Flask, sign_in) -> None:
    client = sign_in(make_member())
    stolen = client.get_cookie("session").value
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in?out=1")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    thief = app.test_client()
    thief.set_cookie("session", stolen)
    assert thief.get("/account/security").location == "/sign-in?next=/account/security"
    assert "You are signed out." in client.get(answer.location).get_data(as_text=True)


def test_signing_out_by_htmx_leaves_the_page(sign_in) -> None:
    answer = sign_in(make_member()).post("/sign-out", htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/sign-in?out=1")


@pytest.mark.parametrize(
    ("role", "idle", "absolute"),
    [
        (None, timedelta(days=30), timedelta(days=180)),
        ("agent", timedelta(hours=12), timedelta(days=7)),
    ],
)
def test_a_session_ends_after_idling_and_at_its_age(
    sign_in, role: str | None, idle: timedelta, absolute: timedelta
) -> None:
    client = sign_in(make_member(role=role))
    start = now()
    with time_machine.travel(start + idle - timedelta(minutes=1), tick=False):
        assert signed_in(client)
    with time_machine.travel(start + 2 * idle + timedelta(minutes=1), tick=False):
        assert not signed_in(client)
    busy = sign_in(make_member("Bob Maes", role=role))
    moment, step = now(), idle * 0.9
    while moment + step < start + absolute:
        moment += step
        with time_machine.travel(moment, tick=False):
            assert signed_in(busy)
    with time_machine.travel(start + absolute + timedelta(minutes=1), tick=False):
        assert not signed_in(busy)


def test_a_clock_set_back_does_not_lengthen_a_session(sign_in) -> None:
    client = sign_in(make_member())
    with time_machine.travel(now() - timedelta(days=400), tick=False):
        assert not signed_in(client)


def test_a_session_without_its_row_is_nobody(sign_in) -> None:
    client = sign_in(make_member())
    Session.delete().execute()
    assert not signed_in(client)


def test_a_cookie_set_before_signing_in_is_not_signed_in_after(app: Flask, sign_in) -> None:
    alice = make_member()
    client = sign_in(alice)
    before = client.get_cookie("session").value
    token = make_link(alice)
    client.post(f"/sign-in/link/{token}")
    assert client.get_cookie("session").value != before
    old = app.test_client()
    old.set_cookie("session", before)
    assert not signed_in(old)
    assert signed_in(client)


def test_one_session_is_ended_from_another(sign_in) -> None:
    alice = make_member()
    here, there = sign_in(alice), sign_in(alice)
    other = Session.select().order_by(Session.id.desc()).get()
    page = here.get("/account/security").get_data(as_text=True)
    assert page.count("<small>This browser</small>") == 1
    answer = here.post(f"/account/security/sessions/{other.id}/end", htmx=True)
    assert answer.get_data(as_text=True).count('id="sessions"') == 1
    assert "Firefox on Linux is signed out." in answer.get_data(as_text=True)
    assert (signed_in(here), signed_in(there)) == (True, False)


def test_all_others_are_ended_at_once_without_javascript(sign_in) -> None:
    alice = make_member()
    here, *others = [sign_in(alice) for _ in range(4)]
    stranger = sign_in(make_member("Bob Maes"))
    answer = here.post("/account/security/sessions/end")
    assert (answer.status_code, answer.location) == (303, "/account/security")
    assert "3 other browsers are signed out." in here.get(answer.location).get_data(as_text=True)
    assert [signed_in(client) for client in (here, *others, stranger)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert Event.get(Event.kind == "sessions.ended").data == {"count": 3}


def test_nobody_ends_the_session_of_somebody_else(sign_in) -> None:
    alice, bob = make_member(), make_member("Bob Maes")
    hers, his = sign_in(alice), sign_in(bob)
    session = Session.get(Session.member == alice)
    assert his.post(f"/account/security/sessions/{session.id}/end").status_code == 404
    assert signed_in(hers)


def test_a_visit_begins_at_a_sign_in_and_after_a_pause(app: Flask) -> None:
    alice = make_member()
    client = app.test_client()
    client.post(f"/sign-in/link/{make_link(alice)}")
    first = Member.get_by_id(alice.id)
    assert (first.visit_at == first.joined_at, first.last_visit_at) == (True, None)
    with time_machine.travel(now() + timedelta(hours=1)):
        client.get("/account/security")
    second = Member.get_by_id(alice.id)
    assert (second.last_visit_at, second.visit_at > first.visit_at) == (first.visit_at, True)


def test_every_session_is_made_at_the_one_door() -> None:
    portal = Path(__file__).resolve().parents[2] / "portal"
    makers = [
        path.relative_to(portal).as_posix()
        for path in portal.rglob("*.py")
        if re.search(r"\bSession\.start\(|login_user\(", path.read_text("utf-8"))
    ]
    assert makers == ["members/sign_in.py"]
