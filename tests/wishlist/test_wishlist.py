"""Saving things for later, and what a member does with the list."""

import re
import threading

import pytest
from factories import make_member

from portal.catalog.models import Product
from portal.lib.clock import now
from portal.lib.db import db
from portal.members.models import Event
from portal.shop.models import change_settings
from portal.wishlist.card import card
from portal.wishlist.listing import saved
from portal.wishlist.models import WishlistItem

KETTLE = "Cast-iron kettle, 1.2 l"


def product(title=KETTLE, sku=None, *, shop="default", price=8900, **values):
    return Product.create(
        shop=shop, sku=sku or title[:12].upper(), title=title, price=price, currency="EUR", **values
    )


def keep(member, *titles):
    for title in reversed(titles):
        WishlistItem.keep(member, product(title, sku=f"{title}-{member.id}"))
    return {item.title: WishlistItem.get_by_id(item.id) for item in saved(member)}


def titles(member):
    return [item.title for item in saved(member)]


def test_a_link_from_the_shop_shows_a_button_and_changes_nothing(app, sign_in):
    alice, kettle = make_member(), product()
    answer = sign_in(alice).get(f"/wishlist/add?sku={kettle.sku}")
    assert answer.status_code == 200
    assert KETTLE in answer.get_data(as_text=True)
    assert "€89.00" in answer.get_data(as_text=True)
    assert WishlistItem.select().count() == 0


@pytest.mark.parametrize("htmx", [False, True])
def test_the_button_saves_the_thing_once(app, sign_in, htmx):
    alice, kettle = make_member(), product()
    client = sign_in(alice)
    for _click in range(2):
        answer = client.post("/wishlist/add", data={"sku": kettle.sku}, htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
    where = answer.headers["HX-Redirect" if htmx else "Location"]
    assert where == "/account/wishlists"
    assert "is on your list already." in client.get(where).get_data(as_text=True)
    assert titles(alice) == [KETTLE]
    assert Event.select().where(Event.kind == "wishlist.saved").count() == 1


def test_sixteen_clicks_at_once_save_one_thing(app):
    alice, kettle = make_member(), product()
    start, results = threading.Barrier(16), []

    def click():
        with app.app_context():
            start.wait()
            results.append(WishlistItem.keep(alice, kettle))
            db.close()

    threads = [threading.Thread(target=click) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 15 + [True]
    assert titles(alice) == [KETTLE]


@pytest.mark.parametrize("query", ["sku=NOPE", "", "sku=" + "x" * 5000, "sku=%01", "sku[]=a"])
def test_an_unknown_thing_is_a_kind_sentence(app, sign_in, query):
    answer = sign_in(make_member()).get(f"/wishlist/add?{query}")
    assert answer.status_code == 404
    assert "We do not know that thing." in answer.get_data(as_text=True)


def test_an_unknown_thing_is_not_saved(app, sign_in):
    answer = sign_in(make_member()).post("/wishlist/add", data={"sku": "NOPE"})
    assert answer.status_code == 404
    assert WishlistItem.select().count() == 0


def test_the_shop_decides_between_two_things_with_one_sku(app, sign_in):
    alice = make_member()
    product("Tin, small", "TIN", shop="north")
    product("Tin, large", "TIN", shop="south")
    client = sign_in(alice)
    client.post("/wishlist/add", data={"sku": "TIN", "shop": "north"})
    client.post("/wishlist/add", data={"sku": "TIN", "shop": "south"})
    assert titles(alice) == ["Tin, large", "Tin, small"]


def test_the_list_links_to_the_shop_and_knows_the_price(app, sign_in):
    change_settings(product_link="https://fernandkettle.example/products/{sku}")
    alice = make_member()
    WishlistItem.keep(alice, product(sku="KET TLE/1"))
    html = sign_in(alice).get("/account/wishlists").get_data(as_text=True)
    assert 'href="https://fernandkettle.example/products/KET%20TLE%2F1"' in html
    assert "€89.00" in html


def test_a_price_that_fell_is_told_on_the_list_and_the_card(app, sign_in):
    alice, kettle = make_member(), product()
    WishlistItem.keep(alice, kettle)
    Product.update(price=7700).execute()
    html = sign_in(alice).get("/account/wishlists").get_data(as_text=True)
    assert "€12.00 cheaper than when you saved it" in html
    assert card(alice).cheaper.title == KETTLE
    Product.update(price=9900).execute()
    assert card(alice).cheaper is None


def test_a_price_in_another_currency_is_not_compared(app):
    alice, kettle = make_member(), product()
    WishlistItem.keep(alice, kettle)
    Product.update(price=100, currency="GBP").execute()
    assert card(alice).cheaper is None


@pytest.mark.parametrize("htmx", [False, True])
def test_a_removed_thing_comes_back_with_undo(app, sign_in, htmx):
    alice = make_member()
    item = keep(alice, "Kettle", "Tin", "Whisk")["Tin"]
    client = sign_in(alice)
    answer = client.post(f"/account/wishlists/items/{item.id}/remove", htmx=htmx)
    if not htmx:
        assert answer.status_code == 303
        answer = client.get(answer.headers["Location"])
    html = answer.get_data(as_text=True)
    undo = re.search(r'action="([^"]+/restore)"', html)[1]
    assert titles(alice) == ["Kettle", "Whisk"]
    assert client.post(undo, htmx=htmx).status_code == (200 if htmx else 303)
    assert titles(alice) == ["Kettle", "Tin", "Whisk"]


def test_removing_and_undoing_twice_is_harmless(app, sign_in):
    alice = make_member()
    item = keep(alice, "Kettle")["Kettle"]
    client = sign_in(alice)
    for deed in ("remove", "remove", "restore", "restore"):
        assert client.post(f"/account/wishlists/items/{item.id}/{deed}").status_code == 303
    assert titles(alice) == ["Kettle"]
    kinds = [event.kind for event in Event.select().order_by(Event.id)]
    assert kinds == ["wishlist.saved", "wishlist.removed", "wishlist.restored"]


def test_a_thing_saved_again_after_its_removal_stands_on_top(app):
    alice = make_member()
    items = keep(alice, "Kettle", "Tin")
    items["Tin"].remove()
    assert WishlistItem.keep(alice, items["Tin"].product) is True
    assert titles(alice) == ["Tin", "Kettle"]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_double_click_moves_a_thing_one_place(app, sign_in, htmx):
    alice = make_member()
    item = keep(alice, "Kettle", "Tin", "Whisk")["Whisk"]
    client = sign_in(alice)
    for _click in range(2):
        client.post(
            f"/account/wishlists/items/{item.id}/move", data={"to": "up", "at": "2"}, htmx=htmx
        )
    assert titles(alice) == ["Kettle", "Whisk", "Tin"]


@pytest.mark.parametrize(
    "data", [{}, {"to": "up"}, {"to": "sideways", "at": "1"}, {"to": "up", "at": "١"},
             {"to": "down", "at": "9" * 30}, {"to": "up", "at": "-1"}]
)  # fmt: skip
def test_a_move_to_nowhere_changes_nothing(app, sign_in, data):
    alice = make_member()
    item = keep(alice, "Kettle", "Tin")["Tin"]
    answer = sign_in(alice).post(f"/account/wishlists/items/{item.id}/move", data=data)
    assert answer.status_code == 303
    assert titles(alice) == ["Kettle", "Tin"]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_note_is_kept_and_taken_away(app, sign_in, htmx):
    alice = make_member()
    item = keep(alice, "Kettle")["Kettle"]
    client, url = sign_in(alice), f"/account/wishlists/items/{item.id}/note"
    client.post(url, data={"note": "For  Maren's <b>birthday</b>"}, htmx=htmx)
    html = client.get("/account/wishlists").get_data(as_text=True)
    assert "For Maren&#39;s &lt;b&gt;birthday&lt;/b&gt;" in html
    client.post(url, data={"note": ""}, htmx=htmx)
    assert saved(alice)[0].note == ""


@pytest.mark.parametrize("htmx", [False, True])
def test_a_note_that_is_too_long_stays_typed(app, sign_in, htmx):
    alice = make_member()
    item = keep(alice, "Kettle")["Kettle"]
    answer = sign_in(alice).post(
        f"/account/wishlists/items/{item.id}/note", data={"note": "n" * 301}, htmx=htmx
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'value="{"n" * 301}"' in html
    assert "Keep the note under 300 characters." in html
    assert saved(alice)[0].note == ""


@pytest.mark.parametrize("deed", ["remove", "restore", "move", "note"])
def test_the_list_of_another_member_is_not_found(app, sign_in, deed):
    alice, bob = make_member(), make_member("Bob Maes")
    item = keep(alice, "Kettle", "Tin")["Tin"]
    client = sign_in(bob)
    data = {"to": "up", "at": "1", "note": "mine now"}
    assert client.post(f"/account/wishlists/items/{item.id}/{deed}", data=data).status_code == 404
    assert ">Kettle<" not in client.get("/account/wishlists").get_data(as_text=True)
    assert titles(alice) == ["Kettle", "Tin"]
    assert saved(alice)[1].note == ""


def test_a_title_from_an_import_is_shown_as_text(app, sign_in):
    alice = make_member()
    WishlistItem.keep(alice, product("\"'><svg/onload=alert(1)>", "X"))
    client = sign_in(alice)
    for url in ("/account/wishlists", "/wishlist/add?sku=X"):
        assert "<svg/onload" not in client.get(url).get_data(as_text=True)
    removed = client.post(
        f"/account/wishlists/items/{WishlistItem.get().id}/remove", htmx=True
    ).get_data(as_text=True)
    assert "<svg/onload" not in removed


def test_an_empty_list_says_how_things_come_there(app, sign_in):
    html = sign_in(make_member()).get("/account/wishlists").get_data(as_text=True)
    assert "Nothing saved yet." in html


def test_a_list_has_an_end(app, sign_in):
    alice = make_member()
    kettle = product()
    rows = [
        {"member": alice, "sku": str(n), "title": "Tin", "position": n, "created_at": now()}
        for n in range(300)
    ]
    WishlistItem.insert_many(rows).execute()
    answer = sign_in(alice).post("/wishlist/add", data={"sku": kettle.sku})
    assert answer.status_code == 409
    assert "Your list is full." in answer.get_data(as_text=True)


def test_the_list_takes_the_same_statements_for_any_number_of_rows(app, sign_in, statements):
    counts = []
    for number in (1, 30):
        member = make_member()
        keep(member, *[f"Tin {n}" for n in range(number)])
        client = sign_in(member)
        client.get("/account/wishlists")
        with statements() as seen:
            assert client.get("/account/wishlists").status_code == 200
        counts.append(len(seen))
    assert counts == [2, 2]


def test_every_change_makes_the_card_fetched_anew(app):
    alice = make_member()
    seen = {alice.version}
    item = keep(alice, "Kettle", "Tin")["Tin"]
    for deed in (item.remove, item.restore, lambda: item.move(-1, 1), lambda: item.write_note("x")):
        deed()
        version = type(alice).get_by_id(alice.id).version
        assert version not in seen
        seen.add(version)


@pytest.mark.parametrize("htmx", [False, True])
def test_the_note_of_one_thing_opens_in_its_place(app, sign_in, htmx):
    alice = make_member()
    item = keep(alice, "Kettle", "Tin")["Tin"]
    answer = sign_in(alice).get(f"/account/wishlists?note={item.id}", htmx=htmx)
    assert answer.get_data(as_text=True).count('name="note"') == 1
    for typed in ("x", "²", "999999"):
        plain = sign_in(alice).get(f"/account/wishlists?note={typed}").get_data(as_text=True)
        assert 'name="note"' not in plain
