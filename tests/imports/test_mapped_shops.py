"""Shops of other programs, by the maps that docs/maps ships: recounted here from the files."""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from exports import adds_up, counts
from flask import Flask

from portal.imports.command import import_command
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.loyalty.models import LedgerEntry
from portal.members.models import CustomerId, EmailAddress, Member
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment, Refund
from portal.shop.models import change_settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT.parent / "shared" / "data"
NOTHING: dict[str, int] = {}
DAYS = ("2010-12-01.csv", "2010-12-02.csv", "2010-12-03.csv", "2011-01-10.csv")
BESIDE = frozenset({"POST", "DOT", "D"})


def shared(*names: str) -> list[Path]:
    paths = [FOLDER / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"{path} is not on this machine")
    return paths


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def shipped(name: str) -> str:
    return (ROOT / "docs" / "maps" / f"{name}.toml").read_text("utf-8")


def bring(name: str, paths: list[Path], files: dict[str, Any] | None = None) -> Result:
    result = import_file(paths[0], map_text=shipped(name), files=files)
    assert result.error == ""
    return result


def northwind() -> Result:
    lines, orders, customers, products = shared(
        "northwind/order_details.csv", "northwind/orders.csv", "northwind/customers.csv",
        "northwind/products.csv",
    )  # fmt: skip
    files = {"orders": orders, "customers": customers, "products": products}
    return bring("northwind", [lines], files)


def cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))


def test_four_tables_of_northwind_make_orders_to_the_cent(app: Flask) -> None:
    result = northwind()
    lines, orders, customers = shared(
        "northwind/order_details.csv", "northwind/orders.csv", "northwind/customers.csv"
    )
    due = {row["OrderID"]: cents(Decimal(row["Freight"])) for row in table(orders)}
    for row in table(lines):
        gross = Decimal(row["UnitPrice"]) * int(row["Quantity"])
        due[row["OrderID"]] += cents(gross * (1 - Decimal(row["Discount"])))
    assert {order.number: order.total for order in Order.select()} == due
    assert (len(due), result.tally.created["lines"]) == (830, 2155)
    assert all(adds_up(order) for order in Order.select())
    assert result.as_json()["totals"]["USD"]["orders"] == f"{Decimal(sum(due.values())) / 100}"
    buyers = {row["CustomerID"] for row in table(orders)}
    assert result.tally.created["members"] == len(buyers) == CustomerId.select().count()
    assert EmailAddress.select().count() == 0
    ana = Member.select().join(CustomerId).where(CustomerId.external_id == "ANATR").get()
    assert (ana.name, ana.orders.count()) == ("Ana Trujillo", 4)
    order = Order.get(Order.number == "10248")
    assert order.billing["city"] == "Reims"
    assert order.delivery["name"] == "Vins et alcools Chevalier"
    unsent = sum(not row["ShippedDate"] for row in table(orders))
    assert Order.select().where(Order.ship_status == "unfulfilled").count() == unsent == 21
    idle = len(table(customers)) - len(buyers)
    assert result.tally.reasons == {"no row names it in customers": idle}
    assert (result.tally.rows, result.tally.skipped, result.tally.quarantined) == (
        2155 + idle, idle, 0
    )  # fmt: skip
    assert result.tally.beside == {
        "orders.csv": [830, 830], "customers.csv": [92, 89], "products.csv": [77, 77]
    }  # fmt: skip


def test_northwind_again_changes_nothing(app: Flask) -> None:
    first, again = northwind(), northwind()
    assert counts(again, "created") == counts(again, "updated") == NOTHING
    assert counts(again, "unchanged") == counts(first, "created")


def test_northwinds_people_come_before_or_after_its_orders(app: Flask) -> None:
    northwind()
    result = bring("northwind-customers", shared("northwind/customers.csv"))
    assert counts(result, "created") == {"members": 3}
    assert CustomerId.select().where(CustomerId.external_id == "Val2").count() == 1
    assert (Member.select().count(), result.tally.quarantined) == (92, 0)


def recount(*days: Path) -> dict[str, list[dict[str, str]]]:
    """Invoices by number, corrections of the stock left out."""
    invoices: dict[str, list[dict[str, str]]] = defaultdict(list)
    for day in days:
        for row in table(day):
            if int(row["Quantity"]) >= 0 or row["InvoiceNo"].startswith("C"):
                invoices[row["InvoiceNo"]].append(row)
    return invoices


def worth(row: dict[str, str]) -> int:
    return cents(int(row["Quantity"]) * Decimal(row["UnitPrice"]))


def test_invoices_and_credit_notes_come_in_to_the_penny(app: Flask) -> None:
    change_settings(currency="GBP")
    days = shared(*(f"uci_online_retail/{day}" for day in DAYS))
    result = bring("online-retail", days, {"days": days})
    invoices = recount(*days)
    stored = {order.number: order for order in Order.select()}
    assert {number: order.total for number, order in stored.items()} == {
        number: sum(map(worth, rows)) for number, rows in invoices.items()
    }
    assert all(adds_up(order) for order in stored.values())
    lines = [row for rows in invoices.values() for row in rows if row["StockCode"] not in BESIDE]
    assert OrderLine.select().count() == len(lines) == result.tally.created["lines"]
    products = {row["StockCode"] for row in lines} - {"M", "C2", "BANK CHARGES"}
    assert result.tally.created["products"] == len(products)
    assert result.tally.created["members"] == len(
        {row["CustomerID"] for rows in invoices.values() for row in rows} - {""}
    )
    assert CustomerId.select().where(CustomerId.external_id == "17850").count() == 1
    assert (result.tally.rows, result.tally.skipped, result.tally.quarantined) == (9395, 42, 0)
    assert result.tally.reasons == {"a correction of the stock": 42}
    assert stored["536370"].shipping == sum(
        worth(row) for row in invoices["536370"] if row["StockCode"] == "POST"
    )
    _credit_notes({k: o for k, o in stored.items() if k.startswith("C")})


def _credit_notes(notes: dict[str, Order]) -> None:
    assert len(notes) == 41
    assert all(note.total <= 0 and note.pay_status == "refunded" for note in notes.values())
    assert notes["C536379"].discount == 2750
    ids = [note.id for note in notes.values()]
    assert Payment.select().where(Payment.order.in_(ids)).count() == 0
    back = {refund.order_id: refund.amount for refund in Refund.select()}
    assert back == {note.id: -note.total for note in notes.values() if note.total}
    assert LedgerEntry.select().where(LedgerEntry.order_id.in_(ids)).count() == 0


def dump() -> list[tuple[Any, ...]]:
    return sorted(
        (o.number, o.total, o.items, o.discount, o.shipping, o.line_count, o.pay_status,
         [(line.sku, line.title, line.quantity, line.total) for line in o.lines.order_by(
             OrderLine.position)],
         o.member and o.member.name, o.placed_at)
        for o in Order.select()
    )  # fmt: skip


def test_days_one_by_one_are_the_same_as_all_at_once(app: Flask) -> None:
    days = shared(*(f"uci_online_retail/{day}" for day in DAYS))
    for day in days:
        bring("online-retail", [day])
    one_by_one = dump()
    again = bring("online-retail", days, {"days": days})
    assert counts(again, "created") == counts(again, "updated") == NOTHING
    assert dump() == one_by_one


def test_a_file_sorted_by_product_is_the_same_orders(app: Flask, tmp_path: Path) -> None:
    (day,) = shared("uci_online_retail/2010-12-01.csv")
    bring("online-retail", [day])
    before = dump()
    rows = sorted(table(day), key=lambda row: row["StockCode"])
    path = tmp_path / "sorted.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    again = import_file(path, map_text=shipped("online-retail"), shop="other")
    assert again.tally.created["orders"] == len(before)
    totals = dict(Order.select(Order.number, Order.total).where(Order.shop == "other").tuples())
    assert totals == {row[0]: row[1] for row in before}


def test_jaffles_payments_in_cents_make_its_orders(app: Flask) -> None:
    change_settings(currency="USD")
    payments, orders, customers = shared(
        "jaffle/raw_payments.csv", "jaffle/raw_orders.csv", "jaffle/raw_customers.csv"
    )
    result = bring("jaffle-orders", [payments], {"orders": orders, "customers": customers})
    due: dict[str, int] = defaultdict(int)
    for row in table(payments):
        due[row["order_id"]] += int(row["amount"])
    assert {order.number: order.total for order in Order.select()} == due
    assert result.as_json()["totals"] == {"USD": {"orders": "1672.00", "refunded": "49.00"}}
    returned = [row["id"] for row in table(orders) if row["status"] == "returned"]
    assert result.tally.totals["USD"][1] == sum(due[number] for number in returned)
    assert result.tally.created["members"] == 62
    assert result.tally.reasons == {"no row names it in customers": 38}
    moves = bring("jaffle-payments", [payments], {"orders": orders})
    paid = [row for row in table(payments) if row["amount"] != "0"]
    amounts = sorted(Payment.select(Payment.amount).where(~Payment.summary).tuples())
    assert [a for (a,) in amounts if a] == sorted(int(row["amount"]) for row in paid)
    assert moves.tally.quarantined == 0
    for name, files in (
        ("jaffle-orders", {"orders": orders, "customers": customers}),
        ("jaffle-payments", {"orders": orders}),
    ):
        again = bring(name, [payments], files)
        assert counts(again, "created") == counts(again, "updated") == NOTHING


def test_the_command_tells_the_files_of_a_map_by_their_names(app: Flask) -> None:
    paths = shared(
        "northwind/customers.csv", "northwind/orders.csv", "northwind/products.csv",
        "northwind/order_details.csv",
    )  # fmt: skip
    named = str(ROOT / "docs" / "maps" / "northwind.toml")
    done = CliRunner().invoke(import_command, ["--map", named, *map(str, paths), "--json"])
    assert done.exit_code == 0, done.output
    assert Order.select().count() == 830
    short = CliRunner().invoke(import_command, ["--map", named, str(paths[0])])
    assert short.exit_code == 2
    assert "order_details.csv" in short.stderr
