"""The member card: what stands on it, whose it is, and which browser may keep it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_member, make_order

from portal.cards.keeping import LASTS
from portal.duplicates.merge import merge
from portal.lib.clock import now
from portal.loyalty.models import PointsAccount
from portal.members.models import Member, Session
from portal.shop.models import change_settings

DROP = '"storage"'


@pytest.fixture
def alice(app) -> Member:
    return make_member("Alice Janssens")


def text_of(answer) -> str:
    """The words of a page, without the tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def keep(browser) -> None:
    assert browser.post("/account/card/keep").location == "/account/card"


def test_the_card_shows_name_number_and_how_long_the_shop_knows_the_person(sign_in, alice):
    make_order(alice, placed_at=datetime(2021, 12, 31, 23, 30))
    change_settings(timezone="Europe/Brussels")  # where it was 2022 by then
    page = sign_in(alice).get("/account/card")
    assert f"With Fern &amp; Kettle since 2022 Alice Janssens Member number {alice.number}" in (
        text_of(page)
    )
    assert page.headers["Cache-Control"] == "no-store"


def test_somebody_without_a_name_has_a_card_too(sign_in, app):
    page = sign_in(make_member("", email="n@example.com")).get("/account/card")
    assert "<h1><bdi>Your card</bdi></h1>" in page.text


def test_a_name_cannot_break_out_of_the_card(sign_in, app):
    page = sign_in(make_member("<b>Bo</b> \u202egpj", email="b@example.com")).get("/account/card")
    assert "<bdi>&lt;b&gt;Bo&lt;/b&gt; \u202egpj</bdi>" in page.text


def test_points_stand_beside_the_card_and_not_on_the_copy(sign_in, alice):
    change_settings(points_per_unit=1, point_worth=1)
    PointsAccount.create(member=alice, balance=1240)
    browser = sign_in(alice)
    keep(browser)
    assert "You have 1,240 points, worth €12.40." in text_of(browser.get("/account/card"))
    assert "1,240" not in browser.get("/account/card/kept").text


def test_the_owner_chooses_the_kind_of_code(sign_in, alice):
    browser = sign_in(alice)
    assert 'class="slip member-card qr"' in browser.get("/account/card").text
    change_settings(card_code="code128")
    assert 'class="slip member-card code128"' in browser.get("/account/card").text


def test_the_card_of_a_merged_person_is_that_of_the_one_kept(sign_in, alice):
    agent = make_member("Ines Peeters", role="agent")
    twin = make_member("A. Janssens")
    merge(alice, twin, agent, "The same person.")
    assert Member.by_number(twin.number) == alice
    assert alice.number in sign_in(Member.get_by_id(alice.id)).get("/account/card").text


def test_the_copy_carries_no_token_no_form_and_nothing_that_needs_the_net(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    copy = browser.get("/account/card/kept").text
    assert "csrf" not in copy
    assert "<form" not in copy
    assert re.findall(r'<a class="shop" href="([^"]*)"|<a href="([^"]*)"', copy) == [
        ("/account/card", "")
    ]
    assert f"kept on this device since {now():%-d %B %Y};" in copy


def test_a_browser_that_keeps_nothing_gets_no_copy(sign_in, alice):
    browser = sign_in(alice)
    assert browser.get("/account/card/kept").status_code == 404
    assert "Card-Kept" not in browser.get("/account/card").headers


def test_the_day_it_was_kept_stays_when_the_copy_is_made_anew(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    before = browser.get_cookie("card").value
    again = browser.get("/account/card/kept")
    assert browser.get_cookie("card").value == before
    assert f"Max-Age={LASTS}" in again.headers["Set-Cookie"]
    assert browser.get("/account/card").headers["Card-Kept"] == "yes"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in, alice):
    cookie = sign_in(alice).post("/account/card/keep").headers["Set-Cookie"]
    assert cookie.startswith("card=")
    assert "HttpOnly; Path=/; SameSite=Lax" in cookie


def test_taking_it_off_the_device_clears_what_is_held(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    gone = browser.post("/account/card/drop")
    assert gone.headers["Clear-Site-Data"] == DROP
    assert browser.get_cookie("card") is None
    assert "Clear-Site-Data" not in browser.get("/account/card").headers


@pytest.mark.parametrize("path", ["/", "/sign-in", "/account/card", "/account/card/kept"])
def test_ended_elsewhere_is_cleared_at_the_next_contact(sign_in, alice, path):
    browser = sign_in(alice)
    keep(browser)
    assert "Clear-Site-Data" not in browser.get("/").headers
    Session.end_all(alice)
    assert browser.get(path).headers["Clear-Site-Data"] == DROP
    assert browser.get_cookie("card") is None
    assert "Clear-Site-Data" not in browser.get(path).headers  # told once


def test_a_session_that_grew_too_old_is_cleared_as_well(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    Session.update(seen_at=now() - timedelta(days=31)).execute()
    assert browser.get("/account/orders", htmx=True).headers["Clear-Site-Data"] == DROP


def test_another_member_in_the_same_browser_clears_it(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    token = Session.start(make_member("Bob Claes"), device="Firefox on Linux", method="code")
    with browser.session_transaction() as session:
        session["_user_id"] = token
    answer = browser.get("/account/card")
    assert answer.headers["Clear-Site-Data"] == DROP
    assert "Card-Kept" not in answer.headers


def test_signing_out_clears_it_with_everything_else(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    answer = browser.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert browser.get_cookie("card") is None


@pytest.mark.parametrize("value", ["", ".", "1.", "0.0", "x", "9" * 40 + ".é", "1700000000.abc"])
def test_a_cookie_that_we_did_not_write_keeps_nothing(sign_in, alice, value):
    browser = sign_in(alice)
    browser.set_cookie("card", value)
    answer = browser.get("/account/card")
    assert (answer.status_code, "Card-Kept" in answer.headers) == (200, False)


def test_a_cookie_of_another_day_does_not_fit(sign_in, alice):
    browser = sign_in(alice)
    keep(browser)
    stamp, mark = browser.get_cookie("card").value.split(".")
    browser.set_cookie("card", f"{int(stamp) - 86400}.{mark}")
    assert browser.get("/account/card/kept").status_code == 404


def test_who_keeps_no_card_is_told_to_clear_nothing(client, sign_in, alice):
    assert "Clear-Site-Data" not in client.get("/sign-in").headers
    assert "Clear-Site-Data" not in client.get("/").headers
    assert "Clear-Site-Data" not in sign_in(alice).get("/").headers


def test_an_answer_that_proxies_may_keep_says_nothing_about_one_browser(client, alice):
    client.set_cookie("card", "1.x")
    answer = client.get("/brand.css?v=1c7a4a")
    assert "Set-Cookie" not in answer.headers
    assert "Clear-Site-Data" not in answer.headers


def test_the_worker_is_the_same_for_everybody_and_stays_on_its_page(client, sign_in, alice):
    answer = client.get("/account/card/worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/account/card"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.data == sign_in(alice).get("/account/card/worker.js").data
    same = client.get("/account/card/worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304


def test_the_door_clears_what_a_header_could_not(client, sign_in, alice):
    assert "card-forget." in client.get("/sign-in").text
    assert "card-forget." not in sign_in(alice).get("/sign-in?again=1").text


def test_the_dashboard_leads_to_the_card(sign_in, alice):
    assert '<a href="/account/card">Show it at the till</a>' in sign_in(alice).get("/").text


def test_the_card_costs_few_statements(sign_in, alice, statements):
    browser = sign_in(alice)
    browser.get("/account/card")
    with statements() as seen:
        browser.get("/account/card")
    assert len(seen) <= 4


def test_the_clock_of_the_cookie_is_utc(sign_in, alice):
    change_settings(timezone="Pacific/Auckland")
    browser = sign_in(alice)
    keep(browser)
    stamp = int(browser.get_cookie("card").value.partition(".")[0])
    assert abs(stamp - datetime.now(UTC).timestamp()) < 60
