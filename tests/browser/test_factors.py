"""Passwords, two-step verification and recovery codes in a browser, also without scripts."""

import re
from datetime import UTC

import pyotp
import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import Page, expect

from portal.factors import authenticators, passwords, recovery_codes
from portal.lib.clock import now
from portal.lib.sms import TextMessage
from portal.members.models import Authenticator, EmailAddress, Member, SentFactor
from portal.shop.models import change_settings

pytestmark = pytest.mark.browser

GOOD = "zebra tulip ladder cobalt"


@pytest.fixture
def alice(site) -> Member:
    """A member of a shop that allows passwords."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com")
    EmailAddress.update(verified_at=now()).execute()
    return alice


def shown(secret: str) -> str:
    """What the app shows now."""
    return pyotp.TOTP(secret).at(now().replace(tzinfo=UTC))


def come(page: Page) -> None:
    """Address and password at the door."""
    page.goto("/sign-in")
    page.get_by_text("Sign in with a password").click()
    page.get_by_label("Your e-mail").fill("alice@example.com")
    page.get_by_label("Your password").fill(GOOD)
    page.locator("#with-password").get_by_role("button", name="Sign in").click()


def walk(page: Page, *, scripts: bool) -> None:
    """Set a password, add an app, make codes, sign out, and come in with all of them."""
    page.goto("/account/security/password")
    if scripts:
        page.get_by_label("The new one").press_sequentially("password12")
        expect(page.locator("#strength")).to_contain_text("stands on the lists")
    page.get_by_label("The new one").fill("password123")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#password-error")).to_contain_text("stands on the lists")
    page.get_by_label("The new one").fill(GOOD)
    if scripts:
        expect(page.locator("#strength")).to_have_text("Very strong.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Switch it on").click()
    page.get_by_role("button", name="Add an app").click()
    secret = page.locator("copy-text code").inner_text().replace(" ", "")
    page.get_by_label("The six digits that it shows").fill(shown(secret))
    page.get_by_label("What do you call it?").fill("my phone")
    page.get_by_role("button", name="Add the app").click()
    page.get_by_role("button", name="Make ten codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Print these, or write them down.")
    code = page.locator(".recovery-codes").inner_text().split()[0]
    page.get_by_role("link", name="I have them").click()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    come(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Now the code from your app.")
    page.get_by_role("link", name="a recovery code").click()
    page.get_by_label("The code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("recovery")
    page.goto("/account/security/second-factor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-step verification is on.")
    expect(page.locator("main")).to_contain_text("9 codes are left.")


def test_a_member_sets_up_two_steps_and_comes_in_with_them(site, visit, alice: Member) -> None:
    walk(visit(alice), scripts=True)


def test_the_same_without_javascript(site, no_script: Page, alice: Member) -> None:
    site.enter(no_script.context, alice)
    walk(no_script, scripts=False)


def test_the_pages_that_set_steps_up_have_no_accessibility_finding(
    site, visit, alice: Member
) -> None:
    site.app.config["DEMO"] = True
    page = visit(alice)
    found = []
    for where in ("password", "second-factor", "recovery-codes", "second-factor/sms"):
        page.goto(f"/account/security/{where}")
        found += findings(page)
    page.get_by_label("Your phone number").fill("+32 470 12 34 56")
    page.get_by_role("button", name="Send the code").click()
    found += findings(page)
    page.get_by_label("The code").fill(str(TextMessage.get().secret()))
    page.get_by_role("button", name="Add the number").click()
    page.get_by_role("button", name="Make ten codes").click()
    found += findings(page)
    page.goto("/account/security/second-factor")
    page.get_by_role("button", name="Add an app").click()
    found += findings(page)
    assert found == []


def every_step(alice: Member) -> None:
    """A password, an app, codes by mail and by text, and recovery codes."""
    passwords.keep(alice, GOOD, session_id=1)
    authenticators.begin(alice)
    Authenticator.update(confirmed_at=now(), label="my phone").execute()
    SentFactor.create(member=alice, channel="mail")
    SentFactor.create(member=alice, channel="sms", target="+32470123456")
    recovery_codes.make(alice)


def test_the_pages_of_set_up_steps_have_no_accessibility_finding(visit, alice: Member) -> None:
    every_step(alice)
    page = visit(alice)
    found = []
    for where in ("/password", "/second-factor", "/recovery-codes", ""):
        page.goto(f"/account/security{where}")
        found += findings(page)
    assert found == []


def test_the_pages_of_the_second_step_have_no_accessibility_finding(visit, alice: Member) -> None:
    every_step(alice)
    page = visit()
    page.goto("/sign-in")
    page.get_by_text("Sign in with a password").click()
    page.get_by_label("Your e-mail").fill("alice@example.com")
    page.get_by_label("Your password").fill("wrong wrong wrong")
    page.locator("#with-password").get_by_role("button", name="Sign in").click()
    found = findings(page)
    come(page)
    found += findings(page)
    for by in ("mail", "sms", "recovery"):
        page.goto(f"/sign-in/second?by={by}")
        found += findings(page)
    page.goto("/sign-in/second?by=sms")
    page.get_by_role("button", name="Send the code").click()
    found += findings(page)
    assert found == []
    assert re.search("sign-in/second", page.url)
