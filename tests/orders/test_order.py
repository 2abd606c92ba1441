"""The page of one order: whose it is, what it shows, how its sums add up."""

import re
from datetime import datetime, timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.orders.models import Fulfilment, Order
from portal.payments.models import Payment, Refund
from portal.shop.models import change_settings


@pytest.fixture
def alice(app):
    return make_member("Alice Janssens")


@pytest.fixture
def at_home(alice, sign_in):
    return sign_in(alice)


def bill(answer):
    """The rows of the bill: words and amount, as printed."""
    rows = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", answer.text, re.S)
    return [(" ".join(re.sub(r"<[^>]+>", " ", words).split()), money) for words, money in rows]


def test_an_order_of_another_member_is_not_found(at_home):
    bob = make_member("Bob Claes")
    make_order(bob, "2001", lines=[("Bob's secret present", 1, 5000)])
    answer = at_home.get("/account/orders/2001")
    assert answer.status_code == 404
    assert "secret present" not in answer.text


def test_an_order_without_a_member_is_nobodys(at_home):
    make_order(None, "2002")
    assert at_home.get("/account/orders/2002").status_code == 404


def test_a_number_that_two_shops_share_is_told_apart_by_the_shop(alice, at_home):
    make_order(alice, "1048", shop="north-west", lines=[("Sencha", 1, 1000)])
    make_order(alice, "1048", shop="south", lines=[("Hojicha", 1, 900)])
    make_order(make_member("Bob Claes"), "1050", shop="south")
    make_order(alice, "1050", shop="north-west")
    listed = at_home.get("/account/orders").text
    links = set(re.findall(r'href="/account/orders/([^"]+)"', listed))
    assert links == {"north-west-1048", "south-1048", "1050"}
    assert "Sencha" in at_home.get("/account/orders/north-west-1048").text
    assert "Hojicha" in at_home.get("/account/orders/south-1048").text
    both = at_home.get("/account/orders/1048")
    assert (both.status_code, both.location) == (303, "/account/orders?q=1048")
    assert at_home.get("/account/orders/east-1048").status_code == 404


def test_numbers_with_odd_signs_have_an_address(alice, at_home):
    for number in ("A/12", "MAS-1001", "7?8", "50%", "é 9"):
        make_order(alice, number, lines=[(f"Tea of {number}", 1, 100)])
    listed = at_home.get("/account/orders").text
    links = re.findall(r'<li><a href="([^"]+)"', listed)
    assert len(links) == 5
    assert {at_home.get(link).status_code for link in links} == {200}


def test_an_order_takes_the_same_statements_with_one_line_and_with_thirty(
    alice, at_home, statements
):
    counts = []
    for number, lines in (("1", 1), ("30", 30)):
        make_order(alice, number, lines=[(f"Tea {n}", 1, 100) for n in range(lines)])
        at_home.get(f"/account/orders/{number}")
        with statements() as seen:
            at_home.get(f"/account/orders/{number}")
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))
    assert counts == [5, 5]  # session and member, order, lines, parcels, money


def test_the_bill_adds_up_with_every_part_named(alice, at_home):
    order = make_order(
        alice, "1048", lines=[("Sencha", 2, 1850), ("Kyusu teapot", 1, 6400)], shipping=490
    )
    Order.update(
        discount=500, discount_code="SPRING", tax=735, not_itemised=-2, shipping_method="Bpost",
        total=10100 - 500 + 490 + 735 - 2, refunded=1850,
    ).where(Order.id == order.id).execute()  # fmt: skip
    rows = bill(at_home.get("/account/orders/1048"))
    assert rows == [
        ("Sencha 2 × €18.50 Save", "€37.00"),
        ("Kyusu teapot Save", "€64.00"),
        ("Subtotal", "€101.00"),
        ("Discount SPRING", "−€5.00"),
        ("Shipping Bpost", "€4.90"),
        ("Tax", "€7.35"),
        ("Not itemised by the shop", "−€0.02"),
        ("Paid", "€108.23"),
        ("Back with you", "−€18.50"),
        ("What you paid in the end", "€89.73"),
    ]


def test_tax_that_the_prices_hold_is_a_note_not_a_row(alice, at_home):
    order = make_order(alice, "1048", total=1210)
    Order.update(tax=210, not_itemised=-210).where(Order.id == order.id).execute()
    answer = at_home.get("/account/orders/1048")
    assert bill(answer) == [
        ("Sencha, first flush, 100 g Save", "€12.10"),
        ("Paid with Visa", "€12.10"),
    ]
    assert "The prices hold €2.10 of tax." in answer.text


def test_what_is_still_to_pay_stands_below_the_total(alice, at_home):
    make_order(alice, "1048", total=1250, paid=False)
    assert bill(at_home.get("/account/orders/1048"))[-2:] == [
        ("Total", "€12.50"),
        ("Still to pay", "€12.50"),
    ]


def test_the_story_tells_payments_and_refunds_in_their_order(alice, at_home):
    day = datetime(2026, 3, 2, 9)
    order = make_order(
        alice, "1048", placed_at=day, paid=False, ship_status="fulfilled",
        fulfilled_at=day + timedelta(days=2),
    )  # fmt: skip
    common = {"order": order, "member": alice, "currency": "EUR"}
    Payment.create(key="1", at=day + timedelta(minutes=1), amount=8740, status="failure", **common)
    Payment.create(
        key="2", at=day + timedelta(minutes=2), amount=8740, card_brand="Visa", card_last4="4242",
        **common,
    )  # fmt: skip
    Refund.create(key="3", at=day + timedelta(days=9), amount=1850, **common)
    Fulfilment.create(order=order, tracking_number="1Z4W8E276812345678")
    text = at_home.get("/account/orders/1048").text
    story = re.search(r'<ol class="stream.*?</ol>', text, re.S)[0]
    words = re.findall(r"<span[^>]*>(.*?) <small>", story)
    assert words == [
        "€18.50 paid back.",
        "It left the shop with UPS.",
        "€87.40 paid with Visa 4242.",
        "A payment of €87.40 did not go through.",
        "Ordered.",
    ]


def test_order_again_goes_to_the_products_own_page(alice, at_home):
    change_settings(product_link="https://tea.example/p/{sku}?from=account")
    make_order(alice, "1048", lines=[("a/b & c?", 1, 100)])
    text = at_home.get("/account/orders/1048").text
    assert 'href="https://tea.example/p/A%2FB%20%26%20C%3F?from=account"' in text


def test_a_product_link_that_is_no_web_address_is_left_out(alice, at_home):
    change_settings(product_link="javascript:alert('{sku}')")
    make_order(alice, "1048")
    text = at_home.get("/account/orders/1048").text
    assert "javascript:" not in text
    assert "Order again" not in text


def test_a_line_can_be_saved_for_later(alice, at_home):
    make_order(alice, "1048", lines=[("Sencha", 1, 1850)])
    text = at_home.get("/account/orders/1048").text
    assert '<form method="post" action="/wishlist/add">' in text
    assert '<button class="link" name="sku" value="SENCHA" aria-label="Save Sencha">' in text
    answer = at_home.post("/wishlist/add", data={"sku": "SENCHA", "shop": "default"})
    assert answer.status_code == 303
    assert [item.sku for item in alice.wishlist_items] == ["SENCHA"]


def test_an_order_of_593_lines_comes_in_parts_and_loses_none(alice, at_home):
    make_order(alice, "9", lines=[(f"Tea {n:03}", 1, 100 + n) for n in range(593)])
    url, titles, pages = "/account/orders/9", [], 0
    while url:
        answer = at_home.get(url)
        titles += re.findall(r"<dt>(Tea \d+)", answer.text)
        assert ("Subtotal", "€2,348.28") in bill(answer)
        more = re.search(r'class="more" href="([^"]+)"', answer.text)
        url, pages = more and more[1], pages + 1
    assert titles == [f"Tea {n:03}" for n in range(593)]
    assert pages == 6
    part = at_home.get("/account/orders/9?lines=99", htmx=True, headers={"HX-Target": "p#more"})
    assert len(re.findall(r"<dt>Tea", part.text)) == 100
    assert "Subtotal" not in part.text


@pytest.mark.parametrize("lines", ["x", "-5", "99999999999999999999"])
def test_a_garbled_place_among_the_lines_still_shows_the_order(alice, at_home, lines):
    make_order(alice, "1048")
    assert at_home.get(f"/account/orders/1048?lines={lines}").status_code == 200


def test_staff_numbers_stand_for_those_of_the_import(alice, at_home):
    order = make_order(alice, "1048", ship_status="fulfilled", fulfilled_at=now())
    Fulfilment.create(order=order, tracking_number="323211112222333344445555")
    agent = make_member("Iris Maes", role="agent")
    assert order.set_tracking("QG 123 456 785 GB", agent)
    for url in ("/account/orders/1048", "/"):
        text = at_home.get(url).text
        assert "323211112222333344445555" not in text
        assert "https://www.royalmail.com/track-your-item#/tracking-results/QG123456785GB" in text


def test_one_address_for_both_stands_once_with_its_country_in_words(alice, at_home):
    home = {"name": "Alice Janssens", "street1": "Coupure 12", "zip": "9000", "city": "Gent"}
    make_order(alice, "1", delivery=home | {"country": "BE"}, billing=home | {"country": "BE"})
    make_order(alice, "2", delivery=home, billing={"company": "Tea & Co", "country": "Peru"})
    make_order(alice, "3", delivery={"country": "GB"})
    found = [
        re.findall(
            r"<div><dt>([^<]+to)</dt><dd>([^<]+)</dd>", at_home.get(f"/account/orders/{n}").text
        )
        for n in (1, 2, 3)
    ]
    assert found == [
        [("Sent and billed to", "Alice Janssens, Coupure 12, 9000 Gent, Belgium")],
        [
            ("Sent to", "Alice Janssens, Coupure 12, 9000 Gent"),
            ("Billed to", "Tea &amp; Co, Peru"),
        ],
        [],
    ]


def test_how_it_was_paid_reads_as_people_call_it(alice, at_home):
    for method, words in (
        ("Shopify Payments", "Paid"),
        ("PayPal Express Checkout", "Paid with PayPal"),
        ("Bank Deposit", "Paid with bank transfer"),
    ):
        order = make_order(alice, pay_method=method)
        Payment.delete().where(Payment.order == order).execute()
        assert bill(at_home.get(f"/account/orders/{order.number}"))[-1] == (words, "€87.40")
