"""Files of every kind in three sizes, each with good, odd and bad rows, for what must survive.

A new kind is a line in KINDS: its name, the ending of its file, and what writes `size` records.
"""

import csv
from collections.abc import Callable
from pathlib import Path

from exports import customer, line, order, transaction

SIZES = {"few": 2, "some": 9, "more": 24}


def shopify_customers(path: Path, size: int) -> None:
    """People with an address, and one who cannot come in."""
    people = [
        customer(customer_id=f"'{n}", email=f"person{n}@example.com", first_name=f"Ana {n}")
        for n in range(size)
    ]
    _table(path, [*people, customer(customer_id="", email="", phone="")])


def shopify_orders(path: Path, size: int) -> None:
    """Orders of one or two lines, some refunded or sent, one without people, one that is wrong."""
    rows = []
    for n in range(1001, 1001 + size):
        changed = {"refunded_amount": "1.00"} if n % 3 == 0 else {}
        if n % 4 == 0:
            changed["note_attributes"] = "Tracking number: 3SFEKE123456789"
        rows.append(order(str(n), email=f"person{n % 5}@example.com", **changed))
        if n % 2:
            rows.append(line(str(n)))
    rows += [order("3001", total="bad"), order("3002", email="")]
    _table(path, rows)


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
