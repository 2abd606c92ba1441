"""Programs at the public forms: a field that only they see, and a small step; no lock-outs."""

import re
from datetime import timedelta
from html import unescape
from itertools import count
from threading import Barrier, Thread

import pytest
import time_machine
from authenticator import Authenticator, add_passkey, proof
from factories import make_member, make_order
from flask import Flask

from portal.factors.hashing import hashed
from portal.lib import pow as step
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.throttle import LIMITS, Throttle, within
from portal.members.models import Incident, Member, Password, Session, SignInCode
from portal.shop.models import change_settings

HERE = "127.0.0.1"  # the address of a test client
EMAIL = {"email": "alice@example.com"}
#: Form: where it goes, what is typed, the row that is near, what it counts by.
FORMS = {
    "code": ("/sign-in/code", EMAIL, "code.ask.client", HERE),
    "password": ("/sign-in/password", EMAIL | {"password": "x" * 12}, "password.try.client", HERE),
    "join": ("/join", {"email": "maren@example.com", "name": "Maren"}, "join.ask.client", HERE),
    "recover": ("/recover", EMAIL, "recover.ask.all", "all"),
    "order": ("/orders/find/mail", EMAIL | {"number": "1048"}, "order.ask.client", HERE),
    "facts": (
        "/orders/find",
        {"number": "1048", "postcode": "9000", "total": "87.40"},
        "order.find.client",
        HERE,
    ),
}
ADDRESSED = ("code", "password", "join", "recover", "order")


@pytest.fixture(autouse=True)
def easy(monkeypatch) -> None:
    """The sum is easy; the browser test does one of its full size."""
    monkeypatch.setattr(step, "BITS", 5)


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with a password, and an order without an account."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com", joined_at=now())
    Password.create(member=alice, hash=hashed("mine and nobody else’s"), set_at=now())
    make_order(None, "1048", delivery={"zip": "9000"})
    return alice


def crowd(form: str) -> None:
    """Bring the form to the number of uses from which the step is asked."""
    _path, _typed, purpose, key = FORMS[form]
    for _use in range(LIMITS[purpose].step):
        within(purpose, key)


def send(client, form: str, **more: str):
    path, typed, _purpose, _key = FORMS[form]
    return client.post(path, data={**typed, **more})


def stamp_of(answer) -> str:
    """The stamp on the page with the step."""
    assert answer.status_code == 428
    found = re.search(r'name="step" value="([^"]+)"', answer.get_data(as_text=True))
    assert found
    return unescape(found[1])


def work_for(stamp: str) -> str:
    """The sum, as the browser does it."""
    nonce = stamp.partition(".")[0]
    fitting = (str(n) for n in count(10_000_000) if step._fits(nonce, str(n)))
    return ",".join(next(fitting) for _part in range(step.PARTS))


@pytest.mark.parametrize("form", FORMS)
def test_near_a_limit_the_form_asks_for_the_step_and_keeps_what_was_typed(
    client, alice, form: str
) -> None:
    plain = send(client, form)
    Throttle.delete().execute()
    Mail.delete().execute()
    run_waiting()
    Mail.delete().execute()
    crowd(form)
    asked = send(client, form)
    stamp, text = stamp_of(asked), asked.get_data(as_text=True)
    for name, value in FORMS[form][1].items():
        hidden = f'<input type="hidden" name="{name}" value="{value}">'
        assert (hidden in text, value in text) == (name != "password", name != "password")
    run_waiting()
    assert Mail.select().count() == 0
    done = send(client, form, step=stamp, work=work_for(stamp))
    assert (done.status_code, done.location) == (plain.status_code, plain.location)
    again = send(client, form, step=stamp, work=work_for(stamp))
    assert stamp_of(again) != stamp  # each is good for one time


@pytest.mark.parametrize("form", ["code", "password"])
def test_before_a_limit_is_near_nothing_is_asked(client, alice, form: str) -> None:
    for _use in range(3):
        assert send(client, form).status_code != 428


def test_much_is_asked_from_everywhere_so_everybody_does_the_step(app: Flask, alice) -> None:
    for number in range(LIMITS["recover.ask.all"].step + 1):
        answer = app.test_client().post(
            "/recover",
            data={"email": f"n{number}@example.com"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{number}"},
        )
        assert answer.status_code == (428 if number == LIMITS["recover.ask.all"].step else 200)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stamp, work: ("", work),
        lambda stamp, work: (stamp[:-1] + ("0" if stamp[-1] != "0" else "1"), work),
        lambda stamp, work: ("x" * 22 + stamp[22:], work),
        lambda stamp, work: (stamp, ""),
        lambda stamp, work: (stamp, ",".join(work.split(",")[:-1])),
        lambda stamp, work: (stamp, ",".join([work.split(",")[0]] * step.PARTS)),
        lambda stamp, work: (stamp, ",".join(str(10_000_000 + n) for n in range(step.PARTS))),
        lambda stamp, work: (stamp, "\0" + work),
        lambda stamp, work: (stamp, work * 1000),
        lambda stamp, work: (stamp + "٣", work),
    ],
    ids=["none", "forged", "other", "undone", "short", "doubled", "wrong", "nul", "long", "digit"],
)
def test_a_step_that_was_not_done_is_asked_again(client, alice, spoil) -> None:
    crowd("code")
    stamp = stamp_of(send(client, "code"))
    text, work = spoil(stamp, work_for(stamp))
    assert send(client, "code", step=text, work=work).status_code == 428
    assert SignInCode.select().count() == 0


def test_a_stamp_is_for_one_form_and_ten_minutes(client, alice) -> None:
    with time_machine.travel("2026-11-21T10:01:00Z", tick=False):
        crowd("code")
        crowd("order")
        stamp = stamp_of(send(client, "code"))
        assert send(client, "order", step=stamp, work=work_for(stamp)).status_code == 428
    with time_machine.travel("2026-11-21T10:11:00Z", tick=False):
        assert stamp_of(send(client, "code", step=stamp, work=work_for(stamp))) != stamp
    with time_machine.travel("2026-11-21T10:10:59Z", tick=False):
        assert send(client, "code", step=stamp, work=work_for(stamp)).status_code == 303


def test_without_javascript_one_waits_twenty_seconds(app: Flask, client, alice) -> None:
    with time_machine.travel("2026-11-21T10:01:00Z", tick=False) as clock:
        crowd("code")
        stamp = stamp_of(send(client, "code"))
        clock.shift(19)
        early = send(client, "code", step=stamp, work="")
        assert stamp_of(early) == stamp  # the wait goes on, it does not begin anew
        assert "Wait one second, then go on." in early.get_data(as_text=True)
        clock.shift(1)
        elsewhere = app.test_client().post(
            "/sign-in/code",
            data=EMAIL | {"step": stamp},
            environ_base={"REMOTE_ADDR": "203.0.113.7"},
        )
        assert elsewhere.status_code == 303  # it is not crowded there
        for _use in range(10):
            within("code.ask.client", "203.0.113.7")
        taken_along = app.test_client().post(
            "/sign-in/code",
            data=EMAIL | {"step": stamp},
            environ_base={"REMOTE_ADDR": "203.0.113.7"},
        )
        assert stamp_of(taken_along) != stamp
        assert send(client, "code", step=stamp).status_code == 303
        assert send(client, "code", step=stamp).status_code == 428


def test_sixteen_at_once_use_a_stamp_up_once(app: Flask) -> None:
    stamp, start, answers = step.issue("form", HERE), Barrier(16), []

    def use() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            start.wait()
            answers.append(step.use(stamp))
            db.close()

    threads = [Thread(target=use) for _thread in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == 1


@pytest.mark.parametrize("form", FORMS)
def test_who_fills_in_the_hidden_field_is_answered_as_ever_and_nothing_is_done(
    app: Flask, alice, form: str
) -> None:
    if form == "facts":  # a success would show an order, so it is as if there were none
        plain = app.test_client().post("/orders/find", data=FORMS[form][1] | {"total": "1.00"})
    else:
        plain = send(app.test_client(), form)
    run_waiting()
    Mail.delete().execute()
    SignInCode.delete().execute()
    earlier = Incident.select().count()
    client = app.test_client()
    caught = send(client, form, homepage="https://cheap.example")
    run_waiting()
    assert (caught.status_code, caught.location) == (plain.status_code, plain.location)
    assert sorted(name for name, _value in caught.headers) == sorted(
        name for name, _value in plain.headers
    )
    assert abs(len(caught.data) - len(plain.data)) <= 1
    assert (Mail.select().count(), SignInCode.select().count()) == (0, 0)
    noted = Incident.select().order_by(Incident.id).offset(earlier)
    assert [incident.kind for incident in noted] == ["pot"]


@pytest.mark.parametrize("page", ["/sign-in", "/join", "/recover", "/orders/find"])
def test_people_never_meet_the_hidden_field(client, alice, page: str) -> None:
    text = client.get(page).get_data(as_text=True)
    pots = re.findall(r'<p class="visually-hidden" aria-hidden="true">.*?</p>', text)
    assert pots
    for pot in pots:
        assert '<input name="homepage" tabindex="-1" autocomplete="off">' in pot


def test_passkeys_are_never_asked_for_the_step(app: Flask, client, sign_in, alice) -> None:
    key = Authenticator()
    add_passkey(sign_in(alice), key)
    for form in FORMS:
        crowd(form)
    assert client.post("/sign-in/passkey", data=proof(client, key)).status_code == 303


def test_a_stranger_cannot_lock_a_member_out(app: Flask, client, sign_in, alice) -> None:
    """Somebody at another place types wrong codes and passwords for her until nobody listens."""
    key, stranger = Authenticator(), {"REMOTE_ADDR": "203.0.113.66"}
    add_passkey(sign_in(alice), key)
    bad = app.test_client()
    for path in ("/sign-in/code", "/sign-in/password", "/sign-in/code/enter", "/recover"):
        for _try in range(45):
            data = EMAIL | {"password": "x" * 12, "code": "WRONG2"}
            answer = bad.post(path, data=data, environ_base=stranger)
        assert answer.status_code in (428, 429)
    assert send(client, "code").status_code == 303
    assert send(client, "recover").status_code == 200
    right = send(client, "password", password="mine and nobody else’s")
    assert (right.status_code, right.location) != (429, None)
    assert right.status_code == 303
    assert client.post("/sign-in/passkey", data=proof(client, key)).status_code == 303


@pytest.mark.parametrize("form", ADDRESSED)
def test_known_and_unknown_addresses_get_the_same_answer(app: Flask, alice, form: str) -> None:
    """Status, headers and size; their times are held against each other in tests/soak."""
    make_order(None, "1049")
    answers = []
    for email in ("alice@example.com", "elice@example.com"):
        answer = send(app.test_client(), form, email=email)
        body = answer.get_data(as_text=True).replace(email, "…")
        body = re.sub(r'((?:value|content)=")[\w-]{60,}=*"', r'\1…"', body)  # forms' tokens
        values = [(k, re.sub(r"=[^;]+", "=…", v, count=1)) for k, v in answer.headers]
        headers = [(k, re.sub("Expires=[^;]+", "Expires=…", v)) for k, v in values]  # a second on
        answers.append((answer.status_code, body, headers, len(answer.data)))
    assert answers[0] == answers[1]


def test_strangers_from_many_places_bar_no_browser_that_was_in_before(
    app: Flask, client, alice
) -> None:
    send(client, "code")
    run_waiting()
    code = Mail.select().order_by(Mail.id.desc()).get().secret()
    assert client.post("/sign-in/code/enter", data={"code": code}).status_code == 303
    Session.end_all(alice)
    for purpose in ("code.ask.address", "password.try.account"):
        while within(purpose, EMAIL["email"]):
            pass
    elsewhere = app.test_client()
    for form in ("code", "password"):
        answers = [send(browser, form).status_code for browser in (client, elsewhere)]
        assert (answers[0] in (303, 422), answers[1]) == (True, 429)
    with time_machine.travel(now() + timedelta(minutes=2)):
        alice.record("account.frozen", about="a mail", count=1)
        while within("code.ask.address", EMAIL["email"]):
            pass
        assert send(client, "code").status_code == 429
