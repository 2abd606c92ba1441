"""The first day of a shop, as its people live it: from an empty database to an agent's look."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, expect
from serving import free_port, portal, served

pytestmark = pytest.mark.browser

EXPORT = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,\
Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Id
#1048,Clara@example.com,paid,2026-11-18 10:00:00 +0100,unfulfilled,EUR,82.50,4.90,0.00,87.40,\
2026-11-18 09:58:12 +0100,1,Kyusu teapot rust,82.50,KYU-1,Clara Maes,5001
"""


class Letters:
    """A real SMTP server's mailbox on loopback."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Keep what came."""
        self.received.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture
def letters() -> Iterator[tuple[Letters, str]]:
    """The mailbox and the address of its server."""
    letters = Letters()
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    yield letters, f"smtp://127.0.0.1:{port}"
    controller.stop()


def with_passkeys(context: BrowserContext) -> Page:
    """A window whose device has a fingerprint reader that always agrees."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_shop_opens_and_a_customer_finds_what_she_bought(
    browser: Browser, tmp_path: Path, letters: tuple[Letters, str]
) -> None:
    mailbox, mail_url = letters
    export = tmp_path / "orders_export.csv"
    export.write_text(EXPORT)
    instance = tmp_path / "instance"
    with served(instance, MAIL_URL=mail_url) as shop:
        base = f"http://localhost:{shop.port}"
        told = "".join(shop.process.stdout.readline() for _ in range(3))  # type: ignore[union-attr]
        setup = re.search(r"http://localhost:\d+/setup/\S+", told).group()  # type: ignore[union-attr]

        owner_browser = browser.new_context(base_url=base)
        owner = with_passkeys(owner_browser)
        owner.goto(setup)
        owner.get_by_label("name").fill("Marit De Smet")
        owner.get_by_label("mail").fill("marit@example.com")
        owner.get_by_role("button").first.click()
        owner.get_by_role("button", name="Create your passkey").click()
        owner.wait_for_url(re.compile("/staff$"))
        assert owner.goto(setup).status in (404, 410)

        done = portal(instance, "import", str(export), "--json", MAIL_URL=mail_url)
        assert (done.returncode, '"orders": 1' in done.stdout) == (0, True)

        member_browser = browser.new_context(base_url=base)
        member = with_passkeys(member_browser)
        member.goto("/sign-in")
        member.get_by_label("e-mail").fill("clara@example.com")
        member.get_by_role("button", name="Send the code").click()
        member.wait_for_url(re.compile("/sign-in/code"))
        for _wait in range(100):
            if any(to == ["Clara@example.com"] for to, _content in mailbox.received):
                break
            member.wait_for_timeout(100)
        content = next(c for to, c in mailbox.received if to == ["Clara@example.com"])
        code = re.search(rb"Your code is ([A-Z0-9]{6})", content).group(1).decode()  # type: ignore[union-attr]
        member.get_by_label("code").fill(code)
        member.get_by_role("button", name="Sign in").click()
        member.get_by_role("button", name="Create a passkey").click()
        member.wait_for_url(f"{base}/")
        expect(member.get_by_text("Kyusu teapot rust").first).to_be_visible()
        member.goto("/account/orders/1048")
        expect(member.get_by_text("€87.40").first).to_be_visible()

        owner.goto("/staff")
        owner.get_by_role("searchbox").first.fill("clara")
        owner.get_by_role("link", name=re.compile("Clara Maes")).first.click()
        owner.wait_for_url(re.compile("/staff/members/"))
        member.goto("/account/activity")
        expect(member.get_by_text(re.compile("looked at")).first).to_be_visible()

        member.get_by_role("button", name="Sign out").first.click()
        member.goto("/sign-in")  # the field offers the passkey by itself, and she takes it
        member.wait_for_url(f"{base}/")
    assert {to for recipients, _content in mailbox.received for to in recipients} == {
        "marit@example.com",
        "Clara@example.com",
    }
