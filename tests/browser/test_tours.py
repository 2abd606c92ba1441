"""Two tours of the account: without JavaScript, and with nothing but a keyboard."""

import re

import pytest
from factories import make_member, make_order
from playwright.sync_api import Page, expect

from portal.shop.models import change_settings

pytestmark = pytest.mark.browser


def test_a_member_does_everything_without_javascript(no_script: Page, site) -> None:
    change_settings(points_per_unit=1, product_link="https://fernandkettle.example/{sku}")
    alice = make_member("Alice Janssens")
    for number in range(1001, 1032):
        make_order(alice, str(number), total=1000 + number)
    page = no_script
    site.enter(page.context, alice)

    page.goto("/")
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name=re.compile("^Show")).click()
    expect(page.get_by_text("Order 1001")).to_be_visible()
    page.goto("/account/orders?q=1017")
    page.locator("main a[href*='/account/orders/1017']").first.click()
    expect(page.get_by_text("€20.17").first).to_be_visible()

    page.get_by_role("button", name=re.compile("Save")).first.click()
    page.goto("/account/wishlists")
    page.get_by_role("button", name=re.compile("Remove")).first.click()
    page.get_by_role("button", name=re.compile("undo|bring|back", re.IGNORECASE)).first.click()
    expect(page.get_by_text("Sencha, first flush, 100 g").first).to_be_visible()

    page.goto("/account/profile")
    page.get_by_label("Name", exact=True).first.fill("Alice Peeters")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Alice Peeters")

    page.goto("/account/activity")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/")
    page.get_by_role("button", name="Sign out").first.click()
    page.goto("/account/orders")
    expect(page).to_have_url(re.compile("/sign-in"))


def press_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on something that begins with these words, as a person would."""
    for _press in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()"
        )
        if re.match(words, focused):
            rings = page.evaluate(
                "['', '::after'].map(p => getComputedStyle(document.activeElement, p).outlineStyle)"
            )
            assert rings != ["none", "none"], f"“{words}” has the focus and does not show it"
            return
    raise AssertionError(f"“{words}” is not reached by Tab")


def test_a_member_walks_by_keyboard(visit, site) -> None:
    alice = make_member("Alice Janssens")
    make_order(alice, "1048")
    page = visit(alice)
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.goto("/")
    press_to(page, "Orders")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/orders"))
    press_to(page, "Sencha, first flush")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/orders/1048"))
    press_to(page, "Save$")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).not_to_be_empty()
    page.go_back()
    page.wait_for_url(re.compile("/account/orders"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_an_agent_finds_somebody_by_typing_alone(visit, site) -> None:
    make_order(make_member("Alice Janssens"), "1048")
    page = visit(make_member("Ines Peeters", role="agent"))
    page.goto("/staff")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jans")
    expect(page.get_by_role("link", name=re.compile("Alice Janssens"))).to_be_visible()
    press_to(page, "Alice Janssens")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/staff/members/"))
    expect(page.get_by_text("Alice Janssens").first).to_be_visible()
