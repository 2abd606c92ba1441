"""The owner sees who got stuck where and why, invites, and writes: once for each click."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import make_member
from flask import Flask
from newcomers import ask, kinds_of, words

from portal.joining import letters
from portal.joining.models import Invitation
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.members.models import Member
from portal.members.phones import put_door
from portal.shop.models import settings


@pytest.fixture
def owner(app: Flask) -> Member:
    """The owner of the shop."""
    return make_member("Marit De Smet", role="owner")


@pytest.fixture
def desk(sign_in, owner: Member):
    """The owner's browser."""
    return sign_in(owner)


def key_of(page) -> str:
    """The key that a letter's form carries."""
    return page.text.partition('name="key" value="')[2].partition('"')[0]


def test_each_stage_shows_who_is_stuck_there_and_why(desk, client, app: Flask) -> None:
    ask(client, "typed@example.com")
    Mail.update(status="failed", error="(550, b'no such person')").execute()
    desk.post("/staff/joining/invitations", data={"email": "asked.in@example.com"})
    desk.post("/staff/joining/invitations", data={"email": "looked@example.com"})
    Invitation.update(opened_at=now()).where(Invitation.address == "looked@example.com").execute()
    make_member("Halfway", email="halfway@example.com", joined_at=now())
    make_member("Long ago", email="old@example.com", joined_at=now() - timedelta(days=91))
    expected = {
        "asked": "typed@example.com",
        "invited": "asked.in@example.com",
        "opened": "looked@example.com",
        "step": "Halfway Stopped before: Place",
    }
    for stage, shown in expected.items():
        page = words(desk.get(f"/staff/joining?stage={stage}"))
        assert shown in page
        assert not [other for other in expected.values() if other != shown and other in page]
        assert "Typed an address 1 Invited 1 Opened the invitation 1 In, with questions" in page
    assert "550 no such person" in words(desk.get("/staff/joining?stage=asked"))


def test_who_came_from_a_file_without_a_name_is_shown_by_address(desk) -> None:
    make_member("", email="c17850@example.com")
    desk.post("/staff/joining/invitations", data={"email": "c17850@example.com"})
    page = words(desk.get("/staff/joining?stage=invited"))
    assert "Got an invitation and has not opened it. c17850@example.com" in page


def test_who_put_their_address_right_is_not_stuck_at_the_old_one(desk, client) -> None:
    ask(client, "typed@exampel.com")
    client.post("/join/address", data={"email": "typed@example.com"})
    page = words(desk.get("/staff/joining?stage=asked"))
    assert ("typed@example.com" in page, "exampel" in page) == (True, False)
    client.post("/join/again")
    assert "Typed an address 1" in words(desk.get("/staff/joining?stage=asked"))


def test_who_confirmed_is_stuck_no_more(desk, client) -> None:
    ask(client, "maren@example.com")
    ask(client, "maren@example.com")
    assert "Typed an address 1" in words(desk.get("/staff/joining?stage=asked"))
    make_member("Maren", email="maren@example.com", joined_at=now())
    assert "Typed an address 0" in words(desk.get("/staff/joining?stage=asked"))


def test_the_owner_invites_with_a_few_words(desk) -> None:
    sent = desk.post(
        "/staff/joining/invitations", data={"email": "maren@example.com", "text": "Hello <b>M</b>."}
    )
    assert sent.location == "/staff/joining?stage=invited"
    text, html = Mail.get(Mail.kind == "invitation").filled()
    assert ("Hello <b>M</b>." in text, "Hello &lt;b&gt;M&lt;/b&gt;." in html) == (True, True)
    wrong = desk.post("/staff/joining/invitations", data={"email": "nonsense", "text": "Kept"})
    assert (wrong.status_code, "Kept" in wrong.text, 'value="nonsense"' in wrong.text) == (
        422, True, True,
    )  # fmt: skip
    make_member(email="known@example.com", joined_at=now())
    known = desk.post("/staff/joining/invitations", data={"email": "known@example.com"})
    assert "known@example.com is a member already." in words(known)


def test_the_owner_invites_everybody_and_stops(desk, app: Flask) -> None:
    for number in range(3):
        make_member(f"Person {number}", email=f"person{number}@example.com")
    assert "3 people are known by the address of an order" in words(desk.get("/staff/joining"))
    desk.post("/staff/joining/invitations/everybody")
    assert "Invitations are being written." in words(desk.get("/staff/joining"))
    assert desk.post("/staff/joining/invitations/everybody").status_code == 409
    run_waiting()
    assert (Invitation.select().count(), settings().inviting) == (3, "")
    assert "Invite them all" not in desk.get("/staff/joining").text
    desk.post("/staff/joining/invitations/stop")


def test_an_invitation_is_sent_once_more_once_for_each_form(desk) -> None:
    desk.post("/staff/joining/invitations", data={"email": "maren@example.com"})
    address = f"/staff/joining/invitations/{Invitation.get().id}"
    data = {"key": key_of(desk.get(address)), "text": "We miss you."}
    first = Invitation.get().token_hash
    for _click in range(2):
        assert desk.post(address, data=data).status_code == 303
    assert Mail.select().where(Mail.kind == "invitation").count() == 2
    assert Invitation.get().token_hash != first
    Invitation.update(used_at=now()).execute()
    assert desk.get(address).status_code == 404


def test_a_letter_goes_out_once_for_each_form_and_is_logged(desk, owner: Member) -> None:
    halfway = make_member("Halfway", email="halfway@example.com", joined_at=now())
    address = f"/staff/joining/members/{halfway.number}"
    data = {"key": key_of(desk.get(address)), "text": "May we help?"}
    for _click in range(2):
        assert desk.post(address, data=data).location == "/staff/joining?stage=step"
    (mail,) = Mail.select().where(Mail.kind == "letter")
    text, html = mail.filled()
    assert ("May we help?" in text, "/join/steps" in text, "/join/steps" in html) == (True,) * 3
    assert mail.why in text
    assert kinds_of(halfway) == ["joining.written"]
    page = words(desk.get(f"/staff/members/{halfway.number}"))
    assert "Marit De Smet wrote to them: “May we help?”" in page
    empty = desk.post(address, data={"key": "k", "text": " "})
    assert (empty.status_code, "Write the letter first." in empty.text) == (422, True)


def test_who_has_only_a_phone_gets_the_letter_as_a_text_message(desk, app: Flask) -> None:
    app.config["SMS_URL"] = "twilio+http://AC1:secret@127.0.0.1:9/+15550100"
    halfway = make_member("Halfway", email="", joined_at=now())
    address = f"/staff/joining/members/{halfway.number}"
    nowhere = desk.post(address, data={"key": "k", "text": "May we help?"})
    assert (nowhere.status_code, "proved no address" in nowhere.text) == (422, True)
    with write_tx():
        put_door(halfway, "+32470123456")
    long = desk.post(address, data={"key": "k", "text": "May we help? " * 30})
    assert (long.status_code, "Make the letter shorter" in words(long)) == (422, True)
    assert "May we help? May we help?" in long.text  # nothing typed is lost
    for _click in range(2):
        assert desk.post(address, data={"key": "k", "text": "May we help?"}).status_code == 303
    (text,) = TextMessage.select()
    assert (text.to, text.text) == ("+32470123456", "Fern & Kettle: May we help?")
    assert (kinds_of(halfway), Mail.select().count()) == (["joining.written"], 0)


def test_sixteen_clicks_at_once_write_one_letter(app: Flask, owner: Member) -> None:
    halfway = make_member("Halfway", email="halfway@example.com", joined_at=now())

    def click(_number: int) -> bool:
        with app.app_context(), app.test_request_context():
            db.connect(reuse_if_open=True)
            try:
                return letters.write(halfway, owner, "May we help?", "one key")
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(click, range(16))) == [False] * 15 + [True]
    assert Mail.select().count() == 1


def test_the_owner_chooses_what_new_members_meet(desk) -> None:
    desk.post(
        "/staff/joining/settings",
        data={"claim_by_email": "y", "join_steps": ["role", "company", "bank"], "interests": "Tea"},
    )
    shop = settings()
    assert (shop.sign_up, shop.claim_by_email) == (False, True)
    assert (shop.join_steps, shop.interests) == ("company,role", "Tea")


def test_a_long_list_is_shown_in_parts_at_the_same_cost(desk, statements, owner: Member) -> None:
    costs = []
    for count in (1, 40):
        for number in range(count):
            address = f"p{count}.{number}@example.com"
            make_member(f"P{count}-{number}", email=address, joined_at=now())
        with statements() as seen:
            page = desk.get("/staff/joining")
        costs.append(len(seen))
    assert "Show more" in page.text
    following = page.text.partition('class="more" href="')[2].partition('"')[0]
    rest = desk.get(following.replace("&amp;", "&"), htmx=True)
    assert rest.text.count("<li") == 11
    assert costs[1] <= costs[0]
