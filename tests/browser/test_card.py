"""The member card in a real browser: kept for when there is no net, and gone when it has to be."""

import pytest
from factories import make_member

from portal.lib.db import db
from portal.members.models import Member, Session

pytestmark = pytest.mark.browser

HELD = """async () => [
    (await caches.keys()).length,
    (await navigator.serviceWorker.getRegistrations()).length,
]"""
NOTHING, THE_CARD = [0, 0], [1, 1]


@pytest.fixture
def kept(visit):
    """Alice's window, with the card kept on her phone."""
    alice = make_member("Alice Janssens")
    page = visit(alice, width=390)
    page.goto("/account/card")
    page.get_by_role("button", name="Keep it on this device").click()
    page.get_by_text("Kept on this device since").wait_for()
    assert page.evaluate(HELD) == THE_CARD
    return page, alice


def test_the_card_opens_without_a_net_and_nothing_else_does(kept) -> None:
    page, alice = kept
    page.context.set_offline(True)
    page.goto("/account/card")
    assert page.get_by_role("heading", level=1).inner_text() == "Alice Janssens"
    assert page.get_by_text(alice.number).is_visible()
    assert page.get_by_text("This is the card kept on this device since").is_visible()
    side = page.locator(".scan").evaluate("code => code.getBoundingClientRect().width")
    assert side > 200  # its style came along
    assert page.evaluate("document.fonts.check('16px Figtree')")
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto("/account/orders")
    page.context.set_offline(False)
    page.goto("/account/card")
    assert page.get_by_role("heading", name="At the till").is_visible()


def test_signing_out_on_the_device_clears_it(kept) -> None:
    page, _alice = kept
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    assert page.evaluate(HELD) == NOTHING
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto("/account/card")


def test_signing_out_clears_it_where_a_browser_does_not_know_the_header(kept, site) -> None:
    page, _alice = kept
    plain = site.app.wsgi_app

    def older(environ, start_response):
        def begin(status, headers, *more):
            known = [pair for pair in headers if pair[0] != "Clear-Site-Data"]
            return start_response(status, known, *more)

        return plain(environ, begin)

    site.app.wsgi_app = older
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.wait_for_function(f"async () => String(await ({HELD})()) === '0,0'")


def test_ended_elsewhere_it_goes_at_the_next_contact(kept) -> None:
    page, alice = kept
    Session.end_all(alice)
    page.goto("/")
    page.get_by_text("Welcome back").wait_for()
    page.wait_for_function(f"async () => String(await ({HELD})()) === '0,0'")


def test_the_next_member_never_sees_the_card_of_the_one_before(kept, site) -> None:
    page, _alice = kept
    site.enter(page.context, make_member("Bob Claes"))
    page.goto("/account/orders")
    assert page.evaluate(HELD) == NOTHING
    page.goto("/account/card")
    assert page.get_by_role("heading", level=1).inner_text() == "Bob Claes"
    assert page.get_by_role("button", name="Keep it on this device").is_visible()


def test_it_can_be_taken_off_the_device_again(kept) -> None:
    page, _alice = kept
    page.get_by_role("button", name="Take it off this device").click()
    page.get_by_role("button", name="Keep it on this device").wait_for()
    assert page.evaluate(HELD) == NOTHING


def test_a_scanner_at_the_desk_opens_the_page_of_the_member(visit) -> None:
    alice = make_member("Alice Janssens")
    page = visit(make_member("Ines Peeters", role="agent"))
    page.goto("/staff")  # the cursor waits in the search
    page.keyboard.type(alice.number.replace("-", "").lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/members/{alice.number}")
    page.keyboard.press("/")
    page.keyboard.type("nobody else")
    page.go_back()
    page.get_by_label("Who is it about?").wait_for()


def test_a_browser_that_lost_its_cookie_drops_the_copy_by_itself(kept) -> None:
    page, _alice = kept
    page.context.clear_cookies(name="card")
    page.goto("/account/card")
    page.wait_for_function("async () => !(await caches.has('member-card'))")


def test_a_shop_in_trouble_is_no_reason_to_stand_there_without_a_card(kept) -> None:
    page, _alice = kept
    member = Member._meta.table_name
    db.execute_sql(f'ALTER TABLE "{member}" RENAME TO "away"')
    page.goto("/account/card")
    assert page.get_by_text("The shop can’t be reached just now.").is_visible()
    db.execute_sql(f'ALTER TABLE "away" RENAME TO "{member}"')
