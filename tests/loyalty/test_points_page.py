"""What a member reads and does on their points page."""

import re
from datetime import timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.loyalty.models import LedgerEntry, PointsAccount, Voucher
from portal.loyalty.points import book_orders
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust
from portal.shop.models import change_settings

LONG_AGO = timedelta(days=60)


@pytest.fixture
def programme(app):
    change_settings(points_per_unit=1, point_worth=1, return_days=14)


def book(member, *totals, **values):
    values.setdefault("placed_at", now() - LONG_AGO)
    orders = [make_order(member, total=total, **values) for total in totals]
    book_orders([order.id for order in orders])
    return orders


def text_of(answer):
    plain = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return " ".join(plain.replace("&#39;", "'").split())


def key_of(answer):
    return re.search(r'name="key" value="([^"]+)"', answer.get_data(as_text=True))[1]


def test_the_page_says_what_the_points_are_worth_and_what_is_pending(programme, sign_in):
    alice = make_member()
    book(alice, 124_000)
    book(alice, 41_000, placed_at=now() - timedelta(days=1))
    page = text_of(sign_in(alice).get("/account/points"))
    assert "1,240 points, worth €12.40." in page
    assert "410 more are pending until" in page


def test_every_row_says_why(programme, sign_in):
    alice = make_member()
    (order,) = book(alice, 8740)
    page = text_of(sign_in(alice).get("/account/points"))
    assert f"Order {order.number}, €87.40 +87" in page


def test_points_whose_window_has_ended_are_ready_when_the_page_is_opened(programme, sign_in):
    alice = make_member()
    book(alice, 50_000, placed_at=now() - timedelta(days=1))
    from portal.loyalty.models import PointsLot

    PointsLot.update(available_at=now() - timedelta(seconds=1)).execute()
    page = text_of(sign_in(alice).get("/account/points"))
    assert "500 points, worth €5.00." in page
    assert "ready to spend" in page
    assert problems() == []


@pytest.mark.parametrize("htmx", [False, True])
def test_points_become_a_voucher(programme, sign_in, htmx):
    alice = make_member()
    book(alice, 124_000)
    client = sign_in(alice)
    key = key_of(client.get("/account/points"))
    answer = client.post("/account/points/redeem", data={"points": "1000", "key": key}, htmx=htmx)
    voucher = Voucher.get()
    assert answer.status_code == (200 if htmx else 303)
    assert (voucher.points, voucher.worth, voucher.currency) == (1000, 1000, "EUR")
    body = answer if htmx else client.get("/account/points")
    assert voucher.code in text_of(body)
    assert "240 points, worth €2.40." in text_of(body)
    if htmx:
        assert 'id="points"' in body.get_data(as_text=True)
    assert problems() == []


def test_a_second_click_gets_the_same_voucher(programme, sign_in):
    alice = make_member()
    book(alice, 124_000)
    client = sign_in(alice)
    key = key_of(client.get("/account/points"))
    for _click in range(3):
        answer = client.post("/account/points/redeem", data={"points": "1200", "key": key})
        assert answer.status_code == 303
    assert Voucher.select().count() == 1
    assert PointsAccount.get().balance == 40


def test_a_key_belongs_to_one_member(programme, sign_in):
    alice, bob = make_member(), make_member("Bob Maes")
    book(alice, 50_000)
    book(bob, 50_000)
    key = "k" * 32
    for member in (alice, bob):
        sign_in(member).post("/account/points/redeem", data={"points": "500", "key": key})
    assert {v.member_id for v in Voucher.select()} == {alice.id, bob.id}


@pytest.mark.parametrize(
    "typed", ["", "-100", "0", "1_000", "١٠٠", "1e3", "150", "99999999999999999999", "1.5", "NaN"]
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_no_amount_is_refused_and_kept_typed(programme, sign_in, typed, htmx):
    alice = make_member()
    book(alice, 124_000)
    client = sign_in(alice)
    answer = client.post(
        "/account/points/redeem", data={"points": typed, "key": "k" * 32}, htmx=htmx
    )
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert 'class="error"' in answer.get_data(as_text=True)
    assert PointsAccount.get().balance == 1240
    assert Voucher.select().count() == 0


def test_more_than_the_balance_is_refused_in_words(programme, sign_in):
    alice = make_member()
    book(alice, 24_000)
    answer = sign_in(alice).post("/account/points/redeem", data={"points": "300", "key": "k" * 32})
    assert answer.status_code == 422
    assert "At most 200 points can go now." in text_of(answer)


@pytest.mark.parametrize("key", ["", "x", "\x00" * 20, "y" * 65, "é" * 20])
def test_a_bad_key_takes_nothing(programme, sign_in, key):
    alice = make_member()
    book(alice, 24_000)
    answer = sign_in(alice).post("/account/points/redeem", data={"points": "100", "key": key})
    assert answer.status_code == 409
    assert PointsAccount.get().balance == 240


def test_vouchers_have_a_limit_for_each_hour(programme, sign_in):
    alice = make_member()
    book(alice, 1_000_000)
    client = sign_in(alice)
    for number in range(20):
        client.post("/account/points/redeem", data={"points": "100", "key": f"{number:032}"})
    answer = client.post("/account/points/redeem", data={"points": "100", "key": "z" * 32})
    assert answer.status_code == 429
    assert PointsAccount.get().balance == 8000


def test_without_a_programme_the_page_says_so(app, sign_in):
    page = text_of(sign_in(make_member()).get("/account/points"))
    assert "Fern &amp; Kettle gives no points at the moment." in page


def test_points_of_a_programme_that_ended_stay_written_down(programme, sign_in):
    alice = make_member()
    book(alice, 8740)
    change_settings(points_per_unit=0)
    client = sign_in(alice)
    assert "The 87 points that you have stay yours" in text_of(client.get("/account/points"))
    answer = client.post("/account/points/redeem", data={"points": "100", "key": "k" * 32})
    assert answer.status_code == 422


def test_an_empty_account_says_how_points_come(programme, sign_in):
    page = text_of(sign_in(make_member()).get("/account/points"))
    assert "No points yet. They come with your next order." in page


def test_nobody_sees_the_points_of_another(programme, sign_in):
    alice, bob = make_member(), make_member("Bob Maes")
    (order,) = book(alice, 8740)
    adjust(alice, 700, "for the late parcel", by=bob)
    page = text_of(sign_in(bob).get("/account/points"))
    assert order.number not in page
    assert "late parcel" not in page


@pytest.mark.parametrize("htmx", [False, True])
def test_show_more_goes_on_where_the_page_ended(programme, sign_in, htmx):
    alice = make_member()
    numbers = [
        order.number
        for day in range(45)
        for order in book(alice, 1000, placed_at=now() - timedelta(days=400 - day))
    ]
    client, seen, url = sign_in(alice), [], "/account/points"
    while url:
        answer = client.get(url, htmx=htmx and url != "/account/points")
        html = answer.get_data(as_text=True)
        seen += re.findall(r"Order (\d+), €10.00", html)
        following = re.search(r'class="more" href="([^"]+)"', html)
        url = following[1] if following else None
    assert seen == numbers[::-1]


def test_the_page_takes_the_same_statements_for_any_number_of_rows(programme, sign_in, statements):
    counts = []
    for orders in (1, 30):
        member = make_member()
        book(member, *([10_000] * orders))
        adjust(member, 100, "a gift", by=member)
        client = sign_in(member)
        client.get("/account/points")
        with statements() as seen:
            assert client.get("/account/points").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 5


def test_the_first_entry_is_linked_to_its_order(programme, sign_in):
    alice = make_member()
    (order,) = book(alice, 8740)
    html = sign_in(alice).get("/account/points").get_data(as_text=True)
    assert f'href="/account/orders/{order.number}"' in html
    assert LedgerEntry.get().order_id == order.id
