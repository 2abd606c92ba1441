"""Real files, where they are: the figures were counted independently of this program."""

import csv
from pathlib import Path

import pytest
from exports import adds_up, counts
from flask import Flask

from portal.imports.run import import_file
from portal.members.models import CustomerId, Member
from portal.orders.models import Order, OrderLine

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "shopify"
NOTHING: dict[str, int] = {}


def shared(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path


def test_a_wholesalers_four_days_come_in_to_the_penny(app: Flask) -> None:
    path = shared("orders_export.derived.csv")
    result = import_file(path)
    assert (result.exit_code, result.tally.rows, result.tally.skipped) == (0, 9261, 0)
    assert counts(result, "created") == {
        "members": 260, "orders": 396, "lines": 9261, "payments": 376, "refunds": 8,
        "products": 2109,
    }  # fmt: skip
    assert counts(result, "updated") == counts(result, "unchanged") == NOTHING
    assert result.as_json()["totals"] == {"GBP": {"orders": "178221.95", "refunded": "412.55"}}
    assert Order.select().where(Order.member.is_null()).count() == 47
    again = import_file(path)
    assert counts(again, "created") == counts(again, "updated") == NOTHING
    assert counts(again, "unchanged") == counts(result, "created")
    people = import_file(shared("customers_export.derived.csv"))
    assert counts(people, "created") == NOTHING
    assert (Member.select().count(), CustomerId.select().count()) == (260, 260)


def test_customers_before_the_orders_are_the_same_people(app: Flask) -> None:
    people = import_file(shared("customers_export.derived.csv"))
    assert counts(people, "created") == {"members": 260}
    result = import_file(shared("orders_export.derived.csv"))
    assert result.tally.created["members"] == 0
    assert Member.select().count() == 260
    assert Order.select().where(Order.member.is_null()).count() == 47


def test_a_file_of_nine_columns_comes_in(app: Flask) -> None:
    path = shared("ltv_orders_sample.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    result = import_file(path)
    assert result.tally.rows == len(table) == result.tally.created["lines"]
    assert result.tally.created["orders"] == len({row["Name"] for row in table})
    assert result.as_json()["totals"] == {"USD": {"orders": "15063.00", "refunded": "423.75"}}
    assert all(adds_up(order) for order in Order.select())


def test_a_shifted_line_of_the_transporter_sample_puts_its_order_aside(app: Flask) -> None:
    result = import_file(shared("transporter_orders.csv"))
    assert (result.exit_code, result.tally.rows, result.tally.quarantined) == (1, 4, 3)
    assert [line for line, _reason in result.quarantined] == [2, 3, 4]
    assert result.quarantined[1][1] == (
        "“Lineitem quantity” holds “Mini Handle Shovel”, which is not a whole number."
    )
    found = Order.get()
    assert (found.number, found.total, found.pay_status) == ("MA-1098", 3000, "refunded")
    assert OrderLine.get().ship_status == ""


def test_a_file_of_products_is_refused(app: Flask) -> None:
    result = import_file(shared("transporter_products.csv"))
    assert result.exit_code == 2
    assert len(result.nearest) == 3
    assert all(missing for _kind, missing in result.nearest)
