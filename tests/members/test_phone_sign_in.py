"""A phone number as a way in: opened by its member, closed again, and told about."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from exchange import newest_code
from factories import make_member, make_order
from flask import Flask
from newcomers import kinds_of, words

from portal.duplicates.merge import merge
from portal.duplicates.split import split
from portal.factors import authenticators, recovery_codes
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import SECRET_PLACE, Mail
from portal.lib.phones import spaced
from portal.lib.refused import Refused, TooMany
from portal.lib.sms import TextMessage
from portal.members import phones
from portal.members.letters import tell_change
from portal.members.models import (
    EmailAddress,
    Member,
    PhoneNumber,
    SentFactor,
    Session,
    fold_phone,
)
from portal.members.views.blueprint import limit_texts
from portal.recovery import slow
from portal.recovery.freezing import report
from portal.shop.models import change_settings

NUMBER, OTHER = "+32470123456", "+32470654321"
PAGE = "/account/security/phone"


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    """A shop in Belgium that lets people in by text message."""
    app.config["SMS_URL"] = "twilio+http://AC1:secret@127.0.0.1:9/+15550100"
    change_settings(phone_sign_in=True, timezone="Europe/Brussels")


def with_door(name: str = "Alice Janssens", number: str = NUMBER, **values: Any) -> Member:
    """A member whose number opens the account; without an address unless one is given."""
    email = values.pop("email", "")
    member = make_member(name, email=email, joined_at=now(), nudge_after=_later(), **values)
    with write_tx():
        phones.put_door(member, number)
    return member


def _later() -> Any:
    return now() + timedelta(days=9)


def ask(client: Any, typed: str = "0470 12 34 56", **more: str) -> Any:
    """Ask for a code at the door."""
    return client.post("/sign-in/code", data={"email": typed, **more})


def type_code(client: Any, code: str) -> Any:
    """Type it."""
    return client.post("/sign-in/text", data={"code": code})


def is_in(client: Any) -> bool:
    """Whether the browser is signed in."""
    return client.get("/account/security").status_code == 200


def newest() -> TextMessage:
    """The newest text message."""
    return TextMessage.select().order_by(TextMessage.id.desc()).get()


def secret_of(message: TextMessage) -> str:
    """The address in a message, as the phone shows it."""
    text = message.filled(message.secret())
    found = re.search(r"http://localhost:8000(/\S+)", text)
    return found[1] if found else ""


def open_door(client: Any, number: str = "0470 12 34 56") -> Any:
    """Let a number open the account, as the pages do."""
    client.post(PAGE, data={"number": number})
    return client.post(f"{PAGE}/code", data={"code": newest_code()})


# --- coming in


@pytest.mark.parametrize("typed", ["0470 12 34 56", "+32 470/12.34.56", "0032470123456"])
def test_a_texted_code_opens_the_account_of_the_number(client, typed: str) -> None:
    alice = with_door()
    door = client.get("/sign-in").text
    assert 'type="text" inputmode="email"' in door
    assert 'autocomplete="username webauthn"' in door
    asked = ask(client, typed, next="/account/points")
    assert (asked.status_code, asked.location) == (303, "/sign-in/text?next=/account/points")
    assert "+32 470 12 34 56" in words(client.get(asked.location))
    entered = client.post(
        "/sign-in/text", data={"code": newest_code().lower(), "next": "/account/points"}
    )
    assert (entered.status_code, entered.location) == (303, "/account/points")
    assert is_in(client)
    run_waiting()
    assert sorted(kinds_of(alice)) == ["sign_in.done", "sign_in.text_asked"]
    assert "signed in with a code by text message" in words(client.get("/account/activity"))


def test_known_and_unknown_numbers_get_the_same_answer_and_one_text(app: Flask, statements) -> None:
    with_door()
    with_door("Ines Peeters", "+32470000002", role="agent")
    seen, counts = set(), set()
    for number in (NUMBER, "+32470000002", "+32470000003"):
        client = app.test_client()
        client.get("/sign-in")
        with statements() as ran:
            asked = ask(client, number)
        shown = re.sub(r"\d\d:\d\d:\d\d", "", words(client.get("/sign-in/text")))
        seen.add(
            (asked.status_code, asked.location, asked.data, shown.replace(spaced(number), "X"))
        )
        counts.add(len(ran))
        assert "That is not the code." in words(type_code(client, "ZZZZZZ"))
        assert newest().to == number
    assert (len(seen), len(counts), TextMessage.select().count()) == (1, 1, 3)
    assert [bool(m.sealed) for m in TextMessage.select().order_by(TextMessage.id)] == [
        True, False, False,
    ]  # fmt: skip


def test_a_number_that_only_a_file_knows_opens_nothing(client) -> None:
    alice = make_member("Alice", email="alice@example.com")
    PhoneNumber.create(member=alice, number=NUMBER, folded=fold_phone(NUMBER), verified_at=now())
    ask(client)
    assert newest().sealed is None
    assert not is_in(client)


def test_what_is_neither_is_explained_and_kept(client) -> None:
    wrong = ask(client, "maren at example")
    assert (wrong.status_code, 'value="maren at example"' in wrong.text) == (422, True)
    assert "or a phone number with its country code, such as +32 470 12 34 56" in words(wrong)
    assert ask(client, "maren@example.com").location.startswith("/sign-in/code/enter")


def test_where_the_shop_does_not_want_it_a_number_is_no_address(client, app: Flask) -> None:
    with_door()
    ask(client)
    code = newest_code()
    change_settings(phone_sign_in=False)
    assert ask(client).status_code == 422
    assert type_code(client, code).location.startswith("/sign-in")
    assert client.get("/sign-in/text").status_code == 303
    assert not is_in(client)
    assert 'type="email"' in client.get("/sign-in").text


def test_each_bad_state_of_a_code_has_its_own_sentence(client, app: Flask) -> None:
    with_door()
    with time_machine.travel(now(), tick=False) as clock:
        ask(client)
        first = newest_code()
        assert "Type the six characters from the message." in words(type_code(client, ""))
        client.post("/sign-in/text/again")
        assert "the newest message on your phone" in words(type_code(client, first))
        code, cookie = newest_code(), client.get_cookie("sign-in-text").value
        clock.shift(601)
        assert "older than ten minutes" in words(type_code(client, code))
        assert "Ten minutes are over" in words(client.get("/sign-in/text"))
    assert type_code(app.test_client(), code).location.startswith("/sign-in")
    ask(client)
    for _try in range(10):
        type_code(client, "222222")
    assert "too many wrong codes" in words(type_code(client, newest_code()))
    client.set_cookie("sign-in-text", cookie)
    assert not is_in(client)


def test_a_code_works_once(client, app: Flask) -> None:
    with_door()
    ask(client)
    cookie = client.get_cookie("sign-in-text").value
    assert type_code(client, newest_code()).status_code == 303
    other = app.test_client()
    other.set_cookie("sign-in-text", cookie)
    assert type_code(other, "ABCDEF").location.startswith("/sign-in")
    assert not is_in(other)


def test_five_messages_an_attempt_and_the_page_says_how_many_are_left(client) -> None:
    with_door()
    ask(client)
    for _time in range(4):
        assert client.post("/sign-in/text/again").status_code == 303
    shown = words(client.get("/sign-in/text"))
    assert "All 5 messages are sent." in shown
    assert (client.post("/sign-in/text/again").status_code, TextMessage.select().count()) == (
        409,
        5,
    )


def test_bots_that_fill_the_hidden_field_cost_the_shop_nothing(client) -> None:
    with_door()
    assert ask(client, homepage="https://spam.example").status_code == 303
    joined = client.post(
        "/join/phone", data={"number": NUMBER, "name": "Bot", "homepage": "https://spam.example"}
    )
    assert (joined.status_code, TextMessage.select().count()) == (303, 0)


def test_a_texted_code_never_goes_round_the_second_step(client) -> None:
    alice = with_door()
    app = authenticators.begin(alice)
    type(app).update(confirmed_at=now()).execute()
    codes = recovery_codes.make(alice)
    ask(client)
    assert type_code(client, newest_code()).location.startswith("/sign-in/second")
    assert not is_in(client)
    assert client.post("/sign-in/second", data={"code": "000000", "by": "app"}).status_code == 422
    client.post("/sign-in/second", data={"code": codes[0], "by": "recovery"})
    assert is_in(client)


def test_one_phone_is_not_both_steps(client, app: Flask, sign_in) -> None:
    alice = with_door()
    mine = sign_in(alice)
    refused = mine.post("/account/security/second-factor/sms", data={"number": OTHER})
    assert (refused.status_code, "opens your account already" in words(refused)) == (409, True)
    SentFactor.create(member=alice, channel="sms", target=NUMBER)  # as two merged people may have
    ask(client)
    stuck = type_code(client, newest_code())
    assert "one phone can’t be both" in words(stuck)
    assert not is_in(client)
    with write_tx():
        phones.close_doors(alice)
    late = mine.post(PAGE, data={"number": NUMBER})
    assert (late.status_code, "two-step verification already" in words(late)) == (409, True)


# --- opening and closing the door


def test_a_member_opens_and_closes_the_door_and_is_told(client, sign_in) -> None:
    alice = make_member(email="alice@example.com", joined_at=now(), nudge_after=_later())
    mine = sign_in(alice)
    assert "Add a number" in words(mine.get("/account/security"))
    opened = open_door(mine)
    assert opened.location == "/account/security"
    assert "texted to +32 470 12 34 56 opens your account" in words(mine.get("/account/security"))
    mail = Mail.select().order_by(Mail.id.desc()).get()
    assert (mail.to, "Codes to +32 470 12 34 56 open it" in mail.text) == (
        "alice@example.com",
        True,
    )
    ask(client)
    assert type_code(client, newest_code()).status_code == 303
    assert is_in(client)
    assert mine.post(f"{PAGE}/remove").location == "/account/security"
    assert phones.door_of(alice) is None
    assert "open it no more" in Mail.select().order_by(Mail.id.desc()).get().text
    assert PhoneNumber.get().verified_at is not None
    assert [k for k in kinds_of(alice) if k.startswith("phone")] == ["phone.opens", "phone.closed"]
    ask(client)
    assert newest().kind == "code"


@pytest.mark.parametrize("page", [PAGE, "/account/security/second-factor/sms"])
def test_a_wrong_code_to_prove_a_number_is_no_failed_sign_in(sign_in, page: str) -> None:
    alice = make_member(email="alice@example.com", joined_at=now(), nudge_after=_later())
    mine = sign_in(alice)
    mine.post(f"{PAGE[:-6]}/password", data={"password": "a kettle of fern tea"})
    assert mine.post(page, data={"number": NUMBER}).status_code == 303
    for _time in range(11):  # the last one has ended: ten are the most
        assert mine.post(f"{page}/code", data={"code": "WRONG2"}).status_code == 422
    run_waiting()
    missed = [kind for kind in kinds_of(alice) if kind not in ("password.set", "sign_in.done")]
    assert missed == ["phone.code_missed"] * 11
    assert "to prove a phone number was typed" in words(mine.get("/account/activity"))


def test_another_number_takes_the_place_of_the_first_which_is_told(sign_in) -> None:
    alice = with_door(email="alice@example.com")
    open_door(sign_in(alice), OTHER)
    assert [row.door for row in PhoneNumber.select().order_by(PhoneNumber.id)] == [
        None, fold_phone(OTHER),
    ]  # fmt: skip
    told = newest()
    assert (told.to, told.kind) == (NUMBER, "notice")
    assert secret_of(told).startswith("/not-me/")


def test_a_number_opens_one_account_only(sign_in, app: Flask) -> None:
    with_door("Alice")
    bob = make_member("Bob Maes", joined_at=now())
    refused = open_door(sign_in(bob))
    assert (refused.status_code, "opens another account" in words(refused)) == (409, True)
    assert phones.door_of(bob) is None
    people = [make_member(f"Racer {n}", joined_at=now()) for n in range(4)]
    proofs = []
    for person in people:
        browser = phones.ask_door(person, OTHER)
        proofs.append((person, browser, newest_code()))

    def race(proof: Any) -> str:
        member, browser, code = proof
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                phones.open_door(member, phones.proofs.check(browser, phones.DOOR, code))
                return "open"
            except Refused:
                return "refused"
            finally:
                db.close()

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(race, proofs))
    assert came == ["open", "refused", "refused", "refused"]


def test_the_last_way_in_stays(sign_in) -> None:
    alice = with_door()
    stays = sign_in(alice).post(f"{PAGE}/remove", follow_redirects=True)
    assert "This is your last way in." in stays.text
    assert phones.door_of(alice) is not None


def test_staff_open_no_door(sign_in) -> None:
    agent = make_member("Ines Peeters", role="agent")
    mine = sign_in(agent)
    assert mine.post(PAGE, data={"number": NUMBER}).status_code == 409
    assert "phone-part" not in mine.get("/account/security").text
    assert TextMessage.select().count() == 0


def test_a_shop_that_does_not_want_it_opens_no_door(sign_in) -> None:
    mine = sign_in(make_member(joined_at=now()))
    change_settings(phone_sign_in=False)
    for path in ("", "/code", "/again"):
        assert mine.post(f"{PAGE}{path}", data={"number": NUMBER}).status_code == 404, path
    assert "phone-part" not in mine.get("/account/security").text


def test_a_frozen_account_opens_no_door(sign_in) -> None:
    alice = make_member(joined_at=now(), frozen_at=now())
    answer = sign_in(alice).post(PAGE, data={"number": NUMBER})
    assert (answer.status_code, TextMessage.select().count()) == (403, 0)


# --- what is told by text, and what closes the door


def test_who_has_no_address_reads_of_a_change_on_the_phone(client) -> None:
    alice = with_door()
    assert tell_change(alice, subject="Your points were moved", sentence="x", advice="y")
    told = newest()
    assert (told.to, told.kind, Mail.select().count()) == (NUMBER, "notice", 0)
    assert told.text.startswith("Your points were moved. Not you? Stop it here: ")
    assert told.text.endswith(SECRET_PLACE)
    page = client.get(secret_of(told))
    assert (page.status_code, "This was not me" in page.text) == (200, True)
    long = "word " * 200
    assert tell_change(alice, subject=long, sentence="x", advice="y")
    assert len(newest().text) <= 500


def test_an_address_is_told_by_mail_and_not_by_text(app: Flask) -> None:
    alice = with_door(email="alice@example.com")
    assert tell_change(alice, subject="Changed", sentence="x", advice="y")
    assert (Mail.select().count(), TextMessage.select().count()) == (1, 0)
    bob = make_member("Bob", email="", joined_at=now())
    PhoneNumber.create(member=bob, number=OTHER, folded=fold_phone(OTHER))  # not proved
    assert not tell_change(bob, subject="Changed", sentence="x", advice="y")
    assert TextMessage.select().count() == 0


def test_who_has_no_address_reads_on_the_phone_that_the_account_will_close(sign_in) -> None:
    alice = with_door()
    sign_in(alice).post("/account/close", data={"agreed": "y", "sure": "y"})
    assert Member.get_by_id(alice.id).closing_at is not None
    assert newest().text.startswith("Your account at Fern & Kettle closes on ")


def test_this_was_not_me_closes_the_door(client, app: Flask) -> None:
    alice = with_door(email="alice@example.com")
    ask(client)
    code = newest_code()
    tell_change(alice, subject="Changed", sentence="x", advice="y")
    mail = Mail.select().where(Mail.kind == "account_change").get()
    report((mail.secret() or "").split("\n")[0])
    assert phones.door_of(alice) is None
    assert type_code(client, code).status_code == 422
    assert not is_in(client)
    texts = [t.text for t in TextMessage.select().where(TextMessage.kind == "notice")]
    assert len(texts) == 1
    assert texts[0].startswith("Your account at Fern & Kettle is frozen.")


def test_the_slow_way_back_is_told_to_the_phone_which_can_stop_it(client, app: Flask) -> None:
    with_door(email="alice@example.com")
    with write_tx():
        slow.send_way("alice@example.com")
    run_waiting()
    way = Mail.select().where(Mail.kind == "account_link").order_by(Mail.id.desc()).get()
    client.post(f"/recover/way/{(way.secret() or '').split(chr(10))[0]}")
    told = newest()
    assert told.to == NUMBER
    assert told.text.startswith("Somebody wants to get back into your account at Fern & Kettle")
    stop = secret_of(told)
    assert stop.startswith("/recover/stop/")
    assert app.test_client().get(stop).status_code == 200
    assert "It is stopped." in words(app.test_client().post(stop))


def test_a_way_back_closes_every_earlier_door(client) -> None:
    alice = with_door(email="alice@example.com")
    SentFactor.create(member=alice, channel="sms", target=NUMBER)
    with time_machine.travel(now(), tick=False) as clock:
        with write_tx():
            slow.send_way("alice@example.com")
        run_waiting()
        way = Mail.select().where(Mail.kind == "account_link").order_by(Mail.id.desc()).get()
        path = f"/recover/way/{(way.secret() or '').split(chr(10))[0]}"
        client.post(path)
        clock.shift(48 * 3600 + 1)
        client.post(path)
    assert phones.door_of(alice) is None
    assert SentFactor.select().count() == 0
    assert newest().text.startswith("Somebody got back into your account")


# --- people who are merged, parted, closed and imported


def test_a_person_of_a_file_who_is_joined_to_the_account_leaves_its_door_open(client) -> None:
    owner = make_member("Marit De Smet", role="owner")
    alice = with_door()
    known = make_member("A. Janssens", email="")
    PhoneNumber.create(member=known, number="0470 12 34 56", folded=fold_phone(NUMBER))
    make_order(known, "1048")
    with write_tx():
        merge(alice, known, owner, "the same person")
    ask(client)
    type_code(client, newest_code())
    assert "1048" in client.get("/account/orders").text


def test_a_number_that_opens_the_account_is_not_parted_off(app: Flask) -> None:
    owner = make_member("Marit De Smet", role="owner")
    alice = with_door(email="alice@example.com")
    phone = PhoneNumber.get()
    with pytest.raises(Refused, match="signs in with that phone number"):
        split(alice, phone_ids=[phone.id], by=owner, why="not theirs")
    assert PhoneNumber.get().member_id == alice.id


def test_who_works_for_the_shop_now_comes_in_by_text_no_more(client) -> None:
    alice = with_door(email="alice@example.com")
    ask(client)
    code = newest_code()
    Member.update(role="agent").where(Member.id == alice.id).execute()
    assert type_code(client, code).status_code == 422
    ask(client)
    assert newest().sealed is None
    assert Session.select().count() == 0


def test_an_address_may_follow_and_then_the_number_may_go(sign_in) -> None:
    alice = with_door()
    EmailAddress.create(
        member=alice, address="a@example.com", folded="a@example.com", verified_at=now()
    )
    sign_in(alice).post(f"{PAGE}/remove")
    assert phones.door_of(alice) is None


def test_texts_to_one_number_are_counted_together_however_it_is_written(app: Flask) -> None:
    alice, twin = make_member("Alice Janssens"), make_member("Ada Claes", email="ada@example.com")
    with app.test_request_context():
        for _time in range(5):
            limit_texts(alice, "+32470123456")
        with pytest.raises(TooMany):
            limit_texts(twin, "0032 470 12 34 56")
