"""The list of a member's own orders: pages, search, filters, with and without htmx."""

import re
from datetime import datetime, timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.lib.db import db, is_sqlite
from portal.orders.listing import _NEXT
from portal.orders.models import Fulfilment, Order
from portal.shop.models import change_settings


def numbers(answer):
    """The order numbers that an answer shows, from top to bottom."""
    return re.findall(r"<small>Order ([\w-]+),", answer.text)


def next_page(answer):
    return re.search(r'class="more" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")


@pytest.fixture
def alice(app):
    return make_member("Alice Janssens")


@pytest.fixture
def at_home(alice, sign_in):
    return sign_in(alice)


def test_the_list_shows_the_newest_order_first_and_nobody_elses(alice, at_home):
    bob = make_member("Bob Claes")
    make_order(alice, "1001", placed_at=now() - timedelta(days=30))
    make_order(alice, "1003", placed_at=now() - timedelta(days=2))
    make_order(bob, "1002", placed_at=now() - timedelta(days=9))
    make_order(None, "1004", placed_at=now())
    assert numbers(at_home.get("/account/orders")) == ["1003", "1001"]


def test_the_list_has_the_same_statements_for_one_order_and_for_thirty(
    alice, at_home, sign_in, statements
):
    counts = []
    for member, orders in ((alice, 1), (make_member("Bob Claes"), 30)):
        for _ in range(orders):
            make_order(member)
        client = sign_in(member)
        client.get("/account/orders")
        with statements() as seen:
            client.get("/account/orders")
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))
    assert counts == [3, 3]  # session and member, the orders, the first year


def test_show_more_goes_through_orders_of_the_same_moment_without_loss(alice, at_home):
    moment = datetime(2026, 5, 1, 12)
    made = [make_order(alice, str(n), placed_at=moment).number for n in range(100, 145)]
    first = at_home.get("/account/orders")
    second = at_home.get(next_page(first))
    third = at_home.get(next_page(second))
    assert numbers(first) + numbers(second) + numbers(third) == made[::-1]
    assert 'class="more"' not in third.text


def test_htmx_gets_only_further_rows(alice, at_home):
    for _ in range(21):
        make_order(alice)
    url = next_page(at_home.get("/account/orders"))
    rows = at_home.get(url, htmx=True, headers={"HX-Target": "li#more"})
    assert len(numbers(rows)) == 1
    assert "<html" not in rows.text
    assert "<html" in at_home.get(url).text


def test_a_changed_filter_brings_htmx_the_list_alone(alice, at_home):
    make_order(alice, "1001", lines=[("Sencha", 1, 1000)])
    make_order(alice, "1002", lines=[("Kyusu teapot", 1, 6400)])
    part = at_home.get(
        "/account/orders?q=kyusu", htmx=True, headers={"HX-Target": "div#order-list"}
    )
    assert part.text.lstrip().startswith('<div id="order-list">')
    assert numbers(part) == ["1002"]
    assert numbers(at_home.get("/account/orders?q=kyusu")) == ["1002"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("1048", ["1048"]),
        ("#1048", ["1048"]),
        ("104", ["1048"]),
        ("sencha", ["1048"]),
        ("SENCHA, FIRST", ["1048"]),
        ("hojicha", ["987"]),
        ("100%", []),
        ("_", []),
        ("' OR 1=1 --", []),
    ],
)
def test_search_finds_numbers_titles_and_skus_of_own_orders(alice, at_home, q, found):
    make_order(alice, "1048", lines=[("Sencha, first flush", 1, 1850)])
    make_order(alice, "987", lines=[("Ceramic canister", 1, 2900), ("Hojicha", 1, 900)])
    make_order(make_member("Bob Claes"), "1049", lines=[("Sencha, first flush", 1, 1850)])
    assert numbers(at_home.get("/account/orders", query_string={"q": q})) == found


def test_the_year_is_the_year_of_the_shops_clock(app, alice, at_home):
    change_settings(timezone="Europe/Brussels")
    make_order(alice, "1", placed_at=datetime(2024, 12, 31, 22, 59))
    make_order(alice, "2", placed_at=datetime(2024, 12, 31, 23, 1))  # 2025 in Brussels
    assert numbers(at_home.get("/account/orders?year=2025")) == ["2"]
    assert numbers(at_home.get("/account/orders?year=2024")) == ["1"]


def test_states_can_be_chosen(alice, at_home):
    make_order(alice, "1", ship_status="unfulfilled")
    make_order(alice, "2", ship_status="fulfilled", fulfilled_at=now())
    make_order(alice, "3", ship_status="fulfilled", fulfilled_at=now(), refunded=8740)
    make_order(alice, "4", cancelled_at=now())
    make_order(alice, "5", paid=False, placed_at=now() - timedelta(days=400))
    tracked = make_order(alice, "6", ship_status="unfulfilled")
    Fulfilment.create(order=tracked, tracking_number="1Z4W8E276812345678", source="staff")
    found = {
        state: set(numbers(at_home.get(f"/account/orders?state={state}")))
        for state in ("open", "sent", "back", "cancelled", "nonsense")
    }
    assert found == {
        "open": {"1", "5"},
        "sent": {"2", "6"},
        "back": {"3"},
        "cancelled": {"4"},
        "nonsense": {"1", "2", "3", "4", "5", "6"},
    }


def test_a_filter_stays_on_the_next_page_and_in_its_form(alice, at_home):
    for _ in range(21):
        make_order(alice, lines=[("Sencha", 1, 1000)])
        make_order(alice, lines=[("Hojicha", 1, 900)])
    first = at_home.get("/account/orders?q=sencha&year=2026&state=open")
    assert 'value="sencha"' in first.text
    assert "<option selected>2026</option>" in first.text
    assert '<option value="open" selected>' in first.text
    assert len(numbers(at_home.get(next_page(first)))) == 1


@pytest.mark.parametrize(
    "query",
    ["after=rubbish", "after=20260101T000000000000-99999999999999999999", "year=٣", "year=99999"],
)
def test_garbled_addresses_show_the_list(alice, at_home, query):
    make_order(alice, "1001", placed_at=datetime(2025, 5, 1))
    assert numbers(at_home.get(f"/account/orders?{query}")) in (["1001"], [])


def test_a_member_without_orders_reads_why_and_what_to_do(at_home):
    text = at_home.get("/account/orders").text
    assert "Nothing bought yet. What you buy with the e-mail address of this account" in text
    assert 'href="mailto:hello@fernandkettle.example"' in text
    assert 'role="search"' not in text


def test_a_search_without_a_find_offers_all_orders(alice, at_home):
    make_order(alice)
    text = at_home.get("/account/orders?q=nothing+like+it").text
    assert 'No order of yours matches that. <a href="/account/orders">Show all orders</a>' in text


def test_titles_are_text_never_markup(alice, at_home):
    order = make_order(alice, lines=[("<img src=x onerror=alert(1)>", 1, 100)])
    for url in ("/account/orders", f"/account/orders/{order.number}", "/"):
        text = at_home.get(url).text
        assert "<img src=x" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_the_next_page_is_found_in_the_index(app):
    if not is_sqlite():
        return
    sql = _NEXT.sql()
    plan = " ".join(
        row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))
    )
    assert (
        "SEARCH t1 USING INDEX order_member_id_placed_at_id (member_id=? AND placed_at<?)" in plan
    )
    assert "TEMP B-TREE" not in plan


def test_orders_share_their_backref_with_nothing_else(app):
    assert Order.member.backref == "orders"
