"""The demo shop opens through the real import, adds up, and opens once."""

import pytest
from flask import Flask

from portal.demo import setup
from portal.demo.people import HERO_EMAIL
from portal.demo.setup import Door, load_demo
from portal.imports.models import Batch, QuarantinedRow
from portal.loyalty.models import LedgerEntry, Voucher
from portal.members.models import EmailAddress, Event, Member
from portal.members.views.demo import MEMBER
from portal.orders.models import Order
from portal.payments.models import Payment, Refund
from portal.risk.board import board, words
from portal.shop.models import settings
from portal.staff.models import Note
from portal.wishlist.models import WishlistItem

COUNTED = (
    Member, Order, Payment, Refund, Event, LedgerEntry, Voucher, WishlistItem, Batch, Note,
)  # fmt: skip


@pytest.fixture
def loaded(app: Flask) -> list[Door]:
    return load_demo(app, members=120, orders=700)


def counts() -> dict[str, int]:
    return {model.__name__: model.select().count() for model in COUNTED}


def hero() -> Member:
    found = EmailAddress.find(HERO_EMAIL)
    assert found
    return found.member


def test_three_people_can_be_entered_as(loaded):
    assert [(door.name, door.role) for door in loaded] == [
        ("Lotte Vermeulen", None),
        ("Ines Peeters", "agent"),
        ("Marit De Smet", "owner"),
    ]
    for door in loaded:
        found = EmailAddress.find(door.email)
        assert found
        assert (found.member.name, found.member.role) == (door.name, door.role)


def test_the_sign_in_page_offers_the_hero():
    assert MEMBER == HERO_EMAIL


def test_everybody_and_everything_of_the_files_is_in(loaded):
    assert Member.select().where(Member.role.is_null()).count() == 120
    assert Order.select().count() == 700
    assert QuarantinedRow.select().count() == 0
    assert Batch.select().where(Batch.finished_at.is_null()).count() == 0
    assert Order.select().where(Order.member.is_null()).count() == 14


def test_a_second_opening_changes_nothing(app, loaded):
    before = counts()

    assert load_demo(app, members=120, orders=700) == loaded
    assert counts() == before


def test_an_opening_that_was_cut_off_is_taken_up(app, loaded):
    before = counts()
    setup.Setting.delete().where(setup.Setting.key == setup.LOADED).execute()

    load_demo(app, members=120, orders=700)

    # The files come in again, as batches that change nothing.
    assert counts() == before | {"Batch": 6}


def test_the_shop_is_fern_and_kettle_with_points(loaded):
    shop = settings()

    assert (shop.name, shop.currency, shop.timezone) == ("Fern & Kettle", "EUR", "Europe/Brussels")
    assert shop.has_points
    assert shop.product_link == "https://fernandkettle.example/products/{sku}"


def test_the_hero_has_orders_points_wishes_and_was_looked_at(loaded):
    member = hero()
    kinds = {event.kind for event in member.events}

    assert member.orders.count() == 17
    assert member.points_accounts.get().pending == 82
    assert member.wishlist_items.count() >= 1
    assert (member.username, member.pictures.count()) == ("lotte", 1)
    assert {"wishlist.saved", "points.adjusted", "staff.looked", "staff.noted"} <= kinds


def test_unexplained_amounts_are_kept_as_such(loaded):
    odd = Order.select().where(Order.not_itemised != 0)

    assert [order.number for order in odd] == ["1501"]


def test_three_accounts_look_odd_each_with_its_reasons(loaded):
    shown = [[words(sign) for sign in entry.signs] for entry in board("", None).page.rows]
    for told in (
        ["Signed in from Ghent, Belgium, and 40 minutes later from Lima, Peru.",
         "12 wrong codes, passwords or passkeys in one day."],
        ["Is restricted."],
        ["Is to be suspended, once somebody else agrees."],
    ):  # fmt: skip
        assert any(set(told) <= set(reasons) for reasons in shown), shown
