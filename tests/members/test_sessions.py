"""A session is a row: it ends when it is told to, when it idles, and when it is old."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from coming import come, told
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.members.links import make_link
from portal.members.models import Event, Member, Passkey, Session


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
        ("owner", timedelta(hours=12), timedelta(days=7)),
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
    for address in ("/account/security", "/account/security/sessions"):
        page = here.get(address).get_data(as_text=True)
        assert [page.count("<small>This browser"), page.count("Last seen")] == [1, 1]
    answer = here.post(f"/account/security/sessions/{other.id}/end", htmx=True)
    assert answer.get_data(as_text=True).count('id="sessions"') == 1
    assert "Firefox on Linux is signed out." in answer.get_data(as_text=True)
    assert (signed_in(here), signed_in(there)) == (True, False)


def test_all_others_are_ended_at_once_without_javascript(sign_in) -> None:
    alice = make_member()
    here, *others = [sign_in(alice) for _ in range(4)]
    stranger = sign_in(make_member("Bob Maes"))
    answer = here.post("/account/security/sessions/end")
    assert (answer.status_code, answer.location) == (303, "/account/security/sessions")
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


PAGE = "/account/security/sessions"


def text_of(client, address: str = PAGE) -> str:
    """A page as a person reads it: without tags, blanks run together."""
    body = client.get(address).get_data(as_text=True).partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_says_what_is_signed_in_where_since_when_and_how(app: Flask, sign_in) -> None:
    alice = make_member()
    here = sign_in(alice)
    passkey = Passkey.create(
        member=alice, credential_id="c1", public_key=b"k", label="Pocket phone"
    )
    Session.start(
        alice,
        device="Safari on iPhone",
        method="passkey",
        passkey_id=passkey.id,
        place="Ghent, Belgium",
    )
    Session.start(make_member("Bob Maes"), device="Opera on Mac", method="code")
    page = text_of(here)
    assert "2 browsers are signed in to your account." in page
    assert "signed out by itself after 30 days without use, and 180 days after" in page
    assert page.index("Firefox on Linux") < page.index("This browser.") < page.index("Safari")
    assert "Near Ghent, Belgium" in page
    assert "with the passkey “Pocket phone”" in page
    assert "with a mailed code" in page
    assert "Opera" not in page


def test_staff_read_their_own_shorter_limits(sign_in) -> None:
    page = text_of(sign_in(make_member(role="agent")))
    assert "after 12 hours without use, and 7 days after it signed in." in page


def test_a_device_gets_a_name_and_keeps_it_at_the_next_sign_in(app: Flask) -> None:
    alice = make_member()
    client = come(app, alice)
    session = Session.get()
    answer = client.post(f"{PAGE}/{session.id}/name", data={"name": "  The   old laptop "})
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "The old laptop Firefox on Linux This browser." in text_of(client)
    come(app, alice, client=client)
    assert [row.name for row in Session.select().order_by(Session.id)] == ["The old laptop"] * 2
    client.post(f"{PAGE}/{session.id + 1}/name", data={"name": ""})
    assert "The old laptop" not in text_of(client).partition("A year at the door")[0]


@pytest.mark.parametrize("name", ["x" * 81, "a\x07b", "a\0b"])
def test_a_name_that_cannot_be_kept_stays_in_the_form(app: Flask, sign_in, name: str) -> None:
    client = sign_in(make_member())
    session = Session.get()
    answer = client.post(f"{PAGE}/{session.id}/name", data={"name": name})
    assert (answer.status_code, Session.get().name) == (422, "")
    assert '<details class="wide" open>' in answer.get_data(as_text=True)


def test_a_name_is_shown_as_text(sign_in) -> None:
    client = sign_in(make_member())
    client.post(f"{PAGE}/{Session.get().id}/name", data={"name": "<script>alert(1)</script>"})
    body = client.get(PAGE).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body


def test_nobody_names_the_session_of_somebody_else(sign_in) -> None:
    alice = make_member()
    sign_in(alice)
    his = sign_in(make_member("Bob Maes"))
    session = Session.get(Session.member == alice)
    assert his.post(f"{PAGE}/{session.id}/name", data={"name": "Mine"}).status_code == 404
    assert Session.get_by_id(session.id).name == ""


def test_an_ended_session_is_not_named_or_ended_again(sign_in) -> None:
    alice = make_member()
    here, _there = sign_in(alice), sign_in(alice)
    other = Session.select().order_by(Session.id.desc()).get()
    answers = [
        here.post(f"{PAGE}/{other.id}/{deed}").status_code for deed in ("end", "end", "name")
    ]
    assert answers == [303, 404, 404]
    assert told() == ["A session of your account at Fern & Kettle was ended"]


def test_ending_all_others_is_told_by_one_mail(sign_in) -> None:
    alice = make_member()
    here, *_others = [sign_in(alice) for _ in range(3)]
    here.post(f"{PAGE}/end")
    here.post(f"{PAGE}/end")
    assert told() == ["A session of your account at Fern & Kettle was ended"]


def test_a_year_of_sign_ins_is_told_and_no_more(app: Flask, sign_in) -> None:
    alice = make_member()
    client = sign_in(alice)
    with write_tx():
        for days in (1, 300, 364, 366, 500):
            at = now() - timedelta(days=days)
            alice.record("sign_in.done", at=at, method="code", device=f"Browser {days}")
        alice.record("password.wrong", at=now() - timedelta(days=2))
        make_member("Bob Maes").record("sign_in.done", method="code", device="Bob’s")
    page = text_of(client)
    assert re.findall(r"on (Browser \d+)\.", page) == ["Browser 1", "Browser 300", "Browser 364"]
    assert "A wrong password was typed for your account." in page
    assert "Bob" not in page


def test_the_history_goes_on_by_keyset_pages(sign_in) -> None:
    alice = make_member()
    client = sign_in(alice)
    with write_tx():
        for number in range(70):
            at = now() - timedelta(days=number * 6)  # the last ones are older than a year
            alice.record("sign_in.done", at=at, method="code", device=f"Browser {number}")
    seen, address, htmx = [], PAGE, False
    while address:
        body = client.get(address, htmx=htmx).get_data(as_text=True)
        seen += [int(found) for found in re.findall(r"on Browser (\d+)\.", body)]
        more = re.search(r'data-hx-get="([^"]+)"', body.partition('id="more"')[2])
        address, htmx = (more[1].replace("&amp;", "&"), True) if more else ("", True)
    assert seen == list(range(61))


def test_a_session_costs_no_more_than_thirty(sign_in, statements) -> None:
    alice = make_member()
    client = sign_in(alice)
    counts = []
    for more in (1, 30):
        for _number in range(more):
            Session.start(alice, device="Opera on Mac", method="code")
        client.get(PAGE)
        with statements() as seen:
            client.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1]
