"""Codes by mail and text message are second steps: for one sign-in, once, in one browser."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from exchange import Exchange, exchange_of
from factories import make_member
from flask import Flask
from serving import free_port

from portal.factors import passwords, recovery_codes, second, sent
from portal.lib import sms
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.phones import read_phone
from portal.lib.sms import TextMessage, post_text, sweep_texts
from portal.members.models import (
    EmailAddress,
    Member,
    PhoneNumber,
    ProofCode,
    SentFactor,
    Session,
)
from portal.shop.models import change_settings

GOOD = "zebra tulip ladder cobalt"
PAGE = "/account/security/second-factor"
NUMBER = "+32470123456"


@pytest.fixture
def exchange(app: Flask) -> Iterator[Exchange]:
    """The shop's gateway."""
    with exchange_of(app) as kept:
        yield kept


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with a password and a proved address."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com", nudge_after=now() + timedelta(days=9))
    EmailAddress.update(verified_at=now()).execute()
    passwords.keep(alice, GOOD, session_id=0)
    return alice


@pytest.fixture
def with_number(alice: Member) -> Member:
    """Alice, who gets codes by text message."""
    with write_tx():
        SentFactor.create(member=alice, channel="sms", target=NUMBER)
    return alice


def come(client: Any) -> Any:
    """The first step: address and password."""
    data = {"email": "alice@example.com", "password": GOOD}
    return client.post("/sign-in/password", data=data)


def send(client: Any, by: str) -> Any:
    """Ask for the code of the second step."""
    return client.post("/sign-in/second/send", data={"by": by})


def give(client: Any, code: str, by: str) -> Any:
    """The second step."""
    return client.post("/sign-in/second", data={"code": code, "by": by})


def is_in(client: Any) -> bool:
    """Whether the browser is signed in."""
    return client.get("/account/security").status_code == 200


def mailed() -> str:
    """The code of the newest mail, without the link beside it."""
    return Mail.select().order_by(Mail.id.desc()).get().secret().partition("\n")[0]


def texted(exchange: Exchange) -> str:
    """The code of the newest text message that the gateway took."""
    run_waiting()
    return exchange.asked[-1]["form"]["Body"].split()[0]


def test_a_code_by_mail_counts_beside_a_password(alice: Member, sign_in, client) -> None:
    assert sign_in(alice).post(f"{PAGE}/mail").location == "/account/security/recovery-codes"
    assert come(client).location == "/sign-in/second?next=/"
    before = Mail.select().count()
    assert "We mail you a second code." in client.get("/sign-in/second").get_data(as_text=True)
    assert Mail.select().count() == before
    assert send(client, "mail").location == "/sign-in/second?by=mail&next=/"
    page = client.get("/sign-in/second?by=mail").get_data(as_text=True)
    assert "Now the code from your mail." in page
    assert give(client, mailed(), "mail").status_code == 303
    assert is_in(client)


def test_after_a_mailed_code_the_password_is_asked_for_not_another_mail(alice, client) -> None:
    sent.add_mail(alice, session_id=0)
    client.post("/sign-in/code", data={"email": "alice@example.com"})
    asked = client.post("/sign-in/code/enter", data={"code": mailed()})
    assert asked.location == "/sign-in/second?next=/"
    assert "Now your password." in client.get(asked.location).get_data(as_text=True)
    assert send(client, "mail").status_code == 404
    assert give(client, "wrong wrong wrong", "password").status_code == 422
    assert give(client, GOOD, "password").status_code == 303
    assert is_in(client)


def test_a_code_of_another_sign_in_is_refused(alice: Member, app: Flask) -> None:
    sent.add_mail(alice, session_id=0)
    first, other = app.test_client(), app.test_client()
    for client in (first, other):
        come(client)
        send(client, "mail")
    code = mailed()
    assert give(first, code, "mail").status_code == 422
    with other.session_transaction() as stored:
        browser = stored["second"]
    with first.session_transaction() as stored:
        stored["second"] = browser
    stolen = give(first, code, "mail")
    assert "belongs to another sign-in" in stolen.get_data(as_text=True)
    assert give(other, code, "mail").status_code == 303
    assert (is_in(first), is_in(other)) == (False, True)


def test_a_sent_code_lives_ten_minutes_and_a_new_one_ends_it(alice: Member, client) -> None:
    sent.add_mail(alice, session_id=0)
    come(client)
    send(client, "mail")
    old = mailed()
    send(client, "mail")
    assert give(client, old, "mail").status_code == 422
    assert give(client, mailed(), "mail").status_code == 303


def test_sent_codes_are_not_sent_without_end(alice: Member, client) -> None:
    sent.add_mail(alice, session_id=0)
    come(client)
    assert [send(client, "mail").status_code for _time in range(6)] == [303] * 5 + [429]


def test_codes_by_mail_need_a_password_and_a_proved_address(alice: Member, sign_in) -> None:
    EmailAddress.update(verified_at=None).execute()
    with pytest.raises(sent.NotSendable, match="Sign in with a mailed code once"):
        sent.add_mail(alice, session_id=0)
    bob = make_member("Bob Maes")
    assert sign_in(bob).post(f"{PAGE}/mail").location == PAGE
    assert SentFactor.select().count() == 0


def test_without_a_password_a_code_by_mail_is_no_second_step(alice: Member, sign_in) -> None:
    sent.add_mail(alice, session_id=0)
    sign_in(alice).post("/account/security/password/remove")
    assert second.on(alice) == []


def test_a_number_is_proved_by_a_code_and_counts(alice, exchange, sign_in, client) -> None:
    mine = sign_in(alice)
    asked = mine.post(f"{PAGE}/sms", data={"number": "0032 470 12 34 56"})
    assert asked.location == f"{PAGE}/sms/code"
    assert "+32 470 12 34 56" in mine.get(asked.location).get_data(as_text=True)
    code = texted(exchange)
    assert exchange.asked[-1] == {
        "path": "/2010-04-01/Accounts/AC1/Messages.json",
        "form": {
            "To": NUMBER,
            "From": "+15550100",
            "Body": f"{code} is your code for Fern & Kettle. It works once, for ten minutes. "
            "Nobody will ask you for it.",
        },
        "auth": "AC1:s@cret",
    }
    assert mine.post(asked.location, data={"code": "ZZZZZZ"}).status_code == 422
    assert second.on(alice) == []
    proved = mine.post(asked.location, data={"code": code.lower()})
    assert proved.location == "/account/security/recovery-codes"
    assert second.on(alice) == ["sms"]
    assert PhoneNumber.get().verified_at is not None
    assert come(client).location == "/sign-in/second?next=/"
    send(client, "sms")
    assert "ends in …56" not in client.get("/sign-in/second").get_data(as_text=True)
    assert give(client, texted(exchange), "sms").status_code == 303
    assert is_in(client)


def test_an_imported_number_becomes_proved_and_is_not_doubled(alice, exchange, sign_in) -> None:
    PhoneNumber.create(member=alice, number="+32 470 12 34 56", folded="32470123456")
    mine = sign_in(alice)
    mine.post(f"{PAGE}/sms", data={"number": "+32 470/12.34.56"})
    mine.post(f"{PAGE}/sms/code", data={"code": texted(exchange)})
    assert [p.verified_at is None for p in PhoneNumber.select()] == [False]


@pytest.mark.parametrize(
    "typed",
    [
        "0470 12 34 56", "+32 1", "hello", "+1 900 555 0123", "+44 909 879 0000", "+" * 39,
        "+32470123456x9", "٠٠٣٢",
    ],
)  # fmt: skip
def test_what_no_text_message_reaches_is_no_number(alice, exchange, sign_in, typed) -> None:
    answer = sign_in(alice).post(f"{PAGE}/sms", data={"number": typed})
    assert (answer.status_code, TextMessage.select().count()) == (422, 0)
    assert read_phone(typed) is None


def test_text_messages_to_a_number_are_few(alice: Member, exchange, sign_in) -> None:
    mine = sign_in(alice)
    answers = [mine.post(f"{PAGE}/sms", data={"number": NUMBER}).status_code for _ in range(6)]
    assert answers == [303] * 5 + [429]


def test_a_shop_without_a_gateway_offers_no_texts(with_number: Member, sign_in, client) -> None:
    mine = sign_in(with_number)
    assert mine.get(f"{PAGE}/sms").status_code == 404
    assert mine.post(f"{PAGE}/sms", data={"number": NUMBER}).status_code == 404
    codes = recovery_codes.make(with_number)
    assert come(client).location == "/sign-in/second?next=/"  # and is still asked for
    send(client, "sms")
    page = client.get("/sign-in/second?by=sms").get_data(as_text=True)
    assert "cannot send text messages at the moment" in page
    assert (TextMessage.select().count(), ProofCode.select().count()) == (0, 0)
    assert give(client, codes[0], "recovery").status_code == 303


def test_staff_need_an_app_not_a_text(app: Flask, exchange, sign_in) -> None:
    change_settings(passwords=True)
    agent = make_member("Ines Peeters", role="agent")
    passwords.keep(agent, GOOD, session_id=0)
    SentFactor.create(member=agent, channel="sms", target=NUMBER)
    assert second.on(agent) == []
    assert sign_in(agent).post(f"{PAGE}/sms", data={"number": NUMBER}).status_code == 409


def test_removing_a_number_is_mailed(with_number: Member, sign_in, client) -> None:
    assert sign_in(with_number).post(f"{PAGE}/sms/remove").location == PAGE
    mail = Mail.select().order_by(Mail.id.desc()).get()
    assert "Codes to +32 470 12 34 56 count no more" in mail.text
    assert come(client).location == "/"


def test_every_deed_with_a_sent_factor_asks_again(with_number, exchange, sign_in) -> None:
    mine = sign_in(with_number)
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    for path in ("mail", "mail/remove", "sms", "sms/code", "sms/remove"):
        assert mine.post(f"{PAGE}/{path}").location.startswith("/sign-in?again=1"), path
    assert [row.channel for row in SentFactor.select()] == ["sms"]


def text(**values: Any) -> TextMessage:
    """A message with a code in it, in the outbox."""
    with write_tx():
        return post_text(
            NUMBER, f"{sms.SECRET_PLACE} is your code.", kind="code", secret="K7QM4T", **values
        )


def again(message: TextMessage) -> TextMessage:
    """The row as it is now."""
    return TextMessage.get_by_id(message.id)


def test_a_message_is_sent_once_and_its_code_is_wiped(app: Flask, exchange) -> None:
    message = text()
    assert "K7QM4T" not in str(again(message).__data__)
    run_waiting()
    sweep_texts.call_local()
    sms.deliver_text.call_local(message.id)
    assert [a["form"]["Body"] for a in exchange.asked] == ["K7QM4T is your code."]
    assert (again(message).status, again(message).sealed) == ("sent", None)


def test_a_refusal_is_kept_with_the_gateways_words(app: Flask, exchange) -> None:
    body = {"code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400}
    exchange.answers = [(400, json.dumps(body))]
    message = text()
    run_waiting()
    assert (again(message).status, again(message).sealed) == ("failed", None)
    assert again(message).error == "400: The 'To' number is not a valid phone number. (21211)"


@pytest.mark.parametrize("status", [429, 500, 503, 302, 200])
def test_a_gateway_in_trouble_is_asked_again(app: Flask, exchange, status: int) -> None:
    exchange.answers = [(status, "<html>nonsense")]
    message = text()
    run_waiting()
    assert (again(message).status, again(message).error) == (
        "pending", f"The gateway answered {status}.",
    )  # fmt: skip
    with time_machine.travel(again(message).next_try_at + timedelta(seconds=1)):
        sweep_texts.call_local()
    assert (again(message).status, len(exchange.asked)) == ("sent", 2)


def test_a_dead_gateway_is_asked_four_times(app: Flask) -> None:
    app.config["SMS_URL"] = f"twilio+http://AC1:secret@127.0.0.1:{free_port()}/+15550100"
    message = text()
    run_waiting()
    for _time in range(5):
        with time_machine.travel(again(message).next_try_at + timedelta(seconds=1)):
            sweep_texts.call_local()
    row = again(message)
    assert (row.status, row.tries, row.sealed) == ("failed", 4, None)
    assert row.error == "The gateway did not answer: ConnectionError"


def test_a_late_message_is_dropped(app: Flask, exchange) -> None:
    message = text(lives=timedelta(minutes=10))
    with time_machine.travel(now() + timedelta(minutes=11)):
        run_waiting()
    assert (again(message).status, exchange.asked) == ("dropped", [])


def test_a_message_that_a_dead_worker_held_is_taken_up(app: Flask, exchange) -> None:
    message = text()
    TextMessage.update(status="sending", next_try_at=now() - timedelta(minutes=6)).execute()
    sweep_texts.call_local()
    assert (again(message).status, len(exchange.asked)) == ("sent", 1)


def test_without_a_gateway_messages_wait_in_the_outbox(app: Flask) -> None:
    message = text()
    assert (run_waiting(), again(message).status) == (0, "pending")
    sweep_texts.call_local()
    assert again(message).status == "pending"


def test_a_messaging_service_sends_by_its_name(app: Flask, exchange) -> None:
    app.config["SMS_URL"] = app.config["SMS_URL"].replace("+15550100", "MG123")
    text()
    run_waiting()
    form = exchange.asked[0]["form"]
    assert (form["MessagingServiceSid"], "From" in form) == ("MG123", False)


def test_no_code_and_no_token_lies_in_the_database(with_number, exchange, client) -> None:
    come(client)
    send(client, "sms")
    code = TextMessage.get().secret()
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            cells = [str(cell) for cell in row if not isinstance(cell, bytes | memoryview)]
            assert not any(code in cell or "s@cret" in cell for cell in cells)
