"""A way in that the owner ends: counted first, a second yes, and everybody told how to come in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from factories import make_member
from flask import Flask
from keyring import make_link, make_passkey, make_password

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.members import ended, keys, phones
from portal.members.models import EmailAddress, Event, Member, Session
from portal.providers.models import Provider
from portal.shop.models import change_settings, settings

PAGE = "/staff/settings/sign-in"
ON = {"passwords": "y", "phone_sign_in": "y"}


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    """A shop that offers everything."""
    app.config["SMS_URL"] = "twilio+http://AC1:secret@127.0.0.1:9/+15550100"
    change_settings(passwords=True, phone_sign_in=True, timezone="Europe/Brussels")


@pytest.fixture
def owner(sign_in) -> Any:
    """The owner's browser."""
    return sign_in(make_member("Marit De Smet", role="owner"))


def with_number(name: str, number: str, email: str | None = "") -> Member:
    """Somebody whose number opens the account."""
    member = make_member(name, email=email)
    with write_tx():
        phones.put_door(member, number)
    return member


def sure_of(answer: Any) -> str:
    """The value of the second yes that the page asks for."""
    found = re.search(r'name="sure" value="([^"]*)"', answer.get_data(as_text=True))
    return found[1] if found else ""


def everybody_told() -> list[str]:
    """To whom mails and texts about an ended way went, once all jobs ran."""
    run_waiting()
    mails = Mail.select(Mail.to).where(Mail.kind == "way_ended").order_by(Mail.id)
    texts = TextMessage.select(TextMessage.to).order_by(TextMessage.id)
    return [mail.to for mail in mails] + [text.to for text in texts]


def test_switching_a_way_off_that_people_need_asks_again_and_tells_them(owner) -> None:
    alice = make_member(email="alice@example.com")
    make_password(alice)
    bob = with_number("Bob Maes", "+32470123456")
    quick = make_member("Quick Quinn")
    make_password(quick)
    make_passkey(quick)
    asked = owner.post(PAGE, data={})
    page = asked.get_data(as_text=True)
    assert (asked.status_code, sure_of(asked)) == (422, "password,phone")
    assert "One member signs in with a password and has no passkey" in page
    assert "One member has nothing but a code by text message, and no address." in page
    assert (settings().passwords, settings().phone_sign_in, everybody_told()) == (True, True, [])
    yes = owner.post(PAGE, data={"sure": sure_of(asked)})
    assert (yes.status_code, settings().passwords, settings().phone_sign_in) == (303, False, False)
    assert everybody_told() == ["alice@example.com", "+32470123456"]
    assert "alice@example.com" in Mail.get(Mail.kind == "way_ended").text
    assert "write to hello@fernandkettle.example" in TextMessage.get().text
    told = Event.select().where(Event.kind == "way.ended").order_by(Event.id)
    assert [event.member_id for event in told] == [alice.id, bob.id]
    owner.post(PAGE, data={})
    ended.sweep()
    assert everybody_told() == ["alice@example.com", "+32470123456"]


def test_a_yes_to_one_way_is_none_to_another(owner) -> None:
    make_password(make_member())
    with_number("Bob Maes", "+32470123456")
    first = owner.post(PAGE, data={"phone_sign_in": "y"})
    assert sure_of(first) == "password"
    second = owner.post(PAGE, data={"sure": "password"})
    assert (second.status_code, settings().passwords) == (422, True)


def test_a_way_that_nobody_needs_goes_at_once(owner) -> None:
    both = with_number("Bob Maes", "+32470123456", email="bob@example.com")
    make_password(both)
    make_passkey(both)
    make_password(make_member("Gone", closed_at=now()))
    assert owner.post(PAGE, data={}).status_code == 303
    assert everybody_told() == []


def test_a_password_saves_who_loses_the_text_message_and_not_the_other_way_round(owner) -> None:
    both = with_number("Bob Maes", "+32470123456", email="bob@example.com")
    make_password(both)
    assert owner.post(PAGE, data={"passwords": "y"}).status_code == 303
    change_settings(phone_sign_in=True)
    assert sure_of(owner.post(PAGE, data={})) == "password,phone"


def test_a_provider_is_switched_off_after_a_second_yes(owner) -> None:
    alone = make_member(email="")
    make_link(alone)
    mailed = make_member("Mia Maes", email="mia@example.com")
    make_link(mailed, "m")
    switch = "/staff/settings/providers/on/switch"
    asked = owner.post(switch, data={"on": "0"})
    page = asked.get_data(as_text=True)
    assert (asked.status_code, Provider.get().enabled) == (409, True)
    assert "One member signs in with Tandem and has no passkey" in page
    assert "One member has nothing but Tandem, and no address." in page
    assert owner.post(switch, data={"on": "0", "sure": sure_of(asked)}).status_code == 303
    assert (Provider.get().enabled, everybody_told()) == (False, ["mia@example.com"])


def test_who_is_told_stays_told_when_a_worker_dies_in_between(owner, monkeypatch) -> None:
    monkeypatch.setattr(ended, "CHUNK", 2)
    for number in range(5):
        make_password(make_member(email=f"m{number}@example.com"))
    owner.post(PAGE, data={"phone_sign_in": "y", "sure": "password"})
    assert ended._next()
    assert settings().ways_ended.startswith("password:")
    assert everybody_told() == [f"m{number}@example.com" for number in range(5)]
    assert settings().ways_ended == ""


def test_switched_on_again_nobody_else_is_told(owner, monkeypatch) -> None:
    monkeypatch.setattr(ended, "CHUNK", 1)
    for number in range(3):
        make_password(make_member(email=f"m{number}@example.com"))
    owner.post(PAGE, data={"phone_sign_in": "y", "sure": "password"})
    ended._next()
    owner.post(PAGE, data=ON)
    assert everybody_told() == ["m0@example.com"]


def test_the_queries_for_everybody_agree_with_what_one_member_has(app: Flask) -> None:
    people = [make_member(email=""), make_member(), with_number("Bob", "+32470123456")]
    for email in ("", None):
        for giver in (make_passkey, make_password):
            people.append(make_member(email=email))
            giver(people[-1])
        people.append(make_member(email=email))
        make_link(people[-1], f"s{email}")
    off = make_member(email="")
    make_link(off, "off", enabled=False)
    unproved = make_member(email="u@example.com")
    EmailAddress.update(source="merge").where(EmailAddress.member == unproved).execute()
    people += [off, unproved]
    for values in ({}, {"passwords": False}, {"phone_sign_in": False}):
        change_settings(**values)
        by_kind = {kind: {row[0] for row in ids.tuples()} for kind, ids in keys.everybody().items()}
        for person in people:
            mine = {key.kind for key in keys.of(person)}
            assert mine == {kind for kind, ids in by_kind.items() if person.id in ids}


def test_the_switches_ask_for_a_fresh_proof(owner) -> None:
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    assert owner.post(PAGE, data={}).location.startswith("/sign-in?")
    assert settings().passwords
