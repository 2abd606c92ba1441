"""An account closes two weeks after it was asked for; the shop's books stay, the person goes."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask
from outbox import last, link, subjects, text_of

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.loyalty.points import book_orders
from portal.members.models import EmailAddress, Event, Member, Passkey, PhoneNumber, Session
from portal.members.models.search import find_members
from portal.members.standing import NotNow, ensure
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.profiles.models import Picture, Profile
from portal.recovery.closing import close_due
from portal.recovery.jobs import clear
from portal.schema import MODELS
from portal.shop.models import change_settings
from portal.staff.models import Note
from portal.wishlist.models import WishlistItem

EMAIL = "alice@customers.example"
MARK = "zanzibar"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with something of everything."""
    change_settings(points_per_unit=1)
    alice = make_member(f"Alice {MARK}", email=EMAIL, username=MARK)
    agent = make_member("Ines Peeters", role="agent")
    book_orders([make_order(alice, "1048").id])
    with write_tx():
        PhoneNumber.create(member=alice, number="+32 475 123456", folded="32475123456")
        Passkey.create(member=alice, credential_id="k", public_key=b"x", label=MARK)
        Profile.create(member=alice, bio=MARK, location=MARK, links=[])
        Picture.create(member=alice, digest="d", webp=b"RIFF")
        WishlistItem.create(member=alice, sku="Z1", title=MARK)
        Note.create(member=alice, author=agent, body=MARK)
        Mail.create(
            to=EMAIL, subject="x", text=MARK, html="x", kind="x", why="x", member_id=alice.id
        )
    return Member.get_by_id(alice.id)


def closed(alice: Member, sign_in: Any) -> Any:
    """Her browser, after she asked and two weeks went by."""
    browser = sign_in(alice)
    browser.post("/account/close")
    with time_machine.travel(now() + timedelta(days=14, seconds=1)):
        assert close_due() == 1
    return browser


def test_for_two_weeks_nothing_changes_but_every_page_says_so(alice: Member, sign_in: Any) -> None:
    browser, other = sign_in(alice), sign_in(alice)
    asked = browser.post("/account/close")
    assert (asked.status_code, asked.location) == (303, "/account/close")
    with time_machine.travel(now() + timedelta(days=13, hours=23)):
        assert close_due() == 0
    home = browser.get("/").get_data(as_text=True)
    assert ['id="state"' in home, "Keep my account" in home] == [True, True]
    assert other.get("/account/security").status_code == 303
    assert (Member.get_by_id(alice.id).name, EmailAddress.of(alice).address) == (alice.name, EMAIL)


def test_the_account_is_kept_by_a_button(alice: Member, sign_in: Any) -> None:
    browser = sign_in(alice)
    browser.post("/account/close")
    browser.post("/account/close/keep")
    with time_machine.travel(now() + timedelta(days=15)):
        assert close_due() == 0
    assert 'id="state"' not in browser.get("/").get_data(as_text=True)
    again = browser.post("/account/close/keep", follow_redirects=True).get_data(as_text=True)
    assert "was not to be closed" in again
    assert [subject.partition(" on ")[0] for subject in subjects(EMAIL)[1:]] == [
        "Your account at Fern & Kettle closes",
        "Your account at Fern & Kettle stays",
    ]


def test_the_person_goes_and_the_books_stay(alice: Member, sign_in: Any) -> None:
    entries = list(LedgerEntry.select().where(LedgerEntry.member == alice).tuples())
    browser = closed(alice, sign_in)
    member = Member.get_by_id(alice.id)
    assert (member.name, member.username, member.number) == (
        "", alice.number.lower(), alice.number,
    )  # fmt: skip
    assert member.closed_at is not None
    assert browser.get("/").status_code == 303
    gone = [EmailAddress, PhoneNumber, Passkey, Profile, Picture, WishlistItem, Note, Session]
    assert [m.select().where(m.member == alice).count() for m in gone] == [0] * len(gone)
    assert Order.get(Order.number == "1048").member == member
    assert list(LedgerEntry.select().where(LedgerEntry.member == alice).tuples()) == entries
    assert PointsAccount.select().where(PointsAccount.member == alice).count() == 1
    assert problems() == []


def test_no_table_holds_the_person_any_more(alice: Member, sign_in: Any) -> None:
    closed(alice, sign_in)
    with time_machine.travel(now() + timedelta(days=22)):
        clear.call_local()
    holding = [
        model.__name__
        for model in MODELS
        for row in model.select().tuples()
        if MARK in str(row) or EMAIL in str(row) or "475123456" in str(row)
    ]
    assert holding == []


def test_nobody_finds_the_person_but_by_number(alice: Member, sign_in: Any) -> None:
    closed(alice, sign_in)
    assert [list(find_members(text)) for text in (MARK, EMAIL, "0475123456")] == [[], [], []]
    assert list(find_members(alice.number)) == [alice.id]


def test_those_merged_into_the_person_go_as_well(alice: Member, sign_in: Any) -> None:
    twin = make_member("Alice Zanzibari", email="", merged_into=alice)
    PhoneNumber.create(member=twin, number="+32 475 999999", folded="32475999999")
    closed(alice, sign_in)
    assert Member.get_by_id(twin.id).name == ""
    assert PhoneNumber.select().count() == 0


def test_a_mail_tells_each_step_and_why_it_came(alice: Member, sign_in: Any) -> None:
    closed(alice, sign_in)
    goodbye = last(EMAIL)
    assert goodbye.subject == "Your account at Fern & Kettle is closed"
    assert "as long as the law asks" in text_of(goodbye)
    assert goodbye.why in text_of(goodbye)


def test_the_mail_that_it_was_asked_for_says_how_to_keep_it(alice: Member, sign_in: Any) -> None:
    sign_in(alice).post("/account/close")
    assert "press “Keep my account”" in text_of(last(EMAIL))
    assert link(EMAIL, "/not-me/").startswith("/not-me/")


def test_a_closed_account_lets_nobody_in(alice: Member, sign_in: Any) -> None:
    closed(alice, sign_in)
    with pytest.raises(NotNow, match="closed"):
        ensure(alice, "sign_in")


def test_asking_twice_changes_nothing_more(alice: Member, sign_in: Any) -> None:
    browser = sign_in(alice)
    browser.post("/account/close")
    first = Member.get_by_id(alice.id).closing_at
    browser.post("/account/close")
    assert Member.get_by_id(alice.id).closing_at == first
    assert Event.select().where(Event.kind == "closing.asked").count() == 1


def test_who_works_for_the_shop_stays(app: Flask, sign_in: Any) -> None:
    agent = make_member("Nora Claes", role="agent")
    answer = sign_in(agent).post("/account/close")
    assert (answer.status_code, Member.get_by_id(agent.id).closing_at) == (409, None)
    Member.update(closing_at=now() - timedelta(days=1)).where(Member.id == agent.id).execute()
    assert close_due() == 0


def test_an_agent_reads_that_it_closes_and_that_it_is_closed(alice: Member, sign_in: Any) -> None:
    desk = sign_in(make_member("Nora Claes", role="agent"))
    where = f"/staff/members/{alice.number}"
    sign_in(alice).post("/account/close")
    assert "asked to close this account" in desk.get(where).get_data(as_text=True)
    with time_machine.travel(now() + timedelta(days=15)):
        close_due()
    assert "was closed by its member" in desk.get(where).get_data(as_text=True)


def test_what_goes_and_what_stays_is_said_before(alice: Member, sign_in: Any) -> None:
    page = sign_in(alice).get("/account/close").get_data(as_text=True)
    assert ["What goes" in page, "What stays, and why" in page] == [True, True]
    assert Member.get_by_id(alice.id).closing_at is None
