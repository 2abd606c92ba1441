"""Files of every kind in three sizes, each with good, odd and bad rows, for what must survive.

A new kind is a line in KINDS: its name, the ending of its file, and what writes `size` records.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

from badfiles import as_xlsx
from exports import customer, line, order, transaction

SIZES = {"few": 2, "some": 9, "more": 24}


def shopify_customers(path: Path, size: int) -> None:
    """People with an address, and one who cannot come in."""
    people = [
        customer(customer_id=f"'{n}", email=f"person{n}@example.com", first_name=f"Ana {n}")
        for n in range(size)
    ]
    _table(path, [*people, customer(customer_id="", email="", phone="")])


def _orders(first: int, size: int) -> list[dict[str, str]]:
    rows = []
    for n in range(first, first + size):
        changed = {"refunded_amount": "1.00"} if n % 3 == 0 else {}
        if n % 4 == 0:
            changed["note_attributes"] = "Tracking number: 3SFEKE123456789"
        rows.append(order(str(n), email=f"person{n % 5}@example.com", **changed))
        if n % 2:
            rows.append(line(str(n)))
    return [*rows, order(str(first + 2000), total="bad"), order(str(first + 2001), email="")]


def shopify_orders(path: Path, size: int) -> None:
    """Orders of one or two lines, some refunded or sent, one without people, one that is wrong."""
    _table(path, _orders(1001, size))


def orders_in_a_workbook(path: Path, size: int) -> None:
    """The like of them as XLSX."""
    rows = _orders(6001, size)
    path.write_bytes(as_xlsx([list(rows[0]), *(list(row.values()) for row in rows)]))


def woocommerce_customers(path: Path, size: int) -> None:
    """The list that WooCommerce's own interface gives, with one who is no object."""
    people: list[object] = [
        {
            "id": n, "email": f"woo{n}@example.com", "first_name": f"Bo {n}", "last_name": "Lind",
            "username": f"bo{n}", "role": "customer", "date_created_gmt": "2025-03-01T10:00:00",
            "is_paying_customer": True, "shipping": {}, "meta_data": [],
            "billing": {"email": f"woo{n}@example.com", "phone": f"+32470{n:06}"},
        }
        for n in range(1, size + 1)
    ]  # fmt: skip
    path.write_text(json.dumps([*people, 42]), "utf-8")


def stripe_payments(path: Path, size: int) -> None:
    """Payments that name a person, and some that name nobody."""
    names = ("id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Status",
             "Customer Email")  # fmt: skip
    rows = [
        (f"ch_{n}", "2025-03-01 10:00:00", f"{n + 1}.50", "0.00", "eur", "Paid",
         f"person{n}@example.com" if n % 3 else "")
        for n in range(size)
    ]  # fmt: skip
    _table(path, [dict(zip(names, row, strict=True)) for row in rows])


def shopify_transactions(path: Path, size: int) -> None:
    """Payments and refunds of those orders, and one of an order that never came."""
    rows = []
    for n in range(1001, 1001 + size):
        rows.append(transaction(str(n)))
        if n % 3 == 0:
            rows.append(transaction(str(n), kind="refund", amount="1.00"))
    _table(path, [*rows, transaction("9001")])


KINDS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "shopify-customers": ("csv", shopify_customers),
    "shopify-orders": ("csv", shopify_orders),
    "shopify-transactions": ("csv", shopify_transactions),
    "orders-in-a-workbook": ("xlsx", orders_in_a_workbook),
    "woocommerce-customers": ("json", woocommerce_customers),
    "stripe-payments": ("csv", stripe_payments),
}


def write(folder: Path, kind: str, size: int) -> Path:
    """A file of that kind with so many records."""
    ending, writer = KINDS[kind]
    path = folder / f"{kind}-{size}.{ending}"
    writer(path, size)
    return path


def _table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
