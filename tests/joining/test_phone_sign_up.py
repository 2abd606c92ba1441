"""Joining with a phone number: one text confirms it, and makes a fresh account for who is new."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from exchange import exchange_of, newest_code
from factories import make_member, make_order
from flask import Flask
from newcomers import kinds_of, words

from portal.joining import signup
from portal.joining.arrival import come_in
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.members.models import Member, PhoneNumber, ProofCode, Session
from portal.members.models.search import find_members
from portal.members.phones import put_door
from portal.shop.models import change_settings

NUMBER, FOLDED = "+32470123456", "32470123456"


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    """A shop in Belgium that lets people in by text message and asks nothing else."""
    app.config["SMS_URL"] = "twilio+http://AC1:secret@127.0.0.1:9/+15550100"
    change_settings(phone_sign_in=True, join_steps="", timezone="Europe/Brussels")


@pytest.fixture
def exchange(app: Flask) -> Any:
    """The shop's gateway, which is a real server."""
    with exchange_of(app) as kept:
        yield kept


def ask(client: Any, number: str = "0470 12 34 56", name: str = "Maren Holt", **more: str) -> Any:
    """Ask to join as the page does."""
    return client.post("/join/phone", data={"number": number, "name": name, **more})


def type_code(client: Any, code: str) -> Any:
    """Type a code as the page does."""
    return client.post("/join/confirm", data={"code": code})


def doors() -> list[tuple[str, str]]:
    """Whose account each number opens."""
    rows = PhoneNumber.select(PhoneNumber, Member).join(Member)
    return [(row.door, row.member.name) for row in rows if row.door]


def test_somebody_new_joins_with_a_texted_code_and_is_in(client, exchange) -> None:
    assert "Use a phone number instead" in words(client.get("/join"))
    asked = ask(client)
    assert (asked.status_code, asked.location) == (303, "/join/confirm")
    assert Member.select().count() == 0
    to, body = exchange.newest()
    code = body.split()[0]
    assert (to, body) == (
        NUMBER,
        f"{code} is your code to join Fern & Kettle. It works once, for ten minutes. Nobody will "
        "ask you for it.",
    )
    entered = type_code(client, code.lower())
    assert (entered.status_code, entered.location) == (303, "/sign-in/offer?next=/")
    member, phone = Member.get(), PhoneNumber.get()
    assert (member.name, member.source) == ("Maren Holt", "sign-up")
    assert (phone.number, phone.folded, phone.door) == (NUMBER, FOLDED, FOLDED)
    assert phone.verified_at is not None
    first = words(client.get("/"))
    assert "Bought here before? Bring your orders" in first
    assert "Add an e-mail address" in first
    assert list(find_members("470123456")) == [member.id]
    assert kinds_of(member) == ["joining.joined_phone", "sign_in.done"]
    told = words(client.get("/account/activity"))
    assert "You joined with your phone number …56." in told
    assert Mail.select().count() == 0


def test_a_number_of_a_file_opens_nothing_but_an_account_of_ones_own(client) -> None:
    known = make_member("M. Holt", email="")
    PhoneNumber.create(member=known, number="0470 12 34 56", folded=FOLDED)
    make_order(known, "1048")
    ask(client)
    type_code(client, newest_code())
    assert Member.select().count() == 2
    assert "1048" not in client.get("/account/orders").text
    assert doors() == [(FOLDED, "Maren Holt")]


def test_somebody_whose_number_opens_an_account_is_signed_in(client) -> None:
    with write_tx():
        put_door(make_member("Alice Janssens", email="", joined_at=now()), NUMBER)
    ask(client, name="Mallory")
    assert "signs you in to Fern & Kettle" in TextMessage.get().text
    assert type_code(client, newest_code()).location == "/"
    assert (Member.get().name, Member.select().count()) == ("Alice Janssens", 1)
    assert Session.select().count() == 1


def test_staff_and_closed_accounts_get_a_text_without_a_code(app: Flask) -> None:
    people = {
        "+32470000001": {"role": "agent"},
        "+32470000002": {"closed_at": now()},
    }
    for number, values in people.items():
        with write_tx():
            put_door(make_member("Known", email="", joined_at=now(), **values), number)
        client = app.test_client()
        ask(client, number)
        message = TextMessage.select().order_by(TextMessage.id.desc()).get()
        assert (message.to, message.sealed, message.member_id) == (number, None, None)
        assert type_code(client, "ZZZZZZ").status_code == 422
    assert Session.select().count() == 0


def test_known_and_unknown_numbers_get_the_same_pages_and_one_text(app: Flask, statements) -> None:
    with write_tx():
        put_door(make_member("Alice", email="", joined_at=now()), "+32470000001")
        put_door(make_member("Ines", email="", role="agent"), "+32470000002")
    seen, counts = set(), set()
    for number in ("+32470000001", "+32470000002", "+32470000003"):
        client = app.test_client()
        client.get("/join/phone")
        with statements() as ran:
            asked = ask(client, number)
        told = client.get("/join/confirm")
        shown = re.sub(r"\d\d:\d\d:\d\d", "", words(told)).replace(number[-2:], "XX")
        seen.add((asked.status_code, asked.location, asked.data, shown))
        counts.add(len(ran))
    assert (len(seen), counts, TextMessage.select().count()) == (1, {max(counts)}, 3)


def test_a_shop_that_does_not_want_it_has_no_such_page(client, app: Flask) -> None:
    change_settings(phone_sign_in=False)
    assert client.get("/join/phone").status_code == 404
    assert ask(client).status_code == 404
    assert client.post("/join/number", data={"number": NUMBER}).status_code == 404
    assert "phone" not in words(client.get("/join"))
    change_settings(phone_sign_in=True)
    app.config["SMS_URL"] = ""
    assert ask(client).status_code == 404
    app.config["SMS_URL"] = "twilio+http://AC1:secret@127.0.0.1:9/+15550100"
    change_settings(sign_up=False)
    assert ask(client).status_code == 404
    assert TextMessage.select().count() == 0


def test_who_asked_before_the_shop_closed_is_let_in_no_more(client) -> None:
    ask(client)
    change_settings(sign_up=False)
    late = type_code(client, newest_code())
    assert (late.status_code, Member.select().count()) == (409, 0)
    assert "can’t come in this way any more" in words(late)


@pytest.mark.parametrize(
    "typed", ["", "hello", "112", "+32 1", "+1 900 555 0123", "9" * 41, "0470 12 34 56 x9"]
)
def test_what_was_typed_is_kept_and_explained(client, typed: str) -> None:
    answer = ask(client, typed)
    assert (answer.status_code, TextMessage.select().count()) == (422, 0)
    assert 'value="Maren Holt"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    nameless = ask(client, name="")
    assert "Write your name." in words(nameless)
    assert 'value="0470 12 34 56"' in nameless.text


def test_the_number_is_changed_in_place_and_the_old_code_dies(client) -> None:
    ask(client)
    first = newest_code()
    wrong = client.post("/join/number", data={"number": "nonsense"})
    assert (wrong.status_code, 'value="nonsense"' in wrong.text) == (422, True)
    assert client.post("/join/number", data={"number": "0470 65 43 21"}).status_code == 303
    assert "+32 470 65 43 21" in words(client.get("/join/confirm"))
    assert "Look at the newest message on your phone." in words(type_code(client, first))
    type_code(client, newest_code())
    assert doors() == [("32470654321", "Maren Holt")]


def test_five_texts_and_no_more_however_the_number_changes(client) -> None:
    ask(client)
    assert "4 of 5 left" in words(client.get("/join/confirm"))
    client.post("/join/again")
    for end in range(3):
        client.post("/join/number", data={"number": f"+3247012340{end}"})
    shown = words(client.get("/join/confirm"))
    assert "All 5 messages are sent." in shown
    assert (client.post("/join/again").status_code, TextMessage.select().count()) == (409, 5)


def test_texts_are_few_for_one_network_and_for_one_number(app: Flask) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z"):
        answers = [ask(app.test_client()) for _time in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert 'value="Maren Holt"' in answers[-1].text
        others = [ask(app.test_client(), f"+3247055500{n}").status_code for n in range(9)]
    assert (others, TextMessage.select().count()) == ([428] * 9, 5)  # the step against bots


def test_a_texted_code_is_refused_after_ten_minutes(client) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        ask(client)
        code = newest_code()
        clock.shift(601)
        assert "older than ten minutes" in words(type_code(client, code))
        assert "Ten minutes are over, so its code ended." in words(client.get("/join/confirm"))
        assert Member.select().count() == 0


def test_a_code_works_in_the_browser_that_asked_alone(client, app: Flask) -> None:
    ask(client)
    other = type_code(app.test_client(), newest_code())
    assert "No code was asked for in this browser." in words(other)
    assert Member.select().count() == 0


def test_the_page_says_where_the_message_is(client, exchange) -> None:
    with time_machine.travel("2026-11-21T09:02:11Z", tick=False) as clock:
        ask(client)
        assert "Written 10:02:11 Queued On your phone It goes out within seconds." in words(
            client.get("/join/confirm")
        )
        clock.shift(2)
        run_waiting()
        shown = client.get("/join/confirm/progress", htmx=True)
        assert "Taken by the network 10:02:13" in " ".join(
            re.sub(r"<[^>]+>", " ", shown.text).split()
        )
        clock.shift(120)
        assert "Is the number right, and is the phone on?" in words(client.get("/join/confirm"))


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"code": 21211, "message": "secret of +15550100"}, "Refused nobody has this number"),
        ({"code": 20003, "message": "Authenticate AC1"}, "the shop’s gateway did not take it"),
    ],
)
def test_the_page_says_why_a_number_was_refused(client, exchange, answer, shown: str) -> None:
    exchange.answers = [(400, json.dumps(answer))]
    ask(client)
    run_waiting()
    page = words(client.get("/join/confirm"))
    assert shown in page
    assert not re.search("secret|AC1|Authenticate", page)
    polled = client.get("/join/confirm/progress", htmx=True)
    assert polled.headers["HX-Redirect"] == "/join/confirm"


def test_a_gateway_in_trouble_is_asked_again(client, exchange) -> None:
    exchange.answers = [(503, "")]
    ask(client)
    run_waiting()
    page = words(client.get("/join/confirm"))
    assert re.search(r"Not taken yet the shop’s gateway did not answer", page)
    assert re.search(r"We try again at \d\d:\d\d:\d\d.", page)


def test_two_browsers_that_prove_one_new_number_at_once_make_one_member(app: Flask) -> None:
    proofs = []
    for _number in range(4):
        client = app.test_client()
        ask(client)
        proofs.append((client.get_cookie("join").value, newest_code()))

    def race(proof: tuple[str, str]) -> int:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return come_in(signup.confirm(*proof)).member.id
            finally:
                db.close()

    with ThreadPoolExecutor(4) as pool:
        came = set(pool.map(race, proofs))
    assert (len(came), Member.select().count(), len(doors())) == (1, 1, 1)


def test_a_mail_can_be_asked_for_instead_and_ends_the_text(client) -> None:
    ask(client)
    code, cookie = newest_code(), client.get_cookie("join").value
    client.post("/join", data={"email": "maren@example.com", "name": "Maren Holt"})
    client.set_cookie("join", cookie)
    assert type_code(client, code).status_code == 422
    assert ProofCode.select().where(ProofCode.used_at.is_null(False)).count() == 0
    assert client.post("/join/address", data={"email": "x@example.com"}).status_code == 303
    assert Mail.select().count() == 1


def test_the_code_is_nowhere_in_the_database(client) -> None:
    ask(client)
    code = newest_code()
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            cells = [str(cell) for cell in row if not isinstance(cell, bytes | memoryview)]
            assert not any(code in cell for cell in cells)


def test_the_owner_sees_who_waits_for_a_text_and_why(client, exchange, sign_in) -> None:
    exchange.answers = [(400, '{"code": 21614, "message": "not a mobile number"}')]
    Mail.create(to="other@example.com", subject="x", text="x", html="x", kind="x", why="x")
    ask(client)
    run_waiting()
    desk = sign_in(make_member("Marit De Smet", role="owner"))
    page = words(desk.get("/staff/joining?stage=asked"))
    assert "+32 470 12 34 56" in page
    assert "not a mobile number" in page
    with time_machine.travel(now() + timedelta(minutes=1)):
        client.post("/join/again")
        type_code(client, newest_code())
    assert "+32 470" not in words(desk.get("/staff/joining?stage=asked"))


def test_who_joined_by_phone_claims_by_the_proved_number_and_one_fact(client) -> None:
    known = make_member("M. Holt", email="")
    PhoneNumber.create(member=known, number="0470 12 34 56", folded=FOLDED)
    make_order(known, "1048", total=8740, phone="0032 470 12 34 56")
    ask(client)
    type_code(client, newest_code())
    assert client.get("/account/orders/1048").status_code == 404
    client.post("/claim", data={"contact": "", "number": "1048", "total": "87.40"})
    client.post("/claim/take")
    assert client.get("/account/orders/1048").status_code == 200
    assert TextMessage.select().count() == 1
    assert "Bought here before?" not in words(client.get("/"))
