"""The slow way back: 48 hours, told to everybody, stopped from anywhere, never chosen by staff."""

from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from factories import make_member
from flask import Flask
from outbox import last, link, subjects, text_of

from portal.factors.second import on
from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import (
    Authenticator,
    EmailAddress,
    Member,
    OneTimeLink,
    Passkey,
    Password,
    Recovery,
    SentFactor,
    Session,
)
from portal.recovery import slow
from portal.recovery.jobs import tell_ready

EMAIL, SECOND, ELSEWHERE = "alice@customers.example", "alice@work.example", "alice@new.example"
LATER = timedelta(hours=48, seconds=1)


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with two addresses, a passkey, a password and an authenticator app."""
    alice = make_member(email=EMAIL)
    with write_tx():
        EmailAddress.create(member=alice, address=SECOND, folded=SECOND)
        Passkey.create(member=alice, credential_id="k", public_key=b"x", label="phone")
        Password.create(member=alice, hash="x")
        Authenticator.create(member=alice, sealed="x", confirmed_at=now())
    return alice


def asked(client: Any, address: str = EMAIL) -> str:
    """The way of the mail that was asked for."""
    client.post("/recover", data={"email": address})
    jobs.run_waiting()
    return link(address, "/recover/way/")


def begun(client: Any) -> str:
    """The same, with the 48 hours begun."""
    way = asked(client)
    client.post(way)
    return way


def waited() -> datetime:
    """A moment after the 48 hours."""
    return now() + LATER


def ways_in(member: Member) -> list[int]:
    """How many of each earlier way in there are."""
    return [
        m.select().where(m.member == member).count() for m in (Passkey, Password, Authenticator)
    ]


def test_who_reads_the_mail_gets_in_after_48_hours_and_no_sooner(
    alice: Member, client: Any, sign_in: Any
) -> None:
    browser = sign_in(alice)
    way = asked(client)
    assert "Begin the 48 hours?" in client.get(way).get_data(as_text=True)
    assert "You can come in from" in client.post(way).get_data(as_text=True)
    with time_machine.travel(now() + timedelta(hours=47, minutes=59)):
        early = client.post(way)
    assert "You can come in from" in early.get_data(as_text=True)
    assert (client.get("/account/security").status_code, ways_in(alice)) == (303, [1, 1, 1])
    with time_machine.travel(waited()):
        assert "You can come in now." in client.get(way).get_data(as_text=True)
        entered = client.post(way)
        assert entered.location.startswith("/sign-in/offer")
        assert client.get("/account/security").status_code == 200
        assert browser.get("/account/security").status_code == 303
        again = client.post(way)
    assert (ways_in(alice), again.status_code) == ([0, 0, 0], 410)
    assert "Somebody got back into your account" in last(SECOND).subject


def test_it_is_told_to_every_address_and_on_every_page(
    alice: Member, client: Any, sign_in: Any
) -> None:
    browser = sign_in(alice)
    assert 'id="state"' not in browser.get("/").get_data(as_text=True)
    begun(client)
    for address in (EMAIL, SECOND):
        assert "Somebody wants to get back into your account" in last(address).subject
        assert last(address).why in text_of(last(address))
    page = browser.get("/").get_data(as_text=True)
    assert ["recovery of 48 hours" in page, "Stop the recovery" in page] == [True, True]


@pytest.mark.parametrize("by", ["first address", "second address", "session", "agent"])
def test_each_of_them_stops_it(alice: Member, client: Any, sign_in: Any, by: str) -> None:
    browser = sign_in(alice)
    way = begun(client)
    if by == "session":
        browser.post("/account/recovery/stop")
    elif by == "agent":
        desk = sign_in(make_member("Ines Peeters", role="agent"))
        desk.post(f"/staff/members/{alice.number}/recovery/stop")
    else:
        stop = link(EMAIL if by == "first address" else SECOND, "/recover/stop/")
        assert "Stop it?" in client.get(stop).get_data(as_text=True)
        assert Recovery.get().state == "waiting"
        assert "It is stopped." in client.post(stop).get_data(as_text=True)
        assert client.post(stop).status_code == 410
    with time_machine.travel(waited()):
        late = client.post(way)
    assert (late.status_code, "was stopped" in late.get_data(as_text=True)) == (410, True)
    assert (ways_in(alice), Recovery.get().state) == ([1, 1, 1], "cancelled")
    assert "was stopped" in last(SECOND).subject


def test_a_known_and_an_unknown_address_get_the_same_answer(alice: Member, client: Any) -> None:
    answers = [
        client.post("/recover", data={"email": address})
        for address in (EMAIL, "bob@customers.example")
    ]
    bodies = [a.get_data(as_text=True).replace("bob@", "alice@") for a in answers]
    mains = [body[body.index("<main") : body.index("</main>")] for body in bodies]
    assert (mains[0], answers[0].status_code) == (mains[1], answers[1].status_code)
    assert Mail.select().count() == 0
    jobs.run_waiting()
    assert Mail.select().count() == 2
    assert "No account has it" in text_of(last("bob@customers.example"))


def test_no_link_is_readable_in_the_database(alice: Member, client: Any) -> None:
    way = begun(client)
    tokens = [way.rpartition("/")[2], link(SECOND, "/recover/stop/").rpartition("/")[2]]
    stored = " ".join(str(r) for m in (Mail, Recovery) for r in m.select().tuples())
    assert [token in stored for token in tokens] == [False, False]


def test_a_first_link_lives_an_hour_and_an_open_door_a_week(alice: Member, client: Any) -> None:
    way = asked(client)
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert client.post(way).status_code == 410
    client.post(way)
    with time_machine.travel(now() + timedelta(days=9, minutes=1)):
        assert client.post(way).status_code == 410
    assert client.get("/recover/way/nonsense").status_code == 410
    assert client.get("/recover/stop/nonsense").status_code == 410
    assert ways_in(alice) == [1, 1, 1]


def test_asking_again_while_it_runs_changes_nothing(alice: Member, client: Any) -> None:
    begun(client)
    client.post("/recover", data={"email": EMAIL})
    jobs.run_waiting()
    assert (Recovery.select().count(), "is under way" in last(EMAIL).subject) == (1, True)


def test_the_person_hears_once_that_the_door_is_open(alice: Member, client: Any) -> None:
    begun(client)
    tell_ready.call_local()
    with time_machine.travel(waited()):
        tell_ready.call_local()
        tell_ready.call_local()
    assert subjects(EMAIL).count("Your way back at Fern & Kettle is open") == 1


def test_sixteen_who_enter_at_once_are_one(alice: Member, client: Any, app: Flask) -> None:
    token = begun(client).rpartition("/")[2]
    Recovery.update(ready_at=now() - timedelta(minutes=1)).execute()
    outcomes: list[bool] = []

    def enter() -> None:
        with app.test_request_context():
            db.connect(reuse_if_open=True)
            try:
                slow.finish(token)
                outcomes.append(True)
            except Refused:
                outcomes.append(False)
            finally:
                db.close()

    threads = [Thread(target=enter) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == [False] * 15 + [True]


def test_a_recovery_thaws_a_frozen_account(alice: Member, client: Any) -> None:
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    way = begun(client)
    assert Member.get_by_id(alice.id).frozen_at is not None
    with time_machine.travel(waited()):
        client.post(way)
    assert Member.get_by_id(alice.id).frozen_at is None


def test_not_me_stops_a_recovery(alice: Member, client: Any, sign_in: Any) -> None:
    sign_in(alice).post("/account/close")
    begun(client)
    client.post(link(EMAIL, "/not-me/"))
    assert Recovery.get().state == "cancelled"


def start(desk: Any, member: Member, email: str = ELSEWHERE) -> Any:
    """An agent starts a recovery."""
    data = {"email": email, "reason": "Knew the last three orders."}
    return desk.post(f"/staff/members/{member.number}/recovery", data=data)


def test_an_agent_starts_one_and_chooses_no_way_in(
    alice: Member, client: Any, sign_in: Any
) -> None:
    desk = sign_in(make_member("Ines Peeters", role="agent"))
    form = desk.get(f"/staff/members/{alice.number}/recovery").get_data(as_text=True)
    assert 'type="password"' not in form
    assert start(desk, alice).status_code == 303
    way = link(ELSEWHERE, "/recover/way/")
    client.post(way)
    assert {to for to in (EMAIL, SECOND) if "wants to get back" in last(to).subject} == {
        EMAIL, SECOND,
    }  # fmt: skip
    with time_machine.travel(waited()):
        client.post(way)
        assert client.get("/account/security").status_code == 200
    assert EmailAddress.find(ELSEWHERE).member == alice  # type: ignore[union-attr]
    told = client.get("/account/activity").get_data(as_text=True)
    assert "Ines" not in told


def test_addresses_that_reached_nobody_open_nothing_afterwards_and_are_told(
    alice: Member, client: Any, sign_in: Any
) -> None:
    start(sign_in(make_member("Ines Peeters", role="agent")), alice)
    way = link(ELSEWHERE, "/recover/way/")
    client.post(way)
    with time_machine.travel(waited()):
        client.post(way)
        opens = {e.address: e.opens for e in alice.emails}
        assert opens == {EMAIL: False, SECOND: False, ELSEWHERE: True}
        for address in (EMAIL, SECOND, ELSEWHERE):
            assert "Somebody got back into your account at Fern & Kettle" in subjects(address)
        client.application.test_client().post("/sign-in/code", data={"email": EMAIL})
        jobs.run_waiting()
        assert last(EMAIL).kind == "sign_in_unknown"


def test_every_address_goes_on_opening_where_one_of_them_was_proved(
    alice: Member, client: Any
) -> None:
    way = begun(client)
    with time_machine.travel(waited()):
        client.post(way)
    assert [email.opens for email in alice.emails] == [True, True]


def test_no_second_factor_of_before_is_asked_afterwards(alice: Member, client: Any) -> None:
    with write_tx():
        SentFactor.create(member=alice, channel="sms", target="+3247012345")
    assert on(alice) == ["app", "sms"]
    way = begun(client)
    with time_machine.travel(waited()):
        client.post(way)
    assert on(alice) == []


def test_an_agent_does_not_name_an_address_that_opens_another_account(
    alice: Member, sign_in: Any
) -> None:
    make_member("Bob Maes", email="bob@customers.example")
    desk = sign_in(make_member("Ines Peeters", role="agent"))
    answer = start(desk, alice, "bob@customers.example")
    assert (answer.status_code, Recovery.select().count()) == (409, 0)
    assert "opens another account" in answer.get_data(as_text=True)


def test_an_agent_does_not_name_an_address_of_the_shop(alice: Member, sign_in: Any) -> None:
    agent = make_member("Ines Peeters", email="ines@shop.example", role="agent")
    answer = start(sign_in(agent), alice, "ines@shop.example")
    assert (answer.status_code, Recovery.select().count()) == (409, 0)
    assert "works for the shop" in answer.get_data(as_text=True)


def test_a_colleague_gets_back_once_two_others_agreed(
    app: Flask, client: Any, sign_in: Any
) -> None:
    lost = make_member("Nora Claes", email="nora@shop.example", role="agent")
    one = make_member("Ines Peeters", role="agent")
    two = make_member("Marit De Smet", role="owner")
    way = asked(client, "nora@shop.example")
    assert "Two colleagues have to agree" in client.post(way).get_data(as_text=True)
    agree = f"/staff/members/{lost.number}/recovery/agree"
    assert sign_in(lost).post(agree).status_code == 409
    first = sign_in(one)
    assert [first.post(agree).status_code, first.post(agree).status_code] == [303, 409]
    assert Recovery.get().state == "asked"
    sign_in(two).post(agree)
    assert Recovery.get().state == "waiting"
    sessions = Session.select().count()
    with time_machine.travel(waited()):
        entered = client.post(way)
    assert entered.location.startswith("/setup/")
    assert (Session.select().count(), client.get("/staff").status_code) == (sessions, 303)


def test_starting_one_for_a_colleague_is_one_of_two_agreements(
    app: Flask, client: Any, sign_in: Any
) -> None:
    lost = make_member("Nora Claes", email="nora@shop.example", role="agent")
    one, two = (make_member(name, role="agent") for name in ("Ines Peeters", "Jo Maes"))
    start(sign_in(one), lost)
    client.post(link(ELSEWHERE, "/recover/way/"))
    assert Recovery.get().state == "asked"
    agree = f"/staff/members/{lost.number}/recovery/agree"
    assert sign_in(one).post(agree).status_code == 409
    sign_in(two).post(agree)
    assert Recovery.get().state == "waiting"


def test_a_closed_account_has_no_way_back(alice: Member, client: Any) -> None:
    Member.update(closed_at=now()).execute()
    client.post("/recover", data={"email": EMAIL})
    jobs.run_waiting()
    assert Recovery.select().count() == 0


def test_a_mailed_code_that_let_somebody_in_before_does_not_go_round_the_wait(
    alice: Member, client: Any
) -> None:
    way = begun(client)
    OneTimeLink.make("sign-in", alice, timedelta(minutes=5))
    client.post(way)
    client.get(way)
    assert Session.select().where(Session.member == alice).count() == 0


@pytest.mark.parametrize("typed", ["", "nonsense", "a b@example.com"])
def test_what_is_no_address_stays_typed(app: Flask, client: Any, typed: str) -> None:
    answer = client.post("/recover", data={"email": typed})
    assert (answer.status_code, f'value="{typed}"' in answer.get_data(as_text=True)) == (422, True)


def test_the_fourth_way_asked_for_one_address_in_a_day_is_refused(
    alice: Member, client: Any
) -> None:
    sent = [client.post("/recover", data={"email": EMAIL}).status_code for _ in range(4)]
    assert sent == [200, 200, 200, 429]
