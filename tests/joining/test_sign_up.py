"""Joining: one mail confirms an address; nobody learns who is known; the page says where it is."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask
from newcomers import ask, kinds_of, mailed, type_code, words
from reports import postfix

from portal.joining import signup
from portal.joining.arrival import come_in
from portal.lib.bounces import read
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.lib.throttle import LIMITS
from portal.members.jobs import clear
from portal.members.models import EmailAddress, Member, ProofCode, Session
from portal.members.models.search import find_members
from portal.members.proofs import DeadCode
from portal.shop.models import change_settings


@pytest.fixture(autouse=True)
def no_steps(app: Flask) -> None:
    """What is asked after joining has its own tests."""
    change_settings(join_steps="")


def test_somebody_new_joins_with_a_code_and_is_in(client) -> None:
    asked = ask(client, " Maren@Example.com ")
    assert (asked.status_code, asked.location) == (303, "/join/confirm")
    assert Member.select().count() == 0
    entered = type_code(client, mailed()[0].lower())
    assert (entered.status_code, entered.location) == (303, "/sign-in/offer?next=/")
    member = Member.get()
    email = EmailAddress.get()
    assert (member.name, member.source, member.joined_at is None) == (
        "Maren Holt",
        "sign-up",
        False,
    )
    assert (email.address, email.verified_at is None) == ("Maren@Example.com", False)
    assert client.get("/").status_code == 200
    assert list(find_members("maren")) == [member.id]
    assert kinds_of(member) == ["joining.joined", "sign_in.done"]


def test_the_link_works_in_another_browser_by_a_button_and_once(client, app: Flask) -> None:
    ask(client)
    link = mailed()[1]
    phone = app.test_client()
    shown = phone.get(link)
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "maren@example.com" in shown.text
    assert (Member.select().count(), ProofCode.get().used_at) == (0, None)
    assert phone.post(link).location == "/sign-in/offer?next=/"
    assert phone.get("/account/orders").status_code == 200
    again = app.test_client().post(link)
    assert (again.status_code, Session.select().count()) == (410, 1)
    assert "This link did its work already." in again.text
    assert "in another browser" in words(client.get("/join/confirm"))


def test_nothing_private_is_shown_before_the_address_is_confirmed(client) -> None:
    make_order(make_member("Maren Holt", email="maren@example.com"), "1048")
    ask(client)
    assert "1048" not in client.get("/join/confirm").text
    assert client.get("/account/orders").status_code == 303
    assert EmailAddress.get().verified_at is None


def test_an_imported_person_joins_as_who_they_are(client) -> None:
    known = make_member("M. Holt", email="maren@example.com")
    make_order(known, "1048")
    ask(client)
    type_code(client, mailed()[0])
    assert "1048" in client.get("/account/orders").text
    member = Member.get_by_id(known.id)
    assert (member.name, Member.select().count()) == ("M. Holt", 1)
    assert (member.joined_at is None, EmailAddress.get().verified_at is None) == (False, False)
    assert kinds_of(member) == ["joining.found", "sign_in.done"]


def test_an_imported_person_without_a_name_takes_the_typed_one(client) -> None:
    known = make_member("", email="maren@example.com")
    ask(client)
    type_code(client, mailed()[0])
    assert Member.get_by_id(known.id).name == "Maren Holt"
    assert list(find_members("holt")) == [known.id]


def test_a_member_who_joins_again_is_signed_in_and_nothing_else_changes(client) -> None:
    alice = make_member("Alice Janssens", email="alice@example.com", joined_at=now())
    ask(client, "alice@example.com", "Mallory")
    mail = Mail.get()
    assert (mail.kind, mail.subject) == ("join_known", "You have an account at Fern & Kettle")
    entered = type_code(client, mailed()[0])
    run_waiting()
    assert entered.location == "/"
    assert (Member.get().name, Member.select().count()) == ("Alice Janssens", 1)
    assert sorted(kinds_of(alice)) == ["joining.asked", "sign_in.done"]


def test_staff_and_addresses_that_open_nothing_get_a_mail_without_a_code(app: Flask) -> None:
    make_member("Ines Peeters", email="ines@example.com", role="agent")
    change_settings(claim_by_email=False)
    make_member("Imported", email="imported@example.com")
    held = make_member("Held", email="held@example.com", joined_at=now())
    EmailAddress.update(source="merge").where(EmailAddress.member == held).execute()
    for name in ("ines", "imported", "held"):
        client = app.test_client()
        ask(client, f"{name}@example.com")
        mail = Mail.select().order_by(Mail.id.desc()).get()
        assert (mail.kind, mail.sealed, mail.to) == ("join_other", None, f"{name}@example.com")
        assert type_code(client, "ZZZZZZ").status_code == 422
    assert Session.select().count() == 0


def test_where_the_shop_wants_more_a_mailed_code_lets_no_imported_person_in(client) -> None:
    change_settings(claim_by_email=False)
    make_member("Imported", email="imported@example.com")
    client.post("/sign-in/code", data={"email": "imported@example.com"})
    assert Mail.get().kind == "sign_in_unknown"
    change_settings(claim_by_email=True)
    client.post("/sign-in/code", data={"email": "imported@example.com"})
    assert Mail.select().order_by(Mail.id.desc()).get().kind == "sign_in_code"


def test_a_shop_that_invites_takes_nobody_new(client) -> None:
    ask(client)
    code = mailed()[0]
    change_settings(sign_up=False)
    assert client.get("/join").status_code == 404
    assert ask(client, "bob@example.com").status_code == 404
    assert type_code(client, code).status_code == 409
    assert "/join" not in client.get("/sign-in").text
    assert (Member.select().count(), Mail.select().count()) == (0, 1)
    change_settings(sign_up=True)
    assert type_code(client, code).status_code == 303


def without_tokens(html: str) -> str:
    """A page with what differs each time taken out."""
    html = re.sub(r'(name="csrf.token"|data-csrf)[^>]*', "", html)
    return re.sub(r"\d\d:\d\d:\d\d", "", html)


def test_known_unknown_and_staff_addresses_get_the_same_pages(app: Flask) -> None:
    make_member(email="known@example.com", joined_at=now())
    make_member(email="bought@example.com")
    make_member("Ines Peeters", email="staff@example.com", role="agent")
    seen = set()
    for name in ("known", "bought", "staff", "never"):
        client = app.test_client()
        asked = ask(client, f"{name}@example.com")
        pages = [
            client.get("/join/confirm"),
            type_code(client, "ZZZZZZ"),
            client.post("/join/again"),
        ]
        pages += [client.get("/join/confirm"), client.get("/join/confirm/progress", htmx=True)]
        told = tuple(
            (page.status_code, without_tokens(page.text).replace(f"{name}@", "name@"))
            for page in pages
        )
        assert "name@example.com" in told[0][1]
        seen.add((asked.status_code, asked.location, asked.data, told))
    assert len(seen) == 1


def test_both_kinds_of_addresses_take_the_same_statements(app: Flask, statements) -> None:
    make_member(email="known@example.com", joined_at=now())
    counts = set()
    for name in ("known", "never", "never2"):
        client = app.test_client()
        client.get("/join")
        with statements() as seen:
            ask(client, f"{name}@example.com")
        counts.add(tuple(sql.split(" ")[0] for sql in seen))
    assert len(counts) == 1


def test_a_code_is_refused_after_ten_minutes_and_the_link_too(client) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        ask(client)
        code, link = mailed()
        clock.shift(601)
        late = type_code(client, code)
        assert "older than ten minutes. Ask for a new one." in words(late)
        assert "This link is older than ten minutes." in client.get(link).text
        assert "Ten minutes are over" in words(client.get("/join/confirm"))
        assert client.post("/join/again").status_code == 303
        assert type_code(client, mailed()[0]).status_code == 303
    assert late.status_code == 422


def test_each_bad_state_of_a_code_has_its_own_sentence(client, app: Flask) -> None:
    ask(client)
    first, link = mailed()
    assert "That is not the code." in words(type_code(client, "ZZZZZZ"))
    assert "Type the six characters" in words(type_code(client, ""))
    assert "No code was asked for in this browser." in words(type_code(app.test_client(), first))
    client.post("/join/again")
    assert "That is not the code." in words(type_code(client, first))
    assert "We sent you a newer mail since." in words(client.get(link))
    assert "This link is not whole." in words(client.get(link[:-4]))
    assert "This link is not whole." in words(client.get("/join/link/" + "9" * 400))
    cookie = client.get_cookie("join").value
    assert type_code(client, mailed()[0]).status_code == 303
    client.set_cookie("join", cookie)
    assert "This code was used already." in words(type_code(client, mailed()[0]))


def test_the_eleventh_try_finds_a_dead_code_and_one_mail_tells_a_member(client) -> None:
    alice = make_member(email="alice@example.com", joined_at=now())
    ask(client, "alice@example.com")
    code, link = mailed()
    for _try in range(10):
        type_code(client, "222222" if code != "222222" else "333333")
    assert "too many wrong codes" in words(type_code(client, code))
    run_waiting()
    assert kinds_of(alice).count("sign_in.code_wrong") == 10
    assert Mail.select().where(Mail.kind == "account_change").count() == 1
    assert client.post(link).status_code == 303


def test_sixteen_browsers_with_the_same_code_make_one_member(client, app: Flask) -> None:
    ask(client)
    code, cookie = mailed()[0], client.get_cookie("join").value

    def race(_number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return come_in(signup.confirm(cookie, code)).member.name
            except DeadCode:
                return "dead"
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        came = list(pool.map(race, range(16)))
    assert came.count("Maren Holt") == 1
    assert Member.select().count() == 1


def test_two_browsers_that_prove_one_new_address_at_once_make_one_member(app: Flask) -> None:
    proofs = []
    for _number in range(4):
        client = app.test_client()
        ask(client)
        proofs.append((client.get_cookie("join").value, mailed()[0]))

    def race(proof: tuple[str, str]) -> int:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return come_in(signup.confirm(*proof)).member.id
            finally:
                db.close()

    with ThreadPoolExecutor(4) as pool:
        came = set(pool.map(race, proofs))
    assert (len(came), Member.select().count(), EmailAddress.select().count()) == (1, 1, 1)


def test_five_mails_and_no_more_however_the_address_changes(client) -> None:
    ask(client)
    assert "4 of 5 left" in words(client.get("/join/confirm"))
    for number in range(4):
        client.post("/join/address", data={"email": f"maren{number}@example.com"})
    shown = words(client.get("/join/confirm"))
    assert "All 5 mails are sent." in shown
    assert "maren3@example.com" in shown
    sixth = client.post("/join/again")
    assert (sixth.status_code, Mail.select().count()) == (409, 5)
    assert "write to hello@fernandkettle.example" in words(sixth)
    type_code(client, mailed()[0])
    assert EmailAddress.get().address == "maren3@example.com"


def test_one_address_gets_five_mails_an_hour_whoever_asks(app: Flask, monkeypatch) -> None:
    without_step = replace(LIMITS["join.ask.client"], step=0)
    monkeypatch.setitem(LIMITS, "join.ask.client", without_step)
    make_member(email="known@example.com", joined_at=now())
    for address in ("known@example.com", "never@example.com"):
        with time_machine.travel("2026-11-21T10:00:00Z"):
            answers = [ask(app.test_client(), address) for _time in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert 'value="Maren Holt"' in answers[-1].text


def test_two_clicks_on_send_again_send_one_mail(client, app: Flask) -> None:
    ask(client)
    cookie = client.get_cookie("join").value
    client.post("/join/again")
    second = app.test_client()
    second.set_cookie("join", cookie)
    assert (second.post("/join/again").status_code, Mail.select().count()) == (409, 2)

    def race(_number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return signup.again(newest)
            except Refused:
                return ""
            finally:
                db.close()

    newest = client.get_cookie("join").value
    with ThreadPoolExecutor(8) as pool:
        came = [secret for secret in pool.map(race, range(8)) if secret]
    assert (len(came), Mail.select().count()) == (1, 3)


def test_what_was_typed_is_kept_and_explained(client) -> None:
    answer = ask(client, "maren at example", "Maren Holt")
    assert answer.status_code == 422
    assert "Write an e-mail address, such as you@example.com." in answer.text
    assert 'value="Maren Holt"' in answer.text
    assert "Write your name." in ask(client, "maren@example.com", "").text
    ask(client)
    wrong = client.post("/join/address", data={"email": "nonsense"})
    assert (wrong.status_code, 'value="nonsense"' in wrong.text) == (422, True)


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example/", "/\\evil"])
def test_joining_leads_to_no_other_site(client, bad: str) -> None:
    ask(client, next=bad)
    assert type_code(client, mailed()[0]).location == "/sign-in/offer?next=/"


def test_joining_leads_on_to_where_somebody_wanted(client) -> None:
    ask(client, next="/account/points")
    assert type_code(client, mailed()[0]).location == "/sign-in/offer?next=/account/points"


def test_code_and_link_are_nowhere_in_the_database(client) -> None:
    ask(client)
    code, link = mailed()
    token = link.partition("-")[2]
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            cells = [str(cell) for cell in row if not isinstance(cell, bytes | memoryview)]
            assert not any(code in cell or token in cell for cell in cells)


# --- the page that waits


def test_the_page_says_when_the_mail_was_queued_and_taken(client, smtp) -> None:
    change_settings(timezone="Europe/Brussels")
    with time_machine.travel("2026-11-21T09:02:11Z", tick=False) as clock:
        ask(client)
        assert "Written 10:02:11 Queued In your mailbox It goes out within seconds." in words(
            client.get("/join/confirm")
        )
        clock.shift(2)
        run_waiting()
        shown = client.get("/join/confirm/progress", htmx=True)
        assert "Taken by the mail server 10:02:13" in " ".join(
            re.sub(r"<[^>]+>", " ", shown.text).split()
        )
        clock.shift(120)
        late = words(client.get("/join/confirm"))
    assert "Look into your spam folder for a mail from" in late
    ((to, content),) = smtp.taken
    message = message_from_bytes(content, policy=policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    link = re.search(r"http://localhost:8000(/join/link/\S+)", text)[1]  # type: ignore[index]
    assert (to, link in html) == (["maren@example.com"], True)
    why = "Somebody typed this address to join Fern & Kettle."
    assert (why in text, why.replace("&", "&amp;") in html) == (True, True)
    with time_machine.travel("2026-11-21T09:05:00Z", tick=False):
        assert client.post(link).status_code == 303


def test_the_page_says_that_the_address_was_refused_and_why(client, smtp) -> None:
    smtp.refusals["maren@exampel.com"] = "550 5.1.1 no such person here"
    ask(client, "maren@exampel.com")
    run_waiting()
    shown = client.get("/join/confirm")
    assert re.search(r"Refused \d\d:\d\d:\d\d: 550 5.1.1 no such person here", words(shown))
    assert "data-hx-trigger" not in shown.text.partition('id="wait"')[2].partition(">")[0]
    polled = client.get("/join/confirm/progress", htmx=True)
    assert polled.headers["HX-Redirect"] == "/join/confirm"
    moved = client.post("/join/address", data={"email": "maren@example.com"})
    assert moved.location == "/join/confirm"
    run_waiting()
    assert [to for to, _content in smtp.taken] == [["maren@example.com"]]


def test_the_page_says_that_a_busy_server_is_asked_again(client, smtp) -> None:
    smtp.refusals["maren@example.com"] = "451 4.7.1 greylisted, come back later"
    ask(client)
    run_waiting()
    shown = words(client.get("/join/confirm"))
    assert re.search(r"Not taken yet \d\d:\d\d:\d\d: 451 4.7.1 greylisted", shown)
    assert re.search(r"We try again at \d\d:\d\d:\d\d.", shown)


def test_the_page_hides_what_is_between_the_shop_and_its_mail_server(client, app: Flask) -> None:
    app.config["MAIL_URL"] = "smtp://127.0.0.1:1"
    ask(client)
    run_waiting()
    shown = words(client.get("/join/confirm"))
    assert "the mail server did not answer" in shown
    assert "Errno" not in shown
    Mail.update(error="(535, b'5.7.8 bad password for shop@relay')").execute()
    shown = words(client.get("/join/confirm"))
    assert "the shop’s mail server does not work as it should" in shown
    assert "relay" not in shown


def test_the_page_says_that_a_mail_came_back_and_the_address_is_changed_in_place(
    client, smtp
) -> None:
    ask(client, "nobody@example.com")
    run_waiting()
    taken = message_from_bytes(smtp.taken.pop()[1])
    name = taken["Message-ID"].strip("<>").partition("@")[0]
    read(postfix(name, "delayed", "4.4.1"))
    assert re.search(
        r"Not in your mailbox yet \d\d:\d\d:\d\d: their mail server does not answer \(4.4.1 ",
        words(client.get("/join/confirm")),
    )
    with time_machine.travel(now() + timedelta(minutes=11)):  # reports take their time
        read(postfix(name))
        shown = words(client.get("/join/confirm"))
        came_back = r"Came back \d\d:\d\d:\d\d: the mailbox does not exist \(5.1.1 .*User unknown"
        assert re.search(came_back, shown)
        assert "The mail did not arrive." in shown
        polled = client.get("/join/confirm/progress", htmx=True)
        assert polled.headers["HX-Redirect"] == "/join/confirm"
        moved = client.post("/join/address", data={"email": "maren@example.com"})
        assert moved.location == "/join/confirm"
        run_waiting()
    assert [to for to, _content in smtp.taken] == [["maren@example.com"]]


def test_a_slip_in_a_providers_name_is_noticed(client) -> None:
    ask(client, "maren.holt@gmial.com")
    assert "Did you mean maren.holt@gmail.com?" in words(client.get("/join/confirm"))
    ask(client, "maren.holt@googlemail.com")
    assert "Did you mean" not in words(client.get("/join/confirm"))


def test_without_a_mail_server_the_page_says_so(client) -> None:
    ask(client)
    assert "has no mail server yet" in words(client.get("/join/confirm"))


def test_a_mail_that_waited_too_long_is_said_to_be_late(client, smtp) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        ask(client)
        clock.shift(660)
        run_waiting()
        assert "Not sent" in words(client.get("/join/confirm"))


def test_a_page_that_waits_for_nothing_leads_to_the_beginning(client) -> None:
    assert client.get("/join/confirm").location == "/join"
    assert client.get("/join/confirm/progress").location == "/join/confirm"
    assert client.post("/join/again").location == "/join"


def test_somebody_signed_in_is_led_home(sign_in) -> None:
    assert sign_in(make_member()).get("/join").location == "/"


def test_old_attempts_are_cleared_away(client) -> None:
    ask(client)
    clear.call_local()
    assert ProofCode.select().count() == 1
    with time_machine.travel(now() + timedelta(days=8)):
        clear.call_local()
    assert ProofCode.select().count() == 0


def test_who_was_stopped_between_the_proof_and_the_door_comes_in_the_next_time(
    client, app: Flask
) -> None:
    change_settings(claim_by_email=False)
    ask(client)
    code, _link = mailed()
    row = signup.confirm(client.get_cookie("join").value, code)
    come_in(row)  # and here the server was killed
    for where, kind in (("/sign-in/code", "sign_in_code"), ("/join", "join_known")):
        app.test_client().post(where, data={"email": "maren@example.com", "name": "Maren Holt"})
        assert Mail.select().order_by(Mail.id.desc()).get().kind == kind
