"""Payments and refunds in one list, and what was spent by month, each currency by itself."""

import re
from datetime import datetime

import pytest
from factories import make_member, make_order

from portal.members.timeline import timeline
from portal.payments.models import Payment, Refund
from portal.payments.movements import page_of
from portal.payments.spending import spending
from portal.shop.models import change_settings

SPRING = datetime(2025, 4, 10, 9)


def rows(answer):
    """The list: words of the row and its amount."""
    listed = answer.text.rpartition('<ul class="rows">')[2]
    return re.findall(
        r'<li><a href="[^"]+">([^<]+)</a>\s*<span class="money[^"]*">([^<]+)<', listed
    )


def next_page(answer):
    return re.search(r'class="more" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")


@pytest.fixture
def alice(app):
    return make_member("Alice Janssens")


@pytest.fixture
def at_home(alice, sign_in):
    return sign_in(alice)


def test_payments_and_refunds_stand_in_one_list_by_time(alice, at_home):
    order = make_order(alice, "1048", placed_at=SPRING)
    make_order(alice, "1050", placed_at=datetime(2025, 4, 20), total=1000)
    Refund.create(
        order=order, member=alice, key="r1", at=datetime(2025, 4, 15), amount=1850, currency="EUR"
    )
    assert rows(at_home.get("/account/payments")) == [
        ("Order 1050", "€10.00"),
        ("Back from order 1048", "−€18.50"),
        ("Order 1048", "€87.40"),
    ]


def test_another_members_payments_never_show(alice, at_home):
    make_order(make_member("Bob Claes"), "2001", refunded=100)
    make_order(None, "2002")
    text = at_home.get("/account/payments").text
    assert "Nothing paid yet. Every payment and every refund will stand here." in text
    assert "2001" not in text
    assert "2002" not in text


def test_paging_through_equal_times_loses_nothing(alice, at_home):
    for number in range(100, 130):
        make_order(alice, str(number), placed_at=SPRING, refunded=100)
    first = at_home.get("/account/payments")
    second = at_home.get(next_page(first))
    third = at_home.get(next_page(second))
    seen = rows(first) + rows(second) + rows(third)
    assert len(seen) == 60
    assert {words for words, _amount in seen} == {
        f"{before} {number}"
        for before in ("Order", "Back from order")
        for number in range(100, 130)
    }


def test_htmx_gets_further_rows_or_another_year_alone(alice, at_home):
    for _ in range(26):
        make_order(alice, placed_at=SPRING)
    url = next_page(at_home.get("/account/payments"))
    more = at_home.get(url, htmx=True, headers={"HX-Target": "li#more"})
    assert more.text.count("<li>") == 1
    year = at_home.get(
        "/account/payments?year=2025", htmx=True, headers={"HX-Target": "section#spending"}
    )
    assert year.text.lstrip().startswith('<section id="spending"')
    assert "<html" in at_home.get("/account/payments?year=2025").text


def test_the_page_has_the_same_statements_for_one_row_and_for_thirty(sign_in, statements, app):
    counts = []
    for orders in (1, 30):
        member = make_member()
        for _ in range(orders):
            make_order(member, refunded=5)
        client = sign_in(member)
        client.get("/account/payments")
        with statements() as seen:
            client.get("/account/payments")
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))
    assert counts == [3, 3]  # session and member, the sums, the list


def test_currencies_are_never_added(alice, at_home):
    make_order(alice, total=1000, placed_at=SPRING)
    make_order(alice, total=2000, placed_at=SPRING, currency="GBP", refunded=500)
    make_order(alice, total=3000, placed_at=SPRING, currency="JPY")
    found, first = spending(alice.id, 2025)
    april = {one.currency: (one.months[3].paid, one.months[3].back) for one in found}
    assert april == {"EUR": (1000, 0), "GBP": (2000, 500), "JPY": (3000, 0)}
    assert first == 2025
    text = at_home.get("/account/payments?year=2025").text
    assert text.count("<svg ") == 3
    figures = re.findall(r"<small>In all, (\w+)</small> <strong>([^<]+)</strong>", text)
    assert sorted(figures) == [("EUR", "€10.00"), ("GBP", "£15.00"), ("JPY", "¥3,000")]
    assert "£20.00 paid, less £5.00 that came back." in text


def test_sums_are_right_to_the_cent_over_all_years(alice):
    for cents in range(1, 41):
        make_order(alice, total=cents, placed_at=datetime(2020 + cents % 6, cents % 12 + 1, 3))
    found, first = spending(alice.id, 2023)
    assert (found[0].paid, found[0].count, first) == (sum(range(1, 41)), 40, 2020)
    assert found[0].year.paid == sum(cents for cents in range(1, 41) if cents % 6 == 3)


def test_a_month_is_one_of_the_shops_clock(alice):
    change_settings(timezone="Europe/Brussels")
    make_order(alice, total=100, placed_at=datetime(2025, 3, 31, 21, 59))
    make_order(alice, total=10, placed_at=datetime(2025, 3, 31, 22, 1))  # April in Brussels
    make_order(alice, total=1, placed_at=datetime(2025, 12, 31, 23, 1))  # the next year
    months = spending(alice.id, 2025)[0][0].months
    assert [month.paid for month in months] == [0, 0, 100, 10, 0, 0, 0, 0, 0, 0, 0, 0]


def test_what_did_not_go_through_is_shown_but_not_counted(alice, at_home):
    order = make_order(alice, "1048", placed_at=SPRING, total=1000)
    Payment.create(
        order=order, member=alice, key="2", at=SPRING, amount=1000, currency="EUR", status="failure"
    )
    text = at_home.get("/account/payments").text
    assert text.count("Did not go through") == 1
    assert spending(alice.id, 2025)[0][0].paid == 1000


def test_the_drawing_needs_no_style_and_the_table_says_the_same(alice, at_home):
    make_order(alice, total=8740, placed_at=SPRING, refunded=1850)
    text = at_home.get("/account/payments?year=2025").text
    drawing = re.search(r"<svg.*?</svg>", text, re.S)[0]
    assert "style" not in drawing
    assert re.findall(r'<rect class="([^"]+)"', drawing) == ["bar", "bar past"]
    cells = re.findall(r"<tr><th scope=\"row\">(\w+)</th>(.*?)</tr>", text, re.S)
    plain = [(name, re.findall(r"−?€[\d.]+", row)) for name, row in cells]
    assert plain == [
        ("April", ["€87.40", "−€18.50", "€68.90"]),
        ("2025", ["€87.40", "−€18.50", "€68.90"]),
    ]


def test_the_years_reach_from_the_first_payment_to_now(alice, at_home):
    make_order(alice, placed_at=datetime(2024, 5, 5))
    text = at_home.get("/account/payments?year=2024").text
    years = re.findall(r'<a href="/account/payments\?year=(\d+)"', text)
    assert years[-1] == "2024"
    assert years == sorted(years, reverse=True)
    assert 'year=2024" aria-current="true"' in text


@pytest.mark.parametrize("query", ["year=0000", "year=9999", "year=٢٠٢٥", "year=x", "after=x-y"])
def test_garbled_addresses_show_the_page(alice, at_home, query):
    make_order(alice, "1048")
    assert at_home.get(f"/account/payments?{query}").status_code == 200


def test_a_year_without_payments_says_so(alice, at_home):
    make_order(alice, placed_at=datetime(2023, 5, 5))
    assert "Nothing paid in 2024." in at_home.get("/account/payments?year=2024").text


def alone(model, member, **values):
    """Money that no order is known for."""
    given = {"key": f"stripe:{model.__name__}", "at": SPRING, "amount": 1200, "currency": "EUR"}
    return model.create(member=member, reference="ch_1", gateway="stripe", **(given | values))


def test_money_without_an_order_stands_in_the_list_with_what_it_was_for(alice, at_home):
    make_order(alice, "1048", placed_at=datetime(2025, 4, 9))
    alone(Payment, alice, description="Tea course", card_brand="Visa", card_last4="4242")
    alone(Refund, alice, amount=200, at=datetime(2025, 4, 12))
    text = at_home.get("/account/payments").text
    listed = text.rpartition('<ul class="rows">')[2]
    assert re.findall(r"<li>(?:<a [^>]+>|<b>)([^<]+)<", listed) == [
        "Money back", "Tea course", "Order 1048",
    ]  # fmt: skip
    assert listed.count("/account/orders/") == 1
    assert "Visa 4242" in listed
    assert spending(alice.id, 2025)[0][0].year.paid == 8740 + 1200


def test_the_timeline_tells_money_without_an_order_in_plain_words(alice, sign_in):
    alone(Payment, alice, description="Tea course", card_brand="Visa", card_last4="4242")
    alone(Refund, alice, amount=200)
    words = [entry.words for entry in timeline(alice, group="payments").rows]
    assert words == ["€2.00 came back to you.", "You paid €12.00 with Visa 4242 (Tea course)."]
    staff = [entry.words for entry in timeline(alice, for_staff=True, group="payments").rows]
    assert staff[0] == "€2.00 refunded."
    assert {entry.order for entry in timeline(alice, group="payments").rows} == {""}


def test_money_without_an_order_is_found_by_the_same_index(alice, statements):
    alone(Payment, alice)
    with statements() as seen:
        assert [row.number for row in page_of(alice.id, None).rows] == [""]
    assert len(seen) == 1
