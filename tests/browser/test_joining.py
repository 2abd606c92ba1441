"""Joining as people do it: the page that waits by itself, and the whole of it without scripts."""

import re
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from factories import make_member, make_order
from playwright.sync_api import Page, expect
from serving import free_port

from portal.lib.jobs import run_waiting
from portal.members.models import Member

pytestmark = pytest.mark.browser


class Letters:
    """A real SMTP server's mailbox; one address is refused."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def]
        """Everybody is known but one."""
        if address == "nobody@example.com":
            return "550 5.1.1 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Keep what came."""
        self.received.append(envelope.content)
        return "250 taken"

    def code(self) -> str:
        """The code in the newest mail."""
        return re.search(rb"Your code is ([A-Z0-9]{6})", self.received[-1])[1].decode()  # type: ignore[index]


@pytest.fixture
def letters(site) -> Iterator[Letters]:
    """The shop's mail server on loopback."""
    letters = Letters()
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    site.app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield letters
    controller.stop()


def fill(page: Page, address: str) -> None:
    """Ask to join."""
    page.goto("/sign-in")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Maren Holt")
    page.get_by_label("Your e-mail").fill(address)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/join/confirm")


def test_the_page_follows_the_mail_and_the_address_is_put_right(visit, letters: Letters) -> None:
    page = visit(width=390)
    fill(page, "nobody@example.com")
    expect(page.get_by_text("Queued")).to_be_visible()
    run_waiting()
    expect(page.get_by_text("550 5.1.1 no such person here")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("heading", name="The mail did not arrive.")).to_be_visible()
    page.get_by_label("Your e-mail").fill("maren@example.com")
    page.get_by_role("button", name="Write to this address").click()
    expect(page.get_by_text("3 of 5 left")).to_be_visible()
    run_waiting()
    expect(page.get_by_text("Taken by the mail server")).to_be_visible(timeout=10_000)
    page.get_by_label("The code").fill(letters.code())
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/sign-in/offer**")
    page.get_by_role("button", name="Not now").click()
    page.get_by_label("Place").fill("Bergen")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Skip this").click()
    expect(page.get_by_text("What to do first, 1 of 3 done")).to_be_visible()
    page.get_by_role("button", name="Put the list away").click()
    expect(page.get_by_text("Make a passkey")).not_to_be_visible()
    assert Member.get().name == "Maren Holt"


def test_somebody_joins_without_javascript_and_finds_what_they_bought(
    no_script: Page, letters: Letters
) -> None:
    make_order(make_member("M. Holt", email="maren@example.com"), "1048")
    page = no_script
    fill(page, "maren@example.com")
    run_waiting()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Taken by the mail server")).to_be_visible()
    page.get_by_role("button", name="Send another mail").click()
    run_waiting()
    page.get_by_label("The code").fill(letters.code())
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Skip this").click()
    page.get_by_role("button", name="Skip this").click()
    page.get_by_role("button", name="Put the list away").click()
    page.goto("/account/orders")
    expect(page.get_by_text("Order 1048").first).to_be_visible()
