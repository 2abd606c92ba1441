"""Products as WooCommerce's own export has them, and its tables that people try instead."""

import csv
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import time_machine
from exports import counts
from flask import Flask

from portal.catalog.models import Product
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.members.models import EmailAddress, Member, PhoneNumber

SAMPLE = Path(__file__).resolve().parents[3] / "shared/data/woocommerce/sample_products.csv"
ROW = {
    "ID": "44", "Type": "simple", "SKU": "TEA-1", "Name": "Tea &amp; cup", "Published": "1",
    "Is featured?": "0", "Visibility in catalog": "visible", "Date sale price starts": "",
    "Date sale price ends": "", "In stock?": "1", "Sale price": "", "Regular price": "12.50",
    "Parent": "",
}  # fmt: skip
PERSON = {
    "Name": "Ana P&eacute;rez", "Username": "ana", "Last Active": "2025-03-01 10:00:00",
    "Sign Up": "2024-01-01 10:00:00", "Email": "ana@example.com", "Orders": "3",
    "Total Spend": "120.5", "AOV": "40.17", "Country / Region": "ES", "City": "Barcelona",
    "Region": "B", "Postal Code": "08001", "Billing Phone": "+34 600 000 001",
    "Shipping Phone": "", "Role": "customer",
}  # fmt: skip
Bring = Callable[..., Result]


def test_a_product_comes_in_with_title_and_price(bring: Bring) -> None:
    result = bring(ROW)
    assert (result.kind, counts(result, "created")) == ("woocommerce-product-csv", {"products": 1})
    found = Product.get()
    assert (found.sku, found.title, found.price, found.currency, found.external_id) == (
        "TEA-1", "Tea & cup", 1250, "EUR", "44",
    )  # fmt: skip


def test_the_same_products_again_change_nothing_and_a_new_price_one(bring: Bring) -> None:
    rows = ROW, ROW | {"ID": "45", "SKU": "CUP-1"}
    bring(*rows)
    again = bring(*rows)
    assert (counts(again, "created"), counts(again, "updated")) == ({}, {})
    dearer = bring(ROW | {"Regular price": "13"}, rows[1])
    assert counts(dearer, "updated") == {"products": 1}
    assert Product.get(Product.sku == "TEA-1").price == 1300


@pytest.mark.parametrize(
    ("begins", "ends", "price"),
    [("", "", 999), ("2025-03-10", "", 1250), ("", "2025-02-01", 1250),
     ("2025-02-01", "2025-04-01", 999)],
)  # fmt: skip
def test_a_lower_price_holds_on_its_days(bring: Bring, begins: str, ends: str, price: int) -> None:
    with time_machine.travel(datetime(2025, 3, 1), tick=False):
        bring(ROW | {"Sale price": "9.99", "Date sale price starts": begins,
                     "Date sale price ends": ends})  # fmt: skip
    assert Product.get().price == price


def test_what_nobody_sees_in_the_shop_is_skipped(bring: Bring) -> None:
    result = bring(*[ROW | {"Published": state} for state in ("-1", "0", "2", "1")])
    assert (result.tally.skipped, Product.select().count()) == (3, 1)


def test_a_product_without_a_sku_is_known_by_its_id(bring: Bring) -> None:
    bring(ROW | {"SKU": ""})
    assert Product.get().external_id == "44"
    again = bring(ROW | {"SKU": ""})
    assert counts(again, "created") == {}


def test_what_cannot_be_read_is_told_with_its_column(bring: Bring) -> None:
    result = bring(
        ROW | {"Regular price": "twelve"},
        ROW | {"Published": "maybe"},
        ROW | {"ID": "", "SKU": ""},
        ROW | {"ID": "4,4"},
    )
    assert [reason for _line, reason in result.quarantined] == [
        "“Regular price” holds “twelve”, which is not an amount.",
        "“Published” holds “maybe”, which is not 1, 0, -1 or 2.",
        "The product has neither a SKU nor an id.",
        "“ID” holds “4,4”, which is not the number of a product.",
    ]


def test_woocommerces_own_sample_comes_in_whole(app: Flask) -> None:
    if not SAMPLE.exists():
        pytest.skip(f"{SAMPLE} is not on this machine")
    result = import_file(SAMPLE)
    with SAMPLE.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert (result.exit_code, result.tally.rows, len(table)) == (0, 25, 25)
    assert counts(result, "created") == {"products": 25}
    known = {product.sku: product.price for product in Product.select()}
    assert known == {
        row["SKU"]: int(Decimal(row["Sale price"] or row["Regular price"]) * 100)
        if row["Regular price"] else None
        for row in table
    }  # fmt: skip
    again = import_file(SAMPLE)
    assert (counts(again, "created"), counts(again, "updated")) == ({}, {})


def test_a_workbook_of_products_is_the_same_file(app: Flask, bring: Bring, tmp_path: Path) -> None:
    bring(ROW)
    book = openpyxl.Workbook()
    book.active.append(list(ROW))
    book.active.append([44, *list(ROW.values())[1:11], 12.5, None])
    book.save(tmp_path / "products.xlsx")
    result = import_file(tmp_path / "products.xlsx")
    assert (result.kind, counts(result, "unchanged")) == ("woocommerce-product-csv",
                                                          {"products": 1})  # fmt: skip


def test_customers_of_the_analytics_come_in_as_people(bring: Bring) -> None:
    result = bring(PERSON, PERSON | {"Email": "boss@example.com", "Role": "shop_manager"})
    assert (result.kind, result.tally.skipped) == ("woocommerce-analytics-customers", 1)
    assert [member.name for member in Member.select()] == ["Ana Pérez"]
    assert EmailAddress.get().verified_at is None
    assert PhoneNumber.select().count() == 1


def test_orders_of_the_analytics_are_refused_with_what_to_do(bring: Bring) -> None:
    names = ("Date", "Order #", "N. Revenue (formatted)", "Status", "Customer", "Customer type",
             "Product(s)", "Items sold", "Coupon(s)", "Net Sales", "Attribution")  # fmt: skip
    result = bring(dict.fromkeys(names, "x"))
    assert result.exit_code == 2
    assert result.error.startswith("This is the table of orders from WooCommerce's Analytics.")


def test_a_file_that_chose_its_own_columns_is_sent_to_the_map(bring: Bring) -> None:
    names = ("Order Number", "Order Status", "Order Date", "First Name (Billing)", "SKU")
    assert "Bring it in with a map" in bring(dict.fromkeys(names, "x")).error
