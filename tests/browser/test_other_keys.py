"""Coming in with an account elsewhere in a real browser, at a certified provider that runs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import Page, expect
from programs import CLIENT, SECRET, certified

from portal.members.models import EmailAddress, Member
from portal.providers import discovery
from portal.providers.models import LinkedAccount, Provider
from portal.providers.secret import sealed

pytestmark = pytest.mark.browser


@pytest.fixture
def provider(site: Any) -> Iterator[Provider]:
    """The shop offers a provider that really runs beside it."""
    site.app.config["LOCAL_PROVIDERS"] = True
    with certified(f"{site.url}/sign-in/with/tandem/back") as issuer:
        yield Provider.create(
            key="tandem",
            preset="oidc",
            name="Tandem",
            issuer=issuer,
            client_id=CLIENT,
            sealed_secret=sealed(SECRET),
            options={"origin": discovery.origin(issuer)},
        )


def sign_in_there(page: Page, login: str) -> None:
    """What the person does on the provider's own pages."""
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()


def come_and_go(page: Page, provider: Provider) -> None:
    """Somebody new opens an account, signs out, comes back, and looks at what is linked."""
    page.goto("/account/orders")
    page.get_by_role("button", name="Go on with Tandem").click()
    assert page.url.startswith(provider.issuer)
    sign_in_there(page, "alice")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tandem is new here.")
    page.get_by_role("button", name="Open my account").click()
    expect(page).to_have_url(re.compile("/account/orders$"))
    page.get_by_role("button", name="Sign out").first.click()
    page.goto("/sign-in")
    page.get_by_role("button", name="Go on with Tandem").click()
    sign_in_there(page, "alice")  # signing out here cleared the cookies of all of localhost
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"localhost:\d+/$"))
    page.goto("/account/security")
    page.get_by_role("link", name="Link or unlink").click()
    expect(page.get_by_text("alice@example.com").first).to_be_visible()
    assert EmailAddress.get().address == "alice@example.com"


def test_a_person_comes_in_with_an_account_elsewhere(visit: Any, provider: Provider) -> None:
    page = visit()
    come_and_go(page, provider)
    assert findings(page) == []
    page.get_by_role("button", name="Unlink Tandem").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "No account elsewhere opens this one."
    )
    assert LinkedAccount.select().count() == 0


def test_the_same_without_javascript(no_script: Page, provider: Provider) -> None:
    come_and_go(no_script, provider)
    no_script.get_by_role("button", name="Unlink Tandem").click()
    expect(no_script.get_by_role("heading", level=1)).to_have_text(
        "No account elsewhere opens this one."
    )


def test_a_member_links_one_and_the_owner_sees_it(visit: Any, provider: Provider) -> None:
    alice = make_member("Alice Janssens")
    page = visit(alice, width=390)
    page.goto("/account/security/linked")
    page.get_by_role("button", name="Link Tandem").click()
    sign_in_there(page, "bob")
    expect(page.get_by_text("Tandem opens your account now.")).to_be_visible()
    assert LinkedAccount.get().member == alice
    owner = visit(make_member("Marit De Smet", role="owner"))
    owner.goto("/staff/settings/providers")
    expect(owner.get_by_text("opens one account")).to_be_visible()
    assert findings(owner) == []
    assert Member.select().count() == 2
