"""Files in the shape of every kind that can come in, of any size, made up and always the same."""

import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2025, 1, 1, 8)


def _at(number: int) -> datetime:
    return BEGIN + timedelta(minutes=37 * number)


def _person(number: int) -> int:
    return number * 7919 % 4001


def _cents(number: int) -> int:
    return 500 + number * 37 % 4000


def _amount(number: int) -> str:
    return f"{_cents(number) / 100:.2f}"


def _csv(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    table = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


def _json(path: Path, things: Iterable[dict[str, Any]]) -> Path:
    path.write_text(json.dumps(list(things)), "utf-8")
    return path


def shopify_order(n: int) -> dict[str, Any]:
    """A row of Shopify's orders: one line, paid and sent."""
    when, total = f"{_at(n):%Y-%m-%d %H:%M:%S} +0000", _amount(n)
    return {
        "Name": f"#{10_000 + n}", "Email": f"p{_person(n)}@example.com",
        "Financial Status": "paid", "Paid at": when, "Fulfillment Status": "fulfilled",
        "Fulfilled at": when, "Currency": "EUR", "Subtotal": total, "Shipping": "0.00",
        "Taxes": "0.00", "Total": total, "Created at": when, "Lineitem quantity": "1",
        "Lineitem name": f"Thing {n % 300}", "Lineitem price": total,
        "Lineitem sku": f"T-{n % 300}", "Billing Name": f"Person {_person(n)}",
        "Payment Method": "Card", "Refunded Amount": "0.00", "Id": str(4_000_000_000_000 + n),
    }  # fmt: skip


def shopify_customer(n: int) -> dict[str, Any]:
    """A row of Shopify's customers."""
    return {
        "Customer ID": f"'{7_000_000 + n}", "First Name": "Person", "Last Name": str(n),
        "Email": f"p{n}@example.com", "Accepts Email Marketing": "no",
        "Default Address Address1": f"Street {n}", "Default Address City": "Ghent", "Phone": "",
        "Total Spent": "0", "Total Orders": "0",
    }  # fmt: skip


def shopify_transaction(n: int) -> dict[str, Any]:
    """The sale of the order of the same number."""
    return {
        "Order": str(4_000_000_000_000 + n), "Name": f"#{10_000 + n}", "Kind": "sale",
        "Gateway": "shopify_payments", "Created At": f"{_at(n):%Y-%m-%d %H:%M:%S} +0000",
        "Status": "success", "Amount": _amount(n), "Currency": "EUR", "Card Type": "visa",
    }  # fmt: skip


def webtoffee_order(n: int) -> dict[str, Any]:
    """A row of WebToffee's orders with one packed line."""
    total = _amount(n)
    return {
        "order_id": n + 1, "order_number": n + 1, "order_date": f"{_at(n):%Y-%m-%d %H:%M:%S}",
        "paid_date": f"{_at(n):%Y-%m-%d %H:%M:%S}", "status": "completed",
        "shipping_total": "0.00", "tax_total": "0.00", "order_total": total,
        "order_currency": "EUR", "payment_method_title": "Card", "transaction_id": f"ch_{n}",
        "customer_id": _person(n) + 1, "billing_email": f"p{_person(n)}@example.com",
        "billing_first_name": "Person", "billing_last_name": str(_person(n)), "refund_items": "",
        "wt_import_key": n + 1,
        "line_item_1": f"name:Thing {n % 300}|product_id:{n % 300 + 1}|sku:T-{n % 300}|quantity:1|"
                       f"total:{total}|sub_total:{total}",
    }  # fmt: skip


def webtoffee_customer(n: int) -> dict[str, Any]:
    """A row of WebToffee's users."""
    return {
        "ID": n + 1, "user_login": f"p{n}", "user_pass": "$P$B", "user_email": f"p{n}@example.com",
        "user_registered": "2024-01-01 10:00:00", "first_name": "Person", "last_name": n,
        "roles": "customer", "session_tokens": "", "billing_city": "Ghent",
    }  # fmt: skip


def woocommerce_order(n: int) -> dict[str, Any]:
    """An order of the REST interface."""
    total, when = _amount(n), f"{_at(n):%Y-%m-%dT%H:%M:%S}"
    return {
        "id": n + 1, "number": str(n + 1), "status": "completed", "currency": "EUR",
        "date_created": when, "date_created_gmt": when, "date_modified_gmt": when,
        "date_paid_gmt": when, "date_completed_gmt": when, "discount_total": "0.00",
        "shipping_total": "0.00", "total": total, "total_tax": "0.00",
        "customer_id": _person(n) + 1, "payment_method_title": "Card", "transaction_id": f"ch_{n}",
        "billing": {"first_name": "Person", "last_name": str(_person(n)), "city": "Ghent",
                    "email": f"p{_person(n)}@example.com", "phone": ""},
        "shipping": {}, "refunds": [], "fee_lines": [], "coupon_lines": [], "shipping_lines": [],
        "meta_data": [], "customer_note": "",
        "line_items": [{"id": n, "name": f"Thing {n % 300}", "product_id": n % 300 + 1,
                        "variation_id": 0, "quantity": 1, "subtotal": total, "total": total,
                        "sku": f"T-{n % 300}", "meta_data": []}],
    }  # fmt: skip


def woocommerce_refund(n: int) -> dict[str, Any]:
    """A refund of a euro of the order of the same number."""
    return {
        "id": 1_000_000 + n, "parent_id": n + 1, "date_created_gmt": f"{_at(n):%Y-%m-%dT%H:%M:%S}",
        "amount": "1.00", "reason": "", "refunded_by": 1, "refunded_payment": True,
        "meta_data": [], "line_items": [],
    }  # fmt: skip


def woocommerce_customer(n: int) -> dict[str, Any]:
    """A customer of the REST interface."""
    return {
        "id": n + 1, "date_created_gmt": "2024-01-01T10:00:00", "email": f"p{n}@example.com",
        "first_name": "Person", "last_name": str(n), "role": "customer", "username": f"p{n}",
        "billing": {"city": "Ghent"}, "shipping": {}, "is_paying_customer": True,
    }  # fmt: skip


def woocommerce_product(n: int) -> dict[str, Any]:
    """A product of the REST interface."""
    return {
        "id": n + 1, "name": f"Thing {n}", "type": "simple", "status": "publish", "sku": f"T-{n}",
        "price": _amount(n), "regular_price": _amount(n), "stock_status": "instock",
        "date_modified_gmt": "2025-01-01T10:00:00", "attributes": [],
    }  # fmt: skip


def woocommerce_product_row(n: int) -> dict[str, Any]:
    """A row of WooCommerce's product export."""
    return {
        "ID": n + 1, "Type": "simple", "SKU": f"T-{n}", "Name": f"Thing {n}", "Published": "1",
        "Is featured?": "0", "Visibility in catalog": "visible", "Sale price": "",
        "Regular price": _amount(n),
    }  # fmt: skip


def analytics_customer(n: int) -> dict[str, Any]:
    """A row of the customers of WooCommerce's Analytics."""
    return {
        "Name": f"Person {n}", "Username": f"p{n}", "Last Active": "2025-01-01",
        "Sign Up": "2024-01-01", "Email": f"p{n}@example.com", "Orders": "1",
        "Total Spend": "10", "AOV": "10",
    }  # fmt: skip


def stripe_payment(n: int) -> dict[str, Any]:
    """A row of Stripe's payments, by an e-mail address."""
    return {
        "id": f"ch_{n}", "Created date (UTC)": f"{_at(n):%Y-%m-%d %H:%M:%S}",
        "Amount": _amount(n), "Amount Refunded": "0.00", "Currency": "eur", "Captured": "true",
        "Status": "Paid", "Customer Email": f"p{_person(n)}@example.com", "Description": "",
        "Card Brand": "Visa", "Card Last4": "4242",
    }  # fmt: skip


def stripe_payout(n: int) -> dict[str, Any]:
    """A row of Stripe's payouts."""
    return {
        "id": f"po_{n}", "Amount": _amount(n), "Created (UTC)": f"{_at(n):%Y-%m-%d %H:%M}",
        "Currency": "eur", "Arrival Date (UTC)": f"{_at(n):%Y-%m-%d %H:%M}", "Status": "paid",
        "Method": "standard", "Description": "STRIPE PAYOUT", "Livemode": "true",
    }  # fmt: skip


def stripe_balance(n: int) -> dict[str, Any]:
    """A row of Stripe's itemised balance changes."""
    when = f"{_at(n):%Y-%m-%d %H:%M:%S}"
    return {
        "balance_transaction_id": f"txn_{n}", "created_utc": when, "available_on_utc": when,
        "currency": "eur", "gross": _amount(n), "fee": "0.50",
        "net": f"{(_cents(n) - 50) / 100:.2f}", "reporting_category": "charge",
        "source_id": f"ch_{n}", "description": "",
    }  # fmt: skip


def paypal(n: int) -> dict[str, Any]:
    """A row of PayPal's activity."""
    return {
        "Date": f"{_at(n):%Y-%m-%d}", "Time": f"{_at(n):%H:%M:%S}", "TimeZone": "UTC",
        "Name": f"Person {_person(n)}", "Type": "Express Checkout Payment",
        "Status": "Completed", "Currency": "EUR", "Gross": _amount(n), "Fee": "-0.50",
        "Net": f"{(_cents(n) - 50) / 100:.2f}",
        "From Email Address": f"p{_person(n)}@example.com", "To Email Address": "shop@example.com",
        "Transaction ID": f"{n:017d}", "Reference Txn ID": "", "Invoice Number": "",
        "Balance": "0.00",
    }  # fmt: skip


def _table(make: Callable[[int], dict[str, Any]]) -> Callable[[Path, int], Path]:
    return lambda folder, count: _csv(folder / f"{make.__name__}.csv", map(make, range(count)))


def _list(make: Callable[[int], dict[str, Any]]) -> Callable[[Path, int], Path]:
    return lambda folder, count: _json(folder / f"{make.__name__}.json", map(make, range(count)))


def _workbook(folder: Path, count: int) -> Path:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    rows = [shopify_order(number) for number in range(count)]
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(folder / "orders.xlsx")
    return folder / "orders.xlsx"


#: By kind, what writes a file of so many rows into a folder.
FILES: dict[str, Callable[[Path, int], Path]] = {
    "shopify-orders": _table(shopify_order),
    "shopify-orders (xlsx)": _workbook,
    "shopify-customers": _table(shopify_customer),
    "shopify-transactions": _table(shopify_transaction),
    "webtoffee-orders": _table(webtoffee_order),
    "webtoffee-customers": _table(webtoffee_customer),
    "woocommerce-orders": _list(woocommerce_order),
    "woocommerce-refunds": _list(woocommerce_refund),
    "woocommerce-customers": _list(woocommerce_customer),
    "woocommerce-products": _list(woocommerce_product),
    "woocommerce-product-csv": _table(woocommerce_product_row),
    "woocommerce-analytics-customers": _table(analytics_customer),
    "stripe-payments": _table(stripe_payment),
    "stripe-payouts": _table(stripe_payout),
    "stripe-balance": _table(stripe_balance),
    "paypal-activity": _table(paypal),
}
#: What must be there before a kind says anything.
SETTING = {
    "shopify-transactions": ("shopify-orders",),
    "woocommerce-refunds": ("woocommerce-orders",),
    "stripe-payments": ("woocommerce-orders",),
    "paypal-activity": ("woocommerce-customers",),
}
