"""WooCommerce's own sample answers, where they are, against a count of their plain JSON."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exports import adds_up, counts
from flask import Flask

from portal.catalog.models import Product
from portal.imports.models import WaitingTransaction
from portal.imports.run import import_file
from portal.lib.money import minor_digits
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment, Refund

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "woocommerce"
ORDERS = [
    "rest/order.json", "rest/orders-load-all.json", "rest/orders-load-all-without-data.json",
    "rest/order-details-partially-refunded.json", "rest/order-fully-refunded.json",
    "rest/order-with-attribution-info.json", "api_docs_v3/orders_01.json",
    "api_docs_v3/orders_02.json", "api_docs_v3/orders_03.json", "api_docs_v3/orders_04.json",
    "api_docs_v3/orders_05.json",
]  # fmt: skip
REFUNDS = [
    "rest/order-560-all-refunds.json", "rest/refunds-all.json", "rest/refund-single.json",
    "api_docs_v3/order-refunds_01.json", "api_docs_v3/order-refunds_03.json",
]  # fmt: skip
CUSTOMERS = ["rest/customer.json", "rest/customer-2.json"] + [
    f"api_docs_v3/customers_0{number}.json" for number in range(1, 6)
]
REFUSED = [
    "rest/order-notes.json", "rest/receipt.json", "rest/wc-analytics-customers.json",
    "api_docs_v3/orders_06.json", "api_docs_v3/customers_06.json",
    "api_docs_v3/customers_07.json", "api_docs_v3/webhooks_01.json",
    "api_docs_v3/webhooks_03.json",
]  # fmt: skip


def shared(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path


def told(path: Path) -> list[dict[str, Any]]:
    """The objects of a file, read without this program."""
    found = json.loads(path.read_text("utf-8-sig"))
    found = found["data"] if isinstance(found, dict) and "data" in found else found
    return found if isinstance(found, list) else [found]


def minor(amount: str, currency: str) -> int:
    return int(Decimal(amount) * 10 ** minor_digits(currency))


@pytest.mark.parametrize("name", ORDERS)
def test_orders_come_in_to_the_cent(app: Flask, name: str) -> None:
    path = shared(name)
    orders = [o for o in told(path) if o["status"] != "trash"]
    result = import_file(path)
    assert (result.error, result.kind, result.quarantined) == ("", "woocommerce-orders", [])
    assert result.tally.rows == len(orders) == result.tally.created["orders"]
    sums: Counter[str] = Counter()
    for order in orders:
        kept = Order.get(Order.number == str(order["number"]))
        currency = order["currency"]
        assert (kept.external_id, kept.currency) == (str(order["id"]), currency)
        assert kept.total == minor(order["total"], currency)
        back = sum(abs(minor(r["total"], currency)) for r in order.get("refunds", []))
        assert kept.refunded == back
        lines = list(OrderLine.select().where(OrderLine.order == kept).order_by("position"))
        parts = [*order["line_items"], *(fee for fee in order["fee_lines"] if float(fee["total"]))]
        wanted = [minor(part["total"], currency) for part in parts]
        assert [line.total for line in lines] == wanted
        assert adds_up(kept)
        cards = sum(minor(str(card["amount"]), currency) for card in order.get("gift_cards", []))
        around = minor(order["shipping_total"], currency) + minor(order["total_tax"], currency)
        assert kept.discount == cards
        assert kept.not_itemised == kept.total - sum(wanted) - around + cards
        sums[currency] += kept.total
    assert {c: total for c, (total, _refunds) in result.tally.totals.items()} == sums
    again = import_file(path)
    assert counts(again, "created") == counts(again, "updated") == {}


@pytest.mark.parametrize("name", REFUNDS)
def test_refunds_come_in_before_or_after_their_order(app: Flask, name: str) -> None:
    path = shared(name)
    first = import_file(path)
    wanted = {f"refund:{refund['id']}" for refund in told(path)}
    assert (first.exit_code, first.kind) == (0, "woocommerce-refunds")
    assert {row.key for row in WaitingTransaction.select()} == wanted


def test_an_order_and_all_its_refunds_are_counted_once(app: Flask) -> None:
    order, refunds = shared("rest/order-fully-refunded.json"), "rest/order-560-all-refunds.json"
    number = told(order)[0]["id"]
    import_file(order)
    summed = Order.get().refunded
    import_file(shared(refunds))
    if number == 560:
        assert sum(row.amount for row in Refund.select()) == summed
        assert Refund.select().where(Refund.summary).count() == 0
    else:
        assert sum(row.amount for row in Refund.select()) == summed == Order.get().refunded


@pytest.mark.parametrize("name", CUSTOMERS)
def test_customers_are_people(app: Flask, name: str) -> None:
    path = shared(name)
    result = import_file(path)
    assert (result.exit_code, result.kind) == (0, "woocommerce-customers")
    assert result.tally.created["members"] == len(told(path))
    assert counts(import_file(path), "created") == {}


@pytest.mark.parametrize("name", ["rest/product.json", "rest/products-load-all.json"])
def test_products_are_a_catalogue(app: Flask, name: str) -> None:
    path = shared(name)
    result = import_file(path, currency="USD")
    assert (result.exit_code, result.kind) == (0, "woocommerce-products")
    assert counts(result, "created") == {"products": len(told(path))}
    for product in told(path):
        kept = Product.get(Product.external_id == str(product["id"]))
        wanted = minor(product["price"], "USD") if product["price"] else None
        assert (kept.sku, kept.price) == (product["sku"] or f"id:{product['id']}", wanted)
    again = import_file(path, currency="USD")
    assert counts(again, "unchanged") == {"products": len(told(path))}
    assert counts(again, "created") == counts(again, "updated") == {}


@pytest.mark.parametrize("name", REFUSED)
def test_other_answers_are_refused_with_a_sentence(app: Flask, name: str) -> None:
    result = import_file(shared(name))
    assert result.exit_code == 2
    assert result.error.endswith(".")
    assert Order.select().count() + Payment.select().count() == 0
