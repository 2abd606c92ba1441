"""The foundation: tokens, money, masks, dates, limits, compiled queries."""

import gzip
from datetime import datetime

import pytest
from factories import make_member, make_order
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.lib.csrf import mask, unmask
from portal.lib.db import Compiled, write_tx
from portal.lib.htmx import safe_next
from portal.lib.keyset import cursor_of, read_cursor
from portal.lib.money import NotMoney, decimal_text, format_money, parse_money
from portal.lib.throttle import LIMITS, within
from portal.lib.tokens import ALPHABET, is_number, new_number, seal, unseal
from portal.members.models import Member
from portal.orders.models import Order


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_masked_token_comes_back(token: str) -> None:
    assert unmask(mask(token)) == token


def test_two_masks_of_a_token_differ() -> None:
    assert mask("the same token") != mask("the same token")


@pytest.mark.parametrize("garbage", [None, "", "x", "é", "%%%", "AAA", "====="])
def test_garbage_is_no_token(garbage: str | None) -> None:
    assert unmask(garbage) is None


def test_a_member_number_catches_every_single_typo() -> None:
    number = new_number()
    for place, character in enumerate(number):
        if character != "-":
            wrong = [c for c in ALPHABET if c != character]
            assert [c for c in wrong if is_number(number[:place] + c + number[place + 1 :])] == []


def test_a_seal_opens_with_its_own_key_and_purpose_only(app: Flask) -> None:
    sealed = seal("K7QM4T", "mail")
    opened = [unseal(sealed, "mail"), unseal(sealed, "code"), unseal(sealed[:-3] + "abc", "mail")]
    assert opened == ["K7QM4T", None, None]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "EUR", 1250), ("12", "JPY", 12), ("1.234", "KWD", 1234), ("-3", "EUR", -300)],
)
def test_money_is_read_in_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize("text", ["", "abc", "1e309", "NaN", "1_000", "0.001", "9" * 40])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        parse_money(text, "EUR")


def test_money_is_written_for_people_and_for_machines() -> None:
    assert (format_money(8740, "EUR"), format_money(-120, "JPY")) == ("€87.40", "−¥120")
    assert (decimal_text(17822195, "GBP"), decimal_text(5, "JPY")) == ("178221.95", "5")


def test_a_cursor_keeps_microseconds_and_garbage_is_the_start() -> None:
    at = datetime(2026, 11, 21, 14, 2, 3, 456789)
    assert read_cursor(cursor_of(at, 7)) == (at, 7)
    assert [read_cursor(bad) for bad in (None, "", "x-y", "2026-1", "-" * 9)] == [None] * 5


@pytest.mark.parametrize(
    "target", ["//evil", "https:evil", "/\\evil", "/%0d%0a\r\n", "http://evil/", "javascript:1", ""]
)
def test_next_never_leaves_this_host(app: Flask, target: str) -> None:
    with app.test_request_context("/"):
        assert safe_next(target, "/home") == "/home"


def test_next_goes_to_a_page_of_ours(app: Flask) -> None:
    with app.test_request_context("/"):
        assert safe_next("/account/orders?q=1", "/") == "/account/orders?q=1"


def test_a_limit_counts_each_key_on_its_own(app: Flask) -> None:
    count = LIMITS["points.redeem"].times
    assert [within("points.redeem", "alice") for _ in range(count + 1)] == [True] * count + [False]
    assert within("points.redeem", "bob")


def test_a_compiled_query_converts_what_the_database_keeps(app: Flask) -> None:
    member = make_member()
    made = make_order(member, "1048")
    query = Compiled(
        lambda p: (
            Order.select(Order.id, Order.placed_at, Member.name.alias("who"), Order.billing)
            .join(Member)
            .where(Order.number == p("number"))
        )
    )
    row = query.first(number="1048")
    assert (row.id, row.placed_at, row.who, row.billing) == (
        made.id,
        made.placed_at,
        member.name,
        {},
    )
    assert query.first(number="1049") is None


def test_a_failed_write_leaves_nothing(app: Flask) -> None:
    def half() -> None:
        with write_tx():
            make_member("Bob")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert Member.select().count() == 0


def test_pages_travel_compressed(app: Flask) -> None:
    plain = FlaskClient(app, app.response_class)
    page = plain.get("/nowhere").data
    packed = plain.get("/nowhere", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(packed.data)) == len(page)
