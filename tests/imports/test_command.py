"""`portal import` on the command line: its answers for machines, its exit codes, its refusals."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner
from exports import customer, order
from flask import Flask

from portal.imports.command import import_command
from portal.imports.models import Batch
from portal.lib.db import db
from portal.orders.models import Order

Written = Callable[..., Path]
RESULT = {
    "file", "kind", "shop", "batch", "rows", "created", "updated", "unchanged", "skipped",
    "matched", "quarantined_count", "quarantined", "totals",
}  # fmt: skip
THINGS = {"members", "orders", "lines", "payments", "refunds", "products"}


def test_json_is_one_line_for_each_file_with_exactly_these_keys(
    app: Flask, written: Written
) -> None:
    files = [str(written(customer())), str(written(order("1001"), order("1002", total="x")))]
    done = CliRunner().invoke(import_command, [*files, "--json"])
    assert done.exit_code == 1
    people, orders = (json.loads(line) for line in done.stdout.splitlines())
    assert set(people) == set(orders) == RESULT
    assert set(orders["created"]) == set(orders["updated"]) == set(orders["unchanged"]) == THINGS
    assert people["kind"] == "shopify-customers"
    assert orders["rows"] == 2
    assert orders["quarantined_count"] == 1
    assert orders["quarantined"] == [
        {"line": 3, "reason": "“Total” holds “x”, which is not an amount."}
    ]
    assert orders["totals"] == {"EUR": {"orders": "24.50", "refunded": "0.00"}}
    assert orders["batch"] == Batch.get(Batch.kind == "shopify-orders").id


def test_an_unknown_file_is_refused_with_what_it_lacks_and_nothing_is_written(
    app: Flask, tmp_path: Path, written: Written
) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("Name,Email,Colour\n#1,a@example.com,red\n")
    before = db.get_tables(), [db.execute_sql(f'SELECT count(*) FROM "{t}"').fetchone() for t in
                               db.get_tables()]  # fmt: skip
    done = CliRunner().invoke(import_command, [str(strange), "--json"])
    assert done.exit_code == 2
    refused = json.loads(done.stdout)
    assert refused["error"].startswith(
        "This file fits no kind that is known. The nearest: shopify-orders, which also needs"
        " Created at, Total; "
    )
    assert len(refused["nearest"]) == 3
    assert refused["nearest"][0] == {"kind": "shopify-orders", "missing": refused["missing"]}
    assert refused == {
        "file": str(strange),
        "kind": None,
        "error": refused["error"],
        "missing": ["Created at", "Total"],
        "nearest": refused["nearest"],
    }
    after = [db.execute_sql(f'SELECT count(*) FROM "{t}"').fetchone() for t in db.get_tables()]
    assert (db.get_tables(), after) == before
    good = CliRunner().invoke(import_command, [str(strange), str(written(order("1001")))])
    assert good.exit_code == 2
    assert Order.select().count() == 1


def test_a_named_kind_is_held_to_its_columns(app: Flask, written: Written) -> None:
    path = str(written(order("1001")))
    done = CliRunner().invoke(import_command, [path, "--as", "shopify-customers", "--json"])
    assert json.loads(done.stdout)["missing"] == [
        "First Name", "Last Name", "Accepts Email Marketing", "Total Orders",
    ]  # fmt: skip
    done = CliRunner().invoke(import_command, [path, "--as", "etsy", "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"].startswith("There is no kind “etsy”; known are ")


def test_wrong_options_are_refused_in_one_sentence(app: Flask, written: Written) -> None:
    path = str(written(order("1001")))
    done = CliRunner().invoke(import_command, [path, "--currency", "euros"])
    assert (done.exit_code, done.stderr) == (2, f"{path}: “EUROS” is not a currency.\n")
    assert Batch.select().count() == 0


def test_people_read_what_happened(app: Flask, written: Written) -> None:
    path = written(order("1001"), order("1002", email="b@example.com", total="x"))
    done = CliRunner().invoke(import_command, [str(path), "--dry-run"])
    assert done.stdout == (
        f"{path} (shopify-orders) would come in: 2 rows\n"
        "  created: 1 member, 1 order, 1 line, 1 payment, 1 product\n"
        "  updated: 0\n"
        "  unchanged: 0\n"
        "  €24.50 in orders, €0.00 refunded\n"
        "  put aside: 1 row\n"
        "    line 3: “Total” holds “x”, which is not an amount.\n"
    )
    assert Order.select().count() == 0
