"""Guests find one order without an account: by a mailed link, or by three facts, and no other."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from factories import make_member, make_order
from flask import Flask
from serving import free_port
from time_machine import travel

from portal.claims.facts import amount
from portal.claims.guests import DeadLink, open_link
from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.throttle import LIMITS
from portal.members.jobs import clear
from portal.members.models import (
    Authenticator,
    EmailAddress,
    Event,
    Member,
    ProofCode,
    Session,
    fold_email,
)
from portal.orders.models import Order

FACTS = {"number": "1048", "postcode": "9000", "total": "87.40"}


@pytest.fixture
def order(app: Flask) -> Order:
    """Bought by somebody whom a file brought, who never signed in."""
    guest = make_member("Noor Peeters", email="noor@example.com")
    order = make_order(
        guest, "1048", delivery={"name": "Noor Peeters", "street1": "Kade 1", "zip": "9000",
                                 "city": "Gent"}, note="Ring twice",
    )  # fmt: skip
    Order.update(email="Noor@example.com").where(Order.id == order.id).execute()
    return order


@pytest.fixture
def smtp(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """What the shop's mail server took: whom it went to, and the message."""
    taken: list[tuple[str, Any]] = []

    class Server:
        async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
            message = message_from_bytes(envelope.content, policy=policy.default)
            taken.append((envelope.rcpt_tos[0], message))
            return "250 taken"

    port = free_port()
    controller = Controller(Server(), hostname="127.0.0.1", port=port)
    controller.start()
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield taken
    controller.stop()


def ask(client: Any, number: str = "1048", email: str = "noor@example.com") -> Any:
    """Ask for a link and let the jobs run."""
    answer = client.post("/orders/find/mail", data={"number": number, "email": email})
    while jobs.run_waiting():
        pass
    return answer


def mailed() -> str:
    """The path of the link in the newest mail."""
    mail = Mail.select().where(Mail.kind == "order_link").order_by(Mail.id.desc()).get()
    return f"/orders/link/{mail.secret()}"


def test_a_mailed_link_shows_that_one_order_without_an_account(client, order, smtp):
    assert ask(client, "#1048").location == "/orders/find?sent=1"
    ((to, message),) = smtp
    assert (to, message["Subject"]) == ("noor@example.com", "Your order 1048 at Fern & Kettle")
    parts = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    links = [re.search(r"http://localhost:8000(/orders/link/[\w-]+)", part)[1] for part in parts]
    assert links[0] == links[1]
    assert all("Somebody looked for an order at Fern &" in part for part in parts)
    assert "Show the order" in client.get(links[0]).get_data(as_text=True)
    page = client.post(links[0], follow_redirects=True)
    text = page.get_data(as_text=True)
    assert (page.status_code, page.request.path) == (200, "/orders/found/1048")
    assert ["Sencha" in text, "Kade 1" in text, "€87.40" in text] == [True, True, True]
    assert Session.select().count() == 0
    assert client.get("/account/orders").status_code == 303
    assert Event.select().where(Event.kind == "orders.seen_by_link").count() == 1


def test_the_link_is_nowhere_to_be_read_and_nobody_else_may_use_the_browser(app, client, order):
    ask(client)
    token = mailed().rsplit("/", 1)[1]
    stored = [str(row) for model in (Mail, ProofCode) for row in model.select().tuples()]
    assert token not in " ".join(stored)
    client.post(mailed())
    assert app.test_client().get("/orders/found/1048").status_code == 404


def test_opening_a_link_changes_nothing_until_the_button_is_pressed(client, order):
    ask(client)
    before = list(ProofCode.select().tuples())
    for _time in range(3):
        assert client.get(mailed()).status_code == 200
    assert list(ProofCode.select().tuples()) == before


def test_a_link_works_once_for_an_hour_and_each_end_has_its_sentence(app, client, order):
    ask(client)
    link = mailed()
    assert client.post(link).status_code == 303
    again = client.post(link)
    assert (again.status_code, "was used already" in again.get_data(as_text=True)) == (410, True)
    assert "Back to the order you opened" in again.get_data(as_text=True)
    stranger = app.test_client().get(link).get_data(as_text=True)
    assert ["was used already" in stranger, "Find your order" in stranger] == [True, True]
    garbled = client.get(link[:-3])
    assert (garbled.status_code, "no link of ours" in garbled.get_data(as_text=True)) == (410, True)
    ask(client)
    with travel(now() + timedelta(minutes=61)):
        late = client.post(mailed())
    assert (late.status_code, "older than an hour" in late.get_data(as_text=True)) == (410, True)


def test_the_order_can_be_read_for_an_hour(client, order):
    ask(client)
    client.post(mailed())
    with travel(now() + timedelta(minutes=59)):
        assert client.get("/orders/found/1048").status_code == 200
    with travel(now() + timedelta(minutes=61)):
        assert client.get("/orders/found/1048").status_code == 404
        assert client.get("/orders/found").location == "/orders/find"


def test_sixteen_at_once_open_a_link_once(app, client, order):
    ask(client)
    token = mailed().rsplit("/", 1)[1]
    start, opened = threading.Barrier(16), []

    def work() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            start.wait()
            try:
                opened.append(open_link(token))
            except DeadLink:
                pass
            finally:
                db.close()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("number", "email"),
    [("1048", "noor@example.com"), ("1048", "else@example.com"), ("9999", "noor@example.com")],
)
def test_the_page_says_the_same_whether_the_order_is_there_or_not(client, order, number, email):
    answer = ask(client, number, email)
    page = client.get(answer.location).get_data(as_text=True)
    right = (number, email) == ("1048", "noor@example.com")
    assert (answer.status_code, answer.location) == (303, "/orders/find?sent=1")
    assert "If an order with that number was placed with that address" in page
    assert [mail.kind for mail in Mail.select()] == ["order_link" if right else "order_unknown"]
    assert Mail.get().to == email


def test_asking_does_the_same_work_for_known_and_unknown(client, order, statements):
    seen = []
    for number in ("1048", "9999"):
        with statements() as sql:
            client.post("/orders/find/mail", data={"number": number, "email": "noor@example.com"})
        seen.append(sql)
    assert seen[0] == seen[1]


def test_an_order_in_an_account_is_mailed_to_that_account_alone(client, order):
    guest = order.member
    Member.update(joined_at=now()).where(Member.id == guest.id).execute()
    ask(client)
    assert Mail.get().kind == "order_link"
    EmailAddress.update(address="new@example.com", folded=fold_email("new@example.com")).where(
        EmailAddress.member == guest
    ).execute()
    ask(client)  # the order still names the address that the member gave up
    ask(client, email="new@example.com")
    kinds = [(mail.to, mail.kind) for mail in Mail.select().order_by(Mail.id)][1:]
    assert kinds == [("noor@example.com", "order_unknown"), ("new@example.com", "order_link")]


def test_a_link_ends_when_the_order_came_into_an_account_meanwhile(client, order):
    ask(client)
    alice = make_member("Alice", joined_at=now())
    Order.update(member=alice).execute()
    answer = client.post(mailed())
    assert (answer.status_code, "shown this way any more" in answer.get_data(as_text=True)) == (
        410, True,
    )  # fmt: skip


def test_a_mailbox_alone_shows_no_order_of_an_account_with_two_steps(client, order):
    Member.update(joined_at=now()).where(Member.id == order.member_id).execute()
    ask(client)
    sent = mailed()
    Authenticator.create(member=order.member, sealed="x", confirmed_at=now())
    assert client.post(sent).status_code == 410
    ask(client)
    newest = Mail.select().order_by(Mail.id.desc()).get()
    assert (newest.kind, "/sign-in" in newest.text) == ("order_unknown", True)


def test_three_facts_show_the_order_without_names_and_addresses(client, order):
    page = client.post("/orders/find", data=FACTS, follow_redirects=True)
    text = page.get_data(as_text=True)
    assert (page.request.path, "Sencha" in text) == ("/orders/found/1048", True)
    told = [word in text for word in ("Noor", "Kade", "Visa", "Ring twice", "9000")]
    assert told == [False] * 5


@pytest.mark.parametrize(
    "wrong", [{"number": "1049"}, {"postcode": "9001"}, {"total": "87.41"}, {"total": "nothing"}]
)
def test_one_wrong_fact_shows_nothing_and_loses_nothing_typed(client, order, wrong):
    answer = client.post("/orders/find", data=FACTS | wrong)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "No order fits these three" in text) == (422, True)
    assert all(f'value="{value}"' in text for value in (FACTS | wrong).values())
    assert client.get("/orders/found").location == "/orders/find"


@pytest.mark.parametrize("field", ["number", "postcode", "total"])
def test_each_fact_is_asked_for(client, order, field):
    assert client.post("/orders/find", data=FACTS | {field: ""}).status_code == 422
    assert ProofCode.select().count() == 0


def test_an_order_in_an_account_is_seen_by_signing_in(client, order):
    Member.update(joined_at=now()).execute()
    answer = client.post("/orders/find", data=FACTS)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "is in an account. Sign in" in text) == (409, True)
    assert ProofCode.select().count() == 0


def test_guesses_end_after_ten_for_a_client_and_for_an_order(app, client, order, monkeypatch):
    totals = [f"80.{n:02}" for n in range(10)]
    without_step = replace(LIMITS["order.find.client"], step=0)  # it is asked from five on
    monkeypatch.setitem(LIMITS, "order.find.client", without_step)
    answers = [client.post("/orders/find", data=FACTS | {"total": t}) for t in totals]
    assert {answer.status_code for answer in answers} == {422}
    right = client.post("/orders/find", data=FACTS)
    assert (right.status_code, "Retry-After" in right.headers) == (429, True)
    other = app.test_client()
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    same = other.post("/orders/find", data=FACTS, environ_base=elsewhere)
    assert same.status_code == 429  # the number of this order was guessed too often
    ask(other)  # and mail still gets through to the one who ordered
    assert other.post(mailed()).status_code == 303


def test_links_to_one_address_are_limited_whoever_asks(app, client, order):
    for n in range(6):
        answer = app.test_client().post(
            "/orders/find/mail",
            data={"number": "1048", "email": "NOOR@example.com"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{n}"},
        )
    assert answer.status_code == 429


def test_what_was_said_is_forgotten_a_week_after_it_ended(client, order):
    ask(client)
    client.post(mailed())
    with travel(now() + timedelta(days=6)):
        clear.call_local()
        assert ProofCode.select().count() == 2
    with travel(now() + timedelta(days=8)):
        clear.call_local()
        assert ProofCode.select().count() == 0


def test_the_sign_in_page_leads_here(client):
    assert 'href="/orders/find"' in client.get("/sign-in").get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("87.40", 8740), ("87,40", 8740), ("€ 87.40", 8740), ("87.4 EUR", 8740),
        ("1.234,50", 123450),
        ("1,234.50", 123450), ("1,234", 123400), ("1 234,50 €", 123450), ("87", 8700),
        ("1.234.567", 123456700),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed, minor):
    assert amount(typed, "EUR") == minor
