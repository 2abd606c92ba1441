"""Writes the demo shop down as the three files its owner would export from Shopify."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from portal.demo import rows
from portal.demo.catalogue import catalogue
from portal.demo.history import Trade
from portal.demo.people import people

SEED = 20_201_121


@dataclass(frozen=True)
class DemoPeople:
    """Who to enter the demo shop as, and the files that hold everybody: customers come first."""

    hero: str
    hero_name: str
    latest_order: str
    customers: Path
    orders: Path
    transactions: Path

    @property
    def files(self) -> tuple[Path, Path, Path]:
        return self.customers, self.orders, self.transactions


def write_demo_shop(
    folder: Path,
    today: date,
    *,
    members: int = 2000,
    orders: int = 12_000,
    products: int = 400,
    seed: int = SEED,
) -> DemoPeople:
    """Write customers, orders and transactions into `folder`, traded up to the day before `today`.

    The same seed and day give the same bytes. Raises ValueError for more products than the range
    holds.
    """
    rng = Random(seed)
    everybody = people(members, rng)
    history = Trade(today, everybody, catalogue(products, rng), rng).orders(orders)
    folder.mkdir(parents=True, exist_ok=True)
    spent: Counter[int] = Counter()
    count: Counter[int] = Counter()
    for order in history:
        if order.person and not order.cancelled_at:
            spent[order.person.customer_id] += order.total - order.refunded
            count[order.person.customer_id] += 1
    hero = everybody[0]
    return DemoPeople(
        hero=hero.email,
        hero_name=hero.name,
        latest_order=next(str(o.number) for o in reversed(history) if o.person is hero),
        customers=_write(
            folder / "customers_export.csv",
            rows.CUSTOMER_COLUMNS,
            (rows.customer_row(p, spent[p.customer_id], count[p.customer_id]) for p in everybody),
        ),
        orders=_write(
            folder / "orders_export.csv",
            rows.ORDER_COLUMNS,
            (row for order in history for row in rows.order_rows(order, rng)),
        ),
        transactions=_write(
            folder / "transactions_export.csv",
            rows.TRANSACTION_COLUMNS,
            (row for order in history for row in rows.transaction_rows(order, rng)),
        ),
    )


def _write(path: Path, header: list[str], lines: Iterable[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    return path
