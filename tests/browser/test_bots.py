"""The small step in a real browser: the sum is done by itself, and nothing typed is lost."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import expect

from portal.factors.hashing import hashed
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.throttle import LIMITS, Throttle, within
from portal.members.models import Password
from portal.shop.models import change_settings

pytestmark = pytest.mark.browser
SECRET = "three green kettles"
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def crowded(site: Any) -> Iterator[None]:
    """Many at this network address asked for codes and typed passwords; alice has one."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com", joined_at=now())
    with write_tx():
        Password.create(member=alice, hash=hashed(SECRET), set_at=now())
    for purpose in ("code.ask.client", "password.try.client"):
        for _use in range(LIMITS[purpose].step):
            within(purpose, "127.0.0.1")
    yield
    Throttle.delete().execute()


def test_the_step_is_done_by_itself(visit: Any, crowded: None) -> None:
    page = visit(width=390)
    page.goto("/sign-in")
    page.get_by_label("Or by e-mail").fill("alice@example.com")
    page.get_by_role("button", name="Send the code").click()
    expect(page).to_have_url(re.compile("/sign-in/code/enter"), timeout=20_000)
    expect(page.get_by_text("alice@example.com")).to_be_visible()


def test_a_password_is_typed_once_more_while_the_sum_is_done(visit: Any, crowded: None) -> None:
    page = visit(width=390)
    page.goto("/sign-in")
    page.get_by_text("Sign in with a password").click()
    page.locator("#password-email").fill("alice@example.com")
    page.locator("#password").fill(SECRET)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("Done. Type it once more and go on.").wait_for()
    assert findings(page) == []
    print("milliseconds:", page.locator("small-step").get_attribute("data-took"))
    for scheme in ("light", "dark") if PICTURES else ():
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{PICTURES}/step-{width}-{scheme}.png", full_page=True)
    page.get_by_label("Your password, once more").press_sequentially(SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.get_by_role("link", name="Orders").first).to_be_visible()


def test_without_javascript_the_page_says_how_long(no_script: Any, crowded: None) -> None:
    no_script.goto("/sign-in")
    no_script.get_by_label("Or by e-mail").fill("alice@example.com")
    no_script.get_by_role("button", name="Send the code").click()
    expect(no_script.get_by_text("seconds, then go on. What you typed is kept.")).to_be_visible()
    if PICTURES:
        no_script.screenshot(path=f"{PICTURES}/step-no-script.png", full_page=True)
    no_script.get_by_role("button", name="Go on").click()
    expect(no_script.get_by_role("heading", name="One moment")).to_be_visible()
