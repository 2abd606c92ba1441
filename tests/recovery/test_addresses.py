"""A new address comes in by proof, the old one is told, and has a way back for seven days."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from factories import make_member
from flask import Flask
from outbox import last, link, subjects, text_of

from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.mail import Mail
from portal.members import codes
from portal.members.models import AddressChange, EmailAddress, Event, Member, Session
from portal.members.proofs import WrongCode
from portal.recovery import addresses
from portal.recovery.jobs import clear

OLD, NEW = "alice@old.example", "alice@new.example"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with one address."""
    return make_member(email=OLD)


def opening(member: Member) -> list[str]:
    """The addresses that open an account."""
    rows = EmailAddress.select().where(EmailAddress.member == member).order_by(EmailAddress.id)
    return [email.address for email in rows if email.opens]


def changed(alice: Member, sign_in: Any, client: Any) -> Any:
    """Her browser, after the change from the old to the new address."""
    browser = sign_in(alice)
    browser.post("/account/email", data={"email": NEW})
    client.post(link(NEW, "/email/prove/"))
    return browser


def test_the_address_changes_once_the_new_one_is_proved(
    alice: Member, sign_in: Any, client: Any
) -> None:
    browser = sign_in(alice)
    asked = browser.post("/account/email", data={"email": NEW})
    assert (asked.status_code, asked.location, opening(alice)) == (303, "/account/email", [OLD])
    way = link(NEW, "/email/prove/")
    assert "Sign in with alice@new.example from now on?" in client.get(way).get_data(as_text=True)
    assert opening(alice) == [OLD]
    assert "This address opens your account now." in client.post(way).get_data(as_text=True)
    assert (opening(alice), EmailAddress.of(alice).address) == ([NEW], NEW)
    assert "alice@new.example" in browser.get("/account/email").get_data(as_text=True)


def test_both_addresses_read_what_happened_and_why_the_mail_came(
    alice: Member, sign_in: Any, client: Any
) -> None:
    changed(alice, sign_in, client)
    assert subjects(OLD) == [
        "Your address at Fern & Kettle is about to change",
        "Your address at Fern & Kettle was changed",
    ]
    assert subjects(NEW) == [
        "Prove your new address at Fern & Kettle",
        "A new address opens your account at Fern & Kettle",
    ]
    for mail in Mail.select():
        assert mail.why in text_of(mail)
        assert mail.why.replace("&", "&amp;") in mail.html
    assert link(NEW, "/not-me/") != link(OLD, "/email/back/")


def test_no_link_is_readable_in_the_database(alice: Member, sign_in: Any, client: Any) -> None:
    changed(alice, sign_in, client)
    tokens = [link(NEW, "/email/prove/"), link(OLD, "/email/back/"), link(NEW, "/not-me/")]
    stored = " ".join(
        str(row) for model in (Mail, AddressChange, Event) for row in model.select().tuples()
    )
    assert [token.rpartition("/")[2] in stored for token in tokens] == [False] * 3


def test_the_timeline_holds_no_whole_address(alice: Member, sign_in: Any, client: Any) -> None:
    changed(alice, sign_in, client)
    told = str([event.data for event in Event.select()])
    assert ["alice@" in told, "a…@new.example" in told] == [False, True]


def test_the_old_address_takes_it_back_within_seven_days_without_a_sign_in(
    alice: Member, sign_in: Any, client: Any
) -> None:
    browser = changed(alice, sign_in, client)
    way = link(OLD, "/email/back/")
    with time_machine.travel(now() + timedelta(days=6, hours=23)):
        assert "Go back to alice@old.example?" in client.get(way).get_data(as_text=True)
        assert opening(alice) == [NEW]
        assert "Your address is as it was." in client.post(way).get_data(as_text=True)
        assert opening(alice) == [OLD]
        assert browser.get("/account/security").status_code == 303
        assert "taken back" in last(NEW).subject
        again = client.post(way)
    assert (again.status_code, "already" in again.get_data(as_text=True)) == (410, True)


def test_after_seven_days_there_is_no_way_back(alice: Member, sign_in: Any, client: Any) -> None:
    changed(alice, sign_in, client)
    with time_machine.travel(now() + timedelta(days=7, seconds=1)):
        late = client.post(link(OLD, "/email/back/"))
    assert (late.status_code, "seven days" in late.get_data(as_text=True)) == (410, True)
    assert opening(alice) == [NEW]


def test_the_first_old_address_undoes_a_whole_chain_of_changes(
    alice: Member, sign_in: Any, client: Any
) -> None:
    browser = changed(alice, sign_in, client)
    browser.post("/account/email", data={"email": "third@thief.example"})
    client.post(link("third@thief.example", "/email/prove/"))
    browser.post("/account/email", data={"email": "fourth@thief.example"})
    assert opening(alice) == ["third@thief.example"]
    client.post(link(OLD, "/email/back/"))
    assert opening(alice) == [OLD]
    waiting = client.post(link("fourth@thief.example", "/email/prove/"))
    assert (waiting.status_code, opening(alice)) == (410, [OLD])


def test_the_old_address_stops_a_change_that_waits(
    alice: Member, sign_in: Any, client: Any
) -> None:
    sign_in(alice).post("/account/email", data={"email": NEW})
    assert "Keep alice@old.example?" in client.get(link(OLD, "/email/back/")).get_data(True)
    client.post(link(OLD, "/email/back/"))
    late = client.post(link(NEW, "/email/prove/"))
    assert (late.status_code, "was stopped" in late.get_data(as_text=True)) == (410, True)
    assert opening(alice) == [OLD]


def test_a_stopped_late_used_or_unknown_link_says_which_it_is(
    alice: Member, sign_in: Any, client: Any
) -> None:
    browser = sign_in(alice)
    browser.post("/account/email", data={"email": NEW})
    first = link(NEW, "/email/prove/")
    browser.post("/account/email/stop")
    browser.post("/account/email", data={"email": NEW})
    second = link(NEW, "/email/prove/")
    with time_machine.travel(now() + timedelta(minutes=61)):
        late = client.get(second).get_data(as_text=True)
    client.post(second)
    said = {
        "stopped": client.post(first).get_data(as_text=True),
        "for an hour": late,
        "used already": client.post(second).get_data(as_text=True),
        "don’t know this link": client.post("/email/prove/nonsense").get_data(as_text=True),
    }
    assert [words for words, page in said.items() if words not in page] == []
    assert client.get("/email/back/nonsense").status_code == 410


def test_sixteen_clicks_at_once_change_it_once(alice: Member, app: Flask) -> None:
    own = EmailAddress.of(alice)
    addresses.ask(alice, own, NEW)
    token = link(NEW, "/email/prove/").rpartition("/")[2]
    outcomes: list[str] = []

    def click() -> None:
        with app.test_request_context():
            db.connect(reuse_if_open=True)
            try:
                addresses.prove(token)
                outcomes.append("changed")
            except addresses.LinkEnded:
                outcomes.append("ended")
            finally:
                db.close()

    clicks = [Thread(target=click) for _ in range(16)]
    [thread.start() for thread in clicks]
    [thread.join() for thread in clicks]
    assert sorted(outcomes) == ["changed", *["ended"] * 15]
    assert Event.select().where(Event.kind == "email.changed").count() == 1


def test_an_address_of_somebody_else_gives_nothing_away(
    alice: Member, sign_in: Any, client: Any
) -> None:
    bob = make_member("Bob Maes", email="bob@example.com")
    browser = sign_in(alice)
    answers = [
        browser.post("/account/email", data={"email": address}, follow_redirects=True)
        for address in ("bob@example.com", "nob@example.com")
    ]
    pages = [answer.get_data(as_text=True).replace("nob@", "bob@") for answer in answers]
    strip = [page[page.index("<main") : page.index("</main>")] for page in pages]
    strip = [
        main.replace(main[main.find("csrf_token") : main.find(">", main.find("csrf_token"))], "")
        for main in strip
    ]
    assert [a.status_code for a in answers] == [200, 200]
    assert [s.count("bob@example.com") for s in strip] == [1, 1]
    mail = last("bob@example.com")
    assert ["An account has it already" in text_of(mail), "/email/" in text_of(mail)] == [
        True,
        False,
    ]
    assert (mail.member_id, opening(bob)) == (None, ["bob@example.com"])


def test_who_took_the_address_first_keeps_it(alice: Member, sign_in: Any, client: Any) -> None:
    bob = make_member("Bob Maes", email="bob@example.com")
    for member in (alice, bob):
        sign_in(member).post("/account/email", data={"email": NEW})
        way = link(NEW, "/email/prove/")
        if member is alice:
            first = way
    assert client.post(way).status_code == 200
    late = client.post(first)
    assert (late.status_code, "Another account has" in late.get_data(as_text=True)) == (409, True)
    assert (opening(alice), opening(bob)) == ([OLD], [NEW])


def test_a_code_mailed_to_the_old_address_before_opens_nothing_after(
    alice: Member, sign_in: Any, client: Any, app: Flask
) -> None:
    with app.test_request_context():
        browser = codes.ask(OLD)
        code = last(OLD).secret()
        changed(alice, sign_in, client)
        with pytest.raises(WrongCode):
            codes.use(browser, code or "")
    assert codes.waiting(browser).used_at is None  # type: ignore[union-attr]


def test_the_old_address_still_tells_files_whose_orders_these_are(
    alice: Member, sign_in: Any, client: Any
) -> None:
    changed(alice, sign_in, client)
    assert EmailAddress.find(OLD).member == alice  # type: ignore[union-attr]
    assert EmailAddress.find(OLD).opens is False  # type: ignore[union-attr]


def test_an_address_that_no_file_knows_goes_after_seven_days(
    alice: Member, sign_in: Any, client: Any
) -> None:
    EmailAddress.update(source="sign-up").execute()
    changed(alice, sign_in, client)
    clear.call_local()
    assert EmailAddress.find(OLD) is not None
    with time_machine.travel(now() + timedelta(days=8)):
        clear.call_local()
    assert (EmailAddress.find(OLD), opening(alice)) == (None, [NEW])


@pytest.mark.parametrize("typed", ["", "nonsense", "a b@example.com", OLD, OLD.upper(), "x" * 400])
def test_what_is_no_new_address_stays_typed(alice: Member, sign_in: Any, typed: str) -> None:
    answer = sign_in(alice).post("/account/email", data={"email": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert (AddressChange.select().count(), Mail.select().count()) == (0, 0)


def test_of_several_addresses_the_chosen_one_goes(alice: Member, sign_in: Any, client: Any) -> None:
    second = EmailAddress.create(member=alice, address="a@two.example", folded="a@two.example")
    browser = sign_in(alice)
    unsaid = browser.post("/account/email", data={"email": NEW})
    browser.post("/account/email", data={"email": NEW, "old": str(second.id)})
    client.post(link(NEW, "/email/prove/"))
    assert (unsaid.status_code, opening(alice)) == (422, [OLD, NEW])


def test_somebody_without_an_address_adds_one(app: Flask, sign_in: Any, client: Any) -> None:
    phone_only = make_member("Pia Holt", email="")
    sign_in(phone_only).post("/account/email", data={"email": NEW})
    client.post(link(NEW, "/email/prove/"))
    assert opening(phone_only) == [NEW]
    assert [mail.to for mail in Mail.select().order_by(Mail.id)] == [NEW, NEW]


def test_a_frozen_account_keeps_its_address(alice: Member, sign_in: Any, client: Any) -> None:
    browser = sign_in(alice)
    browser.post("/account/email", data={"email": NEW})
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    proved = client.post(link(NEW, "/email/prove/"))
    asked = browser.post("/account/email", data={"email": "other@new.example"})
    assert (proved.status_code, asked.status_code, opening(alice)) == (403, 403, [OLD])


def test_the_sixth_new_address_in_an_hour_has_to_wait(alice: Member, sign_in: Any) -> None:
    browser = sign_in(alice)
    tried = [
        browser.post("/account/email", data={"email": f"a{n}@new.example"}).status_code
        for n in range(6)
    ]
    assert tried == [303, 303, 303, 303, 303, 429]


def test_a_proof_of_long_ago_is_asked_again(alice: Member, sign_in: Any) -> None:
    browser = sign_in(alice)
    with write_tx():
        Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    answers = [browser.get("/account/email"), browser.post("/account/email", data={"email": NEW})]
    assert [(a.status_code, a.location.partition("?")[0]) for a in answers] == [
        (303, "/sign-in")
    ] * 2
    assert AddressChange.select().count() == 0
