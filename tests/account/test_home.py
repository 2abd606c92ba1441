"""The dashboard: what it says at a glance, what it costs, how its cards stay fresh."""

import re
from datetime import timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.members.models import Member
from portal.orders.models import Fulfilment, Order
from portal.shop.models import change_settings

CARDS = ["orders", "open", "loyalty", "wishlist", "news"]


def plain(answer):
    """The words of a page, tags left out."""
    main = answer.text.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.fixture
def alice(app):
    change_settings(points_per_unit=10)
    return make_member("Alice Janssens", visit_at=now(), last_visit_at=now() - timedelta(days=3))


@pytest.fixture
def at_home(alice, sign_in):
    return sign_in(alice)


def test_the_newest_order_lies_on_top_with_its_way(alice, at_home):
    make_order(alice, "1012", placed_at=now() - timedelta(days=40))
    newest = make_order(
        alice, "1048", ship_status="fulfilled", fulfilled_at=now() - timedelta(days=1)
    )
    Fulfilment.create(order=newest, tracking_number="1Z4W8E276812345678")
    text = at_home.get("/").text
    assert re.search(r"<h1>(.*?)</h1>", text)[1] == "On its way."
    assert 'href="https://www.ups.com/track?tracknum=1Z4W8E276812345678"' in text
    assert re.findall(r"<small>Order (\d+),", text) == ["1048", "1012"]


def test_another_members_orders_never_lie_there(alice, at_home):
    make_order(make_member("Bob Claes"), "2001", lines=[("Bob's present", 1, 100)])
    make_order(None, "2002", lines=[("A guest's strainer", 1, 100)])
    text = at_home.get("/").text
    assert "present" not in text
    assert "strainer" not in text
    assert re.search(r"<h1>(.*?)</h1>", text)[1] == "Nothing bought yet."
    assert "Your orders will lie here, with where each of them is." in text
    assert '<a href="/claim">Bring your orders</a>' in text


def test_home_takes_six_statements_whatever_there_is(statements, sign_in, alice):
    counts = []
    for orders in (1, 30):
        member = make_member("Carla", last_visit_at=now() - timedelta(days=3))
        for n in range(orders):
            make_order(member, lines=[(f"Tea {n} {i}", 1, 100) for i in range(orders)])
            member.record("orders.imported", count=1, file="orders.csv")
        client = sign_in(member)
        client.get("/")
        with statements() as seen:
            client.get("/")
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))
    assert counts == [6, 6]  # session and member, orders, lines, points, saved things, news


def test_a_long_order_says_how_many_more_things_it_has(alice, at_home):
    make_order(alice, "9", lines=[(f"Tea {n:03}", 1, 100 + n) for n in range(593)])
    words = plain(at_home.get("/"))
    assert "Tea 004 €1.04 588 more things €2,343.18" in words
    assert "Tea 005" not in words


def test_what_is_open_is_said_with_what_to_do(alice, at_home):
    make_order(alice, "1", placed_at=now() - timedelta(days=50), total=1250, paid=False)
    for n in range(5):
        make_order(alice, f"1{n}", ship_status="fulfilled", fulfilled_at=now())
    make_order(alice, "2", placed_at=now() - timedelta(days=9))
    make_order(alice, "3", placed_at=now() - timedelta(days=300))  # never marked as sent
    Order.update(cancelled_at=now()).where(Order.number == "12").execute()
    words = plain(at_home.get("/"))
    assert "Open Order 2 is being packed. Order 1 waits for your payment of €12.50 ." in words


def test_nothing_open_says_nothing(alice, at_home):
    make_order(alice, ship_status="fulfilled", fulfilled_at=now())
    assert "Open" not in plain(at_home.get("/"))


def test_what_changed_since_the_last_visit_is_told(alice, at_home):
    alice.record("orders.imported", at=now() - timedelta(days=9), count=5, file="a.csv")
    alice.record("orders.imported", at=now() - timedelta(hours=1), count=2, file="b.csv")
    words = plain(at_home.get("/"))
    assert "2 of your orders came in from the shop." in words
    assert "5 of your orders" not in words


def test_what_the_shop_did_is_news_and_what_the_member_did_is_none(alice, at_home):
    late = now() - timedelta(hours=1)
    make_order(alice, "1048", placed_at=late)
    make_order(alice, "1012", placed_at=now() - timedelta(days=9), fulfilled_at=late)
    alice.record("sign_in.done", at=late, method="code", device="Firefox on Linux")
    alice.record("wishlist.saved", at=late, subject="T-1", title="Sencha")
    alice.record("passkey.added", at=late, label="phone")
    news = at_home.get("/account/cards/news", htmx=True).text
    told = re.findall(r"<p>(.*?) <small>", news)
    assert told == ['Order <a href="/account/orders/1012">1012</a> left the shop.']


def test_a_first_visit_has_no_news_and_a_quiet_one_says_so(alice, at_home, sign_in):
    assert "Since your last visit Nothing new." in plain(at_home.get("/"))
    fresh = sign_in(make_member("Bob Claes", visit_at=now()))
    assert "Since your last visit" not in plain(fresh.get("/"))


def test_the_shop_can_be_reached_from_the_dashboard(alice, at_home):
    assert (
        f'href="mailto:hello@fernandkettle.example?subject=From%20member%20{alice.number}"'
        in at_home.get("/").text
    )


@pytest.mark.parametrize("name", CARDS)
def test_a_card_alone_is_the_card_of_the_page(alice, at_home, name):
    make_order(alice, "1048")
    whole = at_home.get("/").text
    alone = at_home.get(f"/account/cards/{name}", htmx=True)
    assert alone.status_code == 200
    assert "<html" not in alone.text
    assert alone.text.strip() in whole
    assert f'data-hx-get="/account/cards/{name}"' in whole


@pytest.mark.parametrize("name", CARDS)
def test_an_unchanged_card_costs_no_query_of_its_own(alice, at_home, statements, name):
    make_order(alice, "1048")
    tag = at_home.get(f"/account/cards/{name}", htmx=True).headers["ETag"]
    with statements() as seen:
        again = at_home.get(f"/account/cards/{name}", htmx=True, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert len([sql for sql in seen if '"setting"' not in sql]) == 1  # session and member
    alice.record("orders.imported", count=1, file="a.csv")
    fresh = at_home.get(f"/account/cards/{name}", htmx=True, headers={"If-None-Match": tag})
    assert fresh.status_code == 200


@pytest.mark.parametrize("name", CARDS)
def test_a_card_takes_at_most_two_statements(alice, at_home, statements, name):
    for _ in range(30):
        make_order(alice)
    at_home.get("/")
    with statements() as seen:
        at_home.get(f"/account/cards/{name}", htmx=True)
    assert len([sql for sql in seen if '"setting"' not in sql]) <= 3  # session and member as one


def test_the_tag_of_one_member_is_no_use_to_another(alice, at_home, sign_in):
    bob = make_member("Bob Claes")
    Member.update(version=Member.get_by_id(alice.id).version).where(Member.id == bob.id).execute()
    tag = at_home.get("/account/cards/orders", htmx=True).headers["ETag"]
    answer = sign_in(bob).get("/account/cards/orders", htmx=True, headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_an_unknown_card_is_not_found(at_home):
    assert at_home.get("/account/cards/secrets", htmx=True).status_code == 404


def test_cards_need_a_session(client):
    answer = client.get("/account/cards/orders", htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"][:8]) == (401, "/sign-in")
