"""Finding and claiming orders in a real browser: without JavaScript, and without barriers."""

import pytest
from factories import make_member, make_order
from looking import findings

from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.models import EmailAddress, Member
from portal.orders.models import Order

pytestmark = pytest.mark.browser


@pytest.fixture
def guest(site) -> Member:
    """Bought twice with an older address, and never signed in."""
    guest = make_member("A. Janssens", email="old@example.com")
    for number in ("1048", "1049"):
        order = make_order(guest, number, delivery={"zip": "9000", "city": "Gent"})
        Order.update(email="old@example.com").where(Order.id == order.id).execute()
    return guest


@pytest.fixture
def alice(site) -> Member:
    """She joined with an address that is proved."""
    alice = make_member("Alice Janssens", email="alice@example.com", joined_at=now())
    EmailAddress.update(verified_at=now()).where(EmailAddress.member == alice).execute()
    return alice


def secret(kind: str) -> str:
    """What the newest mail of a kind holds, once the jobs ran."""
    while jobs.run_waiting():
        pass
    return str(Mail.select().where(Mail.kind == kind).order_by(Mail.id.desc()).get().secret())


def test_a_guest_finds_an_order_without_javascript(no_script, guest) -> None:
    page = no_script
    page.goto("/sign-in")
    page.click("text=Or look one order up")
    page.fill("#number", "#1048")
    page.fill("#email", "OLD@example.com")
    page.click("text=Send me a link")
    assert page.inner_text("h1") == "Look at your mail."
    page.goto(f"/orders/link/{secret('order_link')}")
    page.click("button:has-text('Show the order')")
    assert page.url.endswith("/orders/found/1048")
    page.goto("/orders/find")
    page.click("summary")
    page.fill("#fact-number", "1049")
    page.fill("#postcode", "9000")
    page.fill("#total", "87,40")
    page.click("#by-facts button")
    assert page.url.endswith("/orders/found/1049")


def test_a_member_claims_and_gives_back_without_javascript(no_script, site, alice, guest) -> None:
    page = no_script
    site.enter(page.context, alice)
    page.goto("/account/orders")
    page.click("text=Claim it")
    page.fill("#contact", "old@example.com")
    page.fill("#number", "1048")
    page.fill("#total", "1")
    page.click("text=Look for it")
    page.fill("#code", secret("claim_code"))
    page.click("text=Go on")
    assert "No order fits that" in page.inner_text("[role=alert]")
    page.fill("#total", "87.40")
    page.click("text=Look for it")
    assert page.inner_text("h1") == "2 orders would come."
    page.click("text=Bring them into my account")
    assert {order.member_id for order in Order.select()} == {alice.id}
    page.click("button:has-text('Give back')")
    assert {order.member_id for order in Order.select()} == {guest.id}


def test_no_page_of_a_guest_has_an_accessibility_finding(visit, guest) -> None:
    page = visit()
    found: list[str] = []

    def look() -> None:
        found.extend(findings(page))

    page.goto("/orders/link/nonsense")
    look()
    page.goto("/orders/find?sent=1")
    look()
    page.goto("/orders/find")
    page.click("summary")
    look()
    page.fill("#fact-number", "1048")
    page.fill("#postcode", "9000")
    page.click("#by-facts button")
    look()
    page.click("summary") if not page.is_visible("#total") else None
    page.fill("#total", "87.40")
    page.click("#by-facts button")
    look()
    assert found == []


def test_no_page_of_a_claim_has_an_accessibility_finding(visit, alice, guest) -> None:
    page = visit(alice)
    found: list[str] = []

    def look() -> None:
        found.extend(findings(page))

    page.goto("/claim")
    page.click("text=Look for it")
    look()
    page.fill("#contact", "old@example.com")
    page.fill("#number", "1048")
    page.fill("#total", "87.40")
    page.click("text=Look for it")
    look()
    page.fill("#code", secret("claim_code"))
    page.click("text=Go on")
    look()
    page.click("text=Bring them into my account")
    page.wait_for_selector("text=Give back")
    look()
    assert found == []
