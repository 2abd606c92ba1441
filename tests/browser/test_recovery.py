"""Ways back in a real browser: an address, a closing, "this was not me" and a recovery, by hand."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from factories import make_member
from looking import findings
from playwright.sync_api import Page, expect
from serving import free_port

from portal.lib import jobs
from portal.lib.clock import now
from portal.members.letters import tell_change
from portal.members.models import EmailAddress, Member, Recovery, SecurityQuestion
from portal.recovery import freezing, questions, slow
from portal.recovery.questions import LIST
from portal.shop.models import change_settings

pytestmark = pytest.mark.browser
OLD = "alice.van.den.bossche-janssens@mail.old-and-long.example"
NEW = "alice@new.example"
PICTURES = os.environ.get("PICTURES", "")


class Letters:
    """A real SMTP server on loopback, and the links in what it took."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.taken: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Keep what came."""
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 taken"

    def link(self, to: str, path: str) -> str:
        """The newest link to a path that was mailed to an address: in text and HTML alike."""
        with self.site.app.test_request_context():
            jobs.run_waiting()
        for address, content in reversed(self.taken):
            message = message_from_bytes(content, policy=policy.default)
            text, html = (
                message.get_body((kind,)).get_content()  # type: ignore[union-attr]
                for kind in ("plain", "html")
            )
            found = re.search(rf"{re.escape(path)}[\w-]+", text)
            if address == to and found:
                assert found[0] in html
                return found[0]
        raise AssertionError(f"no mail to {to} has a link to {path}")


@pytest.fixture
def letters(site: Any) -> Iterator[Letters]:
    """The shop's mail server."""
    letters = Letters(site)
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    site.app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield letters
    controller.stop()


def looked(page: Page, name: str) -> None:
    """Nothing that axe finds, nothing wider than the window; a picture where one is wanted."""
    assert findings(page) == []
    if PICTURES:
        width = page.viewport_size["width"]  # type: ignore[index]
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def test_an_address_changes_and_comes_back(visit: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    page = visit(alice)
    page.goto("/account/security")
    looked(page, "security")
    page.get_by_role("link", name="Change the address").click()
    looked(page, "email")
    page.get_by_label("The new address").fill(NEW)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("We wrote to alice@new.example.")).to_be_visible()
    looked(page, "email-waiting")
    page.goto(letters.link(NEW, "/email/prove/"))
    looked(page, "email-prove")
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_role("heading", name="This address opens your account now.")).to_be_visible()
    page.goto(letters.link(OLD, "/email/back/"))
    looked(page, "email-back")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("heading", name="Your address is as it was.")).to_be_visible()
    looked(page, "said")
    assert EmailAddress.of(alice).address == OLD  # type: ignore[union-attr]


def test_an_account_is_to_close_and_is_kept(visit: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    page = visit(alice)
    page.goto("/account/close")
    looked(page, "close")
    page.get_by_role("button", name="Close my account in 14 days").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your account closes on")
    looked(page, "closing")
    page.goto("/")
    looked(page, "home-closing")
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account stays.")).to_be_visible()
    assert Member.get_by_id(alice.id).closing_at is None


def test_not_me_freezes_and_ends_every_session(visit: Any, site: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    thief = visit(alice)
    with site.app.test_request_context():
        tell_change(
            alice, subject="A new device signed in", sentence="Somebody came.", advice="Look."
        )
    window = visit()
    window.goto(letters.link(OLD, "/not-me/"))
    looked(window, "not-me")
    window.get_by_role("button", name="This was not me").click()
    expect(window.get_by_role("heading", name="Nobody is signed in any more.")).to_be_visible()
    thief.goto("/")
    assert "/sign-in" in thief.url
    assert Member.get_by_id(alice.id).frozen_at is not None


def test_two_agents_thaw(visit: Any, site: Any) -> None:
    alice = make_member(email=OLD)
    with site.app.test_request_context():
        freezing.freeze(alice, "A new device signed in")
    for name in ("Ines Peeters", "Nora Claes"):
        desk = visit(make_member(name, role="agent"))
        desk.goto("/staff")
        if name == "Nora Claes":
            looked(desk, "desk-urgent")
        desk.get_by_role("link", name="Alice Janssens").first.click()
        if name == "Nora Claes":
            looked(desk, "member-frozen")
        desk.get_by_role("button", name=re.compile("thaw", re.I)).click()
        desk.get_by_role("dialog").get_by_role("button", name=re.compile("thaw", re.I)).click()
        expect(desk.get_by_text(re.compile("Noted|The account works again")).first).to_be_visible()
    expect(desk.get_by_text("The account works again")).to_be_visible()
    assert Member.get_by_id(alice.id).frozen_at is None


def test_who_lost_everything_gets_in_after_the_wait(visit: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    inside = visit(alice)
    page = visit()
    page.goto("/sign-in")
    page.get_by_role("link", name="Can’t get in?").click()
    looked(page, "recover")
    page.get_by_label("An e-mail address of your account").fill(OLD)
    page.get_by_role("button", name="Ask for the slow way").click()
    expect(page.get_by_role("heading", name="Look at your mail.")).to_be_visible()
    way = letters.link(OLD, "/recover/way/")
    page.goto(way)
    looked(page, "way-begin")
    page.get_by_role("button", name="Begin").click()
    looked(page, "way-waiting")
    inside.goto("/")
    expect(inside.get_by_role("button", name="Stop the recovery")).to_be_visible()
    Recovery.update(ready_at=now() - timedelta(minutes=1)).execute()
    page.goto(way)
    looked(page, "way-open")
    page.get_by_role("button", name="Enter").click()
    page.wait_for_url(re.compile("/sign-in/offer"))
    inside.goto("/account/security")
    assert "/sign-in" in inside.url


def test_a_recovery_is_stopped_by_the_link_of_its_mail(visit: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    slow.send_way(OLD)
    slow.prove(letters.link(OLD, "/recover/way/").rpartition("/")[2])
    page = visit(alice)
    page.goto("/")
    looked(page, "home-recovering")
    page.goto(letters.link(OLD, "/recover/stop/"))
    looked(page, "stop")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("stopped")
    assert Recovery.get().state == "cancelled"


def test_security_questions_are_chosen(visit: Any) -> None:
    change_settings(security_questions=True)
    alice = make_member(email=OLD)
    page = visit(alice)
    page.goto("/account/security")
    page.get_by_role("link", name="Choose three").click()
    looked(page, "questions")
    for number, question in enumerate(LIST[:2], 1):
        part = page.get_by_role("group").nth(number - 1)
        part.get_by_role("combobox").select_option(question)
        part.get_by_label("Its answer").fill(f"Answer {number}")
    page.get_by_role("button", name="Keep these questions").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked(page, "questions-wrong")
    part = page.get_by_role("group").nth(2)
    part.get_by_label("Or a question of your own").fill("Which tree stood in the yard?")
    part.get_by_label("Its answer").fill("The walnut")
    page.get_by_role("button", name="Keep these questions").click()
    expect(page.get_by_text("Your questions are kept.")).to_be_visible()
    looked(page, "security-questions")
    assert SecurityQuestion.select().where(SecurityQuestion.member == alice).count() == 3


def test_security_questions_are_asked_in_a_recovery(
    visit: Any, no_script: Page, letters: Letters
) -> None:
    change_settings(security_questions=True)
    chosen = (*LIST[:2], "Which tree stood in the yard?")
    answers = ("Answer 1", "Answer 2", "The walnut")
    questions.keep(make_member(email=OLD), list(zip(chosen, answers, strict=True)))
    no_script.goto("/recover")
    no_script.get_by_label("An e-mail address of your account").fill(OLD)
    no_script.get_by_role("button", name="Ask for the slow way").click()
    way = letters.link(OLD, "/recover/way/")
    phone = visit(width=390)
    phone.goto(way)
    phone.get_by_role("button", name="Begin").click()
    expect(phone.get_by_role("alert")).to_contain_text("4 tries are left")
    looked(phone, "way-asks-again")
    no_script.goto(way)
    no_script.get_by_label(LIST[0]).fill("answer 1")
    no_script.get_by_label(LIST[1]).fill("ANSWER 2")
    no_script.get_by_role("button", name="Begin").click()
    expect(no_script.get_by_role("alert")).to_contain_text("3 tries are left")
    no_script.get_by_label("Which tree stood in the yard?").fill("the walnut.")
    no_script.get_by_role("button", name="Begin").click()
    expect(no_script.get_by_role("heading", level=1)).to_contain_text("You can come in from")
    assert Recovery.get().state == "waiting"


def test_an_agent_starts_a_recovery(visit: Any) -> None:
    alice = make_member(email=OLD)
    desk = visit(make_member("Ines Peeters", role="agent"))
    desk.goto(f"/staff/members/{alice.number}/recovery")
    looked(desk, "staff-recovery")
    desk.get_by_label("Where the person can be reached now").fill(NEW)
    desk.get_by_label("How you know that it is them").fill("Knew the last orders.")
    desk.get_by_role("button", name="Start the recovery").click()
    expect(desk.get_by_text("The 48 hours begin once they open its link.")).to_be_visible()
    looked(desk, "staff-recovery-asked")


def test_everything_works_without_javascript(no_script: Page, site: Any, letters: Letters) -> None:
    alice = make_member(email=OLD)
    site.enter(no_script.context, alice)
    no_script.goto("/account/email")
    no_script.get_by_label("The new address").fill(NEW)
    no_script.get_by_role("button", name="Send the link").click()
    no_script.goto(letters.link(NEW, "/email/prove/"))
    no_script.get_by_role("button", name="Use this address").click()
    no_script.goto("/account/close")
    no_script.get_by_role("button", name="Close my account in 14 days").click()
    no_script.get_by_role("button", name="Keep my account").first.click()
    no_script.goto(letters.link(NEW, "/not-me/"))
    no_script.get_by_role("button", name="This was not me").click()
    expect(no_script.get_by_role("heading", name="Nobody is signed in any more.")).to_be_visible()
    no_script.goto("/recover")
    no_script.get_by_label("An e-mail address of your account").fill(NEW)
    no_script.get_by_role("button", name="Ask for the slow way").click()
    no_script.goto(letters.link(NEW, "/recover/way/"))
    no_script.get_by_role("button", name="Begin").click()
    expect(no_script.get_by_role("heading", level=1)).to_contain_text("You can come in from")
    member = Member.get_by_id(alice.id)
    assert (member.frozen_at is not None, member.closing_at) == (True, None)
