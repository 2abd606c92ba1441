"""Joining and signing in with a phone number as people do it, also without scripts."""

from collections.abc import Iterator

import pytest
from exchange import Exchange, exchange_of
from looking import findings
from playwright.sync_api import Page, expect

from portal.lib.jobs import run_waiting
from portal.members.models import PhoneNumber
from portal.shop.models import change_settings

pytestmark = pytest.mark.browser


@pytest.fixture
def exchange(site) -> Iterator[Exchange]:
    """The gateway on loopback of a shop in Belgium that lets people in by text message."""
    change_settings(phone_sign_in=True, timezone="Europe/Brussels", join_steps="")
    with exchange_of(site.app) as kept:
        yield kept


def code(exchange: Exchange) -> str:
    """The code on the phone."""
    return exchange.newest()[1].split()[0]


def join(page: Page) -> None:
    """Ask to join, with a slip first."""
    page.goto("/join")
    page.get_by_role("link", name="Use a phone number instead").click()
    page.get_by_label("Your name").fill("Maren Holt")
    page.get_by_label("Your phone number").fill("0470 12")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Write a number with its country code")).to_be_visible()
    page.get_by_label("Your phone number").fill("0470 12 34 56")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/join/confirm")


def test_the_page_follows_the_message_and_the_number_is_put_right(visit, exchange) -> None:
    exchange.answers = [(400, '{"code": 21211, "message": "no"}')]
    page = visit(width=390)
    join(page)
    run_waiting()
    expect(page.get_by_role("heading", name="The message did not arrive.")).to_be_visible(
        timeout=10_000
    )
    expect(page.get_by_text("nobody has this number")).to_be_visible()
    troubles = findings(page, (390,))
    page.get_by_label("Your phone number").fill("0470 65 43 21")
    page.get_by_role("button", name="Text this number").click()
    expect(page.get_by_text("+32 470 65 43 21")).to_be_visible()
    page.get_by_label("The code").fill(code(exchange))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/sign-in/offer**")
    page.goto("/account/security/phone")
    troubles += findings(page, (390,))
    assert PhoneNumber.get().door == "32470654321"
    assert troubles == []


def test_everything_works_without_scripts(visit, exchange) -> None:
    page = visit(java_script_enabled=False)
    join(page)
    run_waiting()
    page.locator("noscript a").click()
    expect(page.get_by_text("Taken by the network")).to_be_visible()
    page.get_by_label("The code").fill(code(exchange))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/sign-in/offer**")
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Or by e-mail or phone number").fill("0470 12 34 56")
    page.get_by_role("button", name="Send the code").click()
    page.wait_for_url("**/sign-in/text**")
    page.get_by_label("The code").fill(code(exchange))
    page.get_by_role("button", name="Sign in").click()
    page.goto("/account/security")
    expect(page.get_by_text("opens your account.", exact=False).first).to_be_visible()
