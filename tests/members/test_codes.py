"""A mailed code takes the right person in, once, in the browser that asked, for ten minutes."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.throttle import LIMITS
from portal.members import codes
from portal.members.jobs import clear
from portal.members.models import EmailAddress, Event, Member, Session, SignInCode
from portal.members.proofs import DeadCode


def ask(client, email: str = "alice@example.com"):
    """Ask for a code as the page does."""
    return client.post("/sign-in/code", data={"email": email})


def mailed_code() -> str:
    """The secret of the newest mail."""
    return Mail.select().order_by(Mail.id.desc()).get().secret()


def type_code(client, code: str, **more: str):
    """Type a code as the page does."""
    return client.post("/sign-in/code/enter", data={"code": code, **more})


def kinds_of(member: Member) -> list[str]:
    """The member's events, oldest first."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def test_an_imported_person_enters_with_the_code_alone(client) -> None:
    alice = make_member(email="Alice@Example.com")
    asked = ask(client, " alice@example.COM ")
    assert (asked.status_code, asked.location) == (303, "/sign-in/code/enter?next=/")
    assert "We wrote to alice@example.com." in client.get(asked.location).get_data(as_text=True)
    entered = type_code(client, mailed_code())
    assert (entered.status_code, entered.location) == (303, "/sign-in/offer?next=/")
    assert client.get("/account/security").status_code == 200
    alice = Member.get_by_id(alice.id)
    assert (alice.joined_at is None, alice.visit_at is None) == (False, False)
    assert EmailAddress.find("alice@example.com").verified_at is not None


def test_a_code_may_be_typed_small_and_with_blanks(client) -> None:
    make_member(email="alice@example.com")
    ask(client)
    code = mailed_code().lower()
    assert type_code(client, f" {code[:3]} {code[3:]} ").status_code == 303


def test_the_person_comes_to_the_page_they_wanted(client) -> None:
    make_member(email="alice@example.com", nudge_after=now() + timedelta(days=1))
    sent_away = client.get("/account/activity?group=orders")
    assert sent_away.location == "/sign-in?next=/account/activity?group%3Dorders"
    ask(client)
    entered = type_code(client, mailed_code(), next="/account/activity?group=orders")
    assert entered.location == "/account/activity?group=orders"


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example/", "/\\evil.example", "x"])
def test_nobody_is_sent_to_another_site(client, bad: str) -> None:
    make_member(email="alice@example.com", nudge_after=now() + timedelta(days=1))
    ask(client)
    assert type_code(client, mailed_code(), next=bad).location == "/"


def test_a_code_is_refused_after_ten_minutes(client) -> None:
    make_member(email="alice@example.com")
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        ask(client)
        clock.shift(601)
        late = type_code(client, mailed_code())
    assert late.status_code == 422
    assert "This code is older than ten minutes." in late.get_data(as_text=True)
    assert Session.select().count() == 0


def test_a_used_code_stays_used_when_the_clock_jumps_back(client, app: Flask) -> None:
    make_member(email="alice@example.com")
    ask(client)
    code = mailed_code()
    cookie = client.get_cookie("sign-in").value
    assert type_code(client, code).status_code == 303
    with time_machine.travel(now() - timedelta(hours=2)):
        thief = app.test_client()
        thief.set_cookie("sign-in", cookie)
        again = type_code(thief, code)
    assert (again.status_code, "This code was used already." in again.text) == (422, True)


def test_a_code_works_only_in_the_browser_that_asked(client, app: Flask) -> None:
    make_member(email="alice@example.com")
    ask(client)
    other = app.test_client()
    asked_elsewhere = type_code(other, mailed_code())
    assert (asked_elsewhere.status_code, "Type it where you asked" in asked_elsewhere.text) == (
        422,
        True,
    )
    ask(other, "bob@example.com")
    code = Mail.select().order_by(Mail.id).first().secret()
    assert type_code(other, code).status_code == 422
    assert Session.select().count() == 0


def test_a_new_code_kills_the_one_before(client) -> None:
    make_member(email="alice@example.com")
    ask(client)
    first = mailed_code()
    ask(client)
    assert type_code(client, first).status_code == 422
    assert type_code(client, mailed_code()).status_code == 303


def test_the_eleventh_try_finds_a_dead_code_and_one_mail_tells(client) -> None:
    alice = make_member(email="alice@example.com")
    ask(client)
    code = mailed_code()
    for _try in range(10):
        assert type_code(client, "222222" if code != "222222" else "333333").status_code == 422
    assert "too many wrong codes" in type_code(client, code).get_data(as_text=True)
    run_waiting()
    assert kinds_of(alice).count("sign_in.code_wrong") == 10
    told = Mail.select().where(Mail.kind == "account_change")
    assert [mail.subject for mail in told] == [
        "Somebody failed ten times to get into your account at Fern & Kettle"
    ]
    ask(client)
    assert type_code(client, mailed_code()).status_code == 303


def test_sixteen_browsers_with_the_same_code_make_one_session(client, app: Flask) -> None:
    make_member(email="alice@example.com")
    ask(client)
    code, cookie = mailed_code(), client.get_cookie("sign-in").value

    def race(_number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return str(codes.use(cookie, code).name)
            except DeadCode:
                return "dead"
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        came = list(pool.map(race, range(16)))
    assert sorted(came) == ["Alice Janssens"] + ["dead"] * 15


def test_known_unknown_and_staff_addresses_get_the_same_answer(app: Flask) -> None:
    make_member(email="lotte@example.com")
    make_member("Ines Peeters", email="ines@example.com", role="agent")
    seen = set()
    for name in ("lotte", "ines", "nora"):
        client = app.test_client()
        asked = ask(client, f"{name}@example.com")
        shown = client.get(asked.location).get_data(as_text=True).replace(f"{name}@", "name@")
        wrong = type_code(client, "ZZZZZZ")
        body = wrong.get_data(as_text=True).replace(f"{name}@", "name@")
        for text in (shown, body):
            assert "name@example.com" in text
        seen.add(
            (
                asked.status_code,
                asked.location,
                asked.get_data(),
                tuple(sorted(name for name, _value in asked.headers)),
                wrong.status_code,
                without_tokens(shown),
                without_tokens(body),
            )
        )
    assert len(seen) == 1


def without_tokens(html: str) -> str:
    """A page with its CSRF tokens, which differ each time, taken out."""
    return re.sub(r'(name="csrf.token"|data-csrf)[^>]*', "", html)


def test_the_mail_says_what_the_page_does_not(app: Flask) -> None:
    make_member(email="known@example.com")
    make_member("Ines Peeters", email="staff@example.com", role="agent")
    for name in ("known", "staff", "never"):
        ask(app.test_client(), f"{name}@example.com")
    mails = list(Mail.select().order_by(Mail.id))
    assert [(m.to, m.kind, m.sealed is None) for m in mails] == [
        ("known@example.com", "sign_in_code", False),
        ("staff@example.com", "sign_in_staff", True),
        ("never@example.com", "sign_in_unknown", True),
    ]
    for mail in mails:
        text, html = mail.filled()
        assert mail.why in text
        assert mail.why.replace("&", "&amp;") in html


def test_staff_get_no_session_by_code_even_when_they_were_members_when_they_asked(client) -> None:
    alice = make_member(email="alice@example.com")
    ask(client)
    Member.update(role="agent").where(Member.id == alice.id).execute()
    assert type_code(client, mailed_code()).status_code == 422
    assert Session.select().count() == 0


def test_the_code_is_nowhere_in_the_database(client) -> None:
    make_member(email="alice@example.com")
    ask(client)
    code = mailed_code()
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            assert not any(
                code in str(cell) for cell in row if not isinstance(cell, bytes | memoryview)
            )
    assert Mail.get().filled() != Mail.get().filled(code)
    assert SignInCode.get().code_hash != code


def test_too_many_asks_for_one_address_are_slowed_for_all_alike(app: Flask, monkeypatch) -> None:
    without_step = replace(LIMITS["code.ask.client"], step=0)
    monkeypatch.setitem(LIMITS, "code.ask.client", without_step)
    make_member(email="alice@example.com")
    answers = {
        email: [ask(app.test_client(), email).status_code for _ in range(6)]
        for email in ("alice@example.com", "nobody@example.com")
    }
    assert answers["alice@example.com"] == answers["nobody@example.com"] == [303] * 5 + [429]


def test_a_wrong_address_is_explained(client) -> None:
    answer = ask(client, "alice at example")
    assert answer.status_code == 422
    assert "Write an e-mail address, such as you@example.com." in answer.get_data(as_text=True)
    assert Mail.select().count() == 0


def test_asking_and_entering_stand_in_the_timeline_once(client) -> None:
    alice = make_member(email="alice@example.com")
    ask(client)
    type_code(client, mailed_code())
    run_waiting()
    assert sorted(kinds_of(alice)) == ["sign_in.code_asked", "sign_in.done"]


def test_a_device_seen_first_is_told_by_one_mail(app: Flask) -> None:
    alice = make_member(email="alice@example.com")
    for agent in (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "curl/8",
    ):
        for _time in range(2):
            client = app.test_client()
            ask(client)
            client.post(
                "/sign-in/code/enter", data={"code": mailed_code()}, headers={"User-Agent": agent}
            )
    assert [e for e in kinds_of(alice) if e.startswith("sign_in.")] == [
        "sign_in.done", "sign_in.done", "sign_in.new_device", "sign_in.done",
    ]  # fmt: skip
    told = Mail.get(Mail.kind == "account_change")
    assert told.subject == "A new device signed in to your account at Fern & Kettle"


def test_what_ended_long_ago_is_cleared_away(client) -> None:
    make_member(email="alice@example.com")
    ask(client)
    clear.call_local()
    assert SignInCode.select().count() == 1
    with time_machine.travel(now() + timedelta(days=8)):
        clear.call_local()
    assert SignInCode.select().count() == 0
