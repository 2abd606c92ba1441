"""Files of every way in, undone and redone: other shops, money alone, mapped, and our own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exports import customer, line, order
from flask import Flask
from money_files import back, charge, paypal
from tables import contents, exact
from test_maps import ROW, SALES
from test_stripe import HISTORY, PAYOUT
from test_woocommerce import CUSTOMER, ORDER, PRODUCT, REFUND

from portal.imports.exports.writing import export
from portal.imports.models import Batch
from portal.imports.run import import_file
from portal.imports.undoing.undo import plan, redo, undo
from portal.lib.db import db
from portal.ops.verify import problems
from portal.shop.models import change_settings

REVISED = ORDER | {
    "date_modified_gmt": "2025-03-09T09:00:00", "status": "refunded", "customer_note": "Gone",
}  # fmt: skip
STORIES: dict[str, list[Any]] = {
    "woocommerce": [[PRODUCT], [CUSTOMER], [ORDER], [REFUND], [REVISED]],
    "woocommerce, the refund first": [[REFUND], [ORDER], [PRODUCT | {"price": "11.00"}]],
    "stripe": [
        (customer(), customer(customer_id="'2", email="b@example.com")),
        (charge("ch_1", customer_email="ana@example.com", amount_refunded="2.00"),
         charge("ch_2", customer_email="c@example.com", status="Pending"),
         charge("ch_3", description="Order #1001")),
        (order("1001"),),
        (charge("ch_2", customer_email="c@example.com"),),
        (charge("ch_1", customer_email="ana@example.com", amount_refunded="9.00"),),
    ],
    "paypal": [
        (customer(),),
        (paypal("TX000001"), back("TX000002", of="TX000001", gross="-5.00"),
         paypal("TX000003", from_email_address="x@example.com", invoice_number="1001")),
        (order("1001"),),
    ],
    "payouts and the balance": [(PAYOUT,), (PAYOUT | {"Status": "canceled"},), (HISTORY,)],
    "mapped": [(ROW,), (customer(),)],
}  # fmt: skip


@pytest.fixture
def files(tmp_path: Path, written: Callable[..., Path]) -> Callable[[list[Any]], list[Path]]:
    """The files of a story: a list is JSON, a tuple is the rows of a table."""

    def write(story: list[Any]) -> list[Path]:
        paths = []
        for number, part in enumerate(story):
            if isinstance(part, tuple):
                paths.append(written(*part))
                continue
            paths.append(tmp_path / f"{number}.json")
            paths[-1].write_text(json.dumps(part))
        return paths

    return write


def take(path: Path) -> Batch:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    result = import_file(path, map_text=SALES) if first == ",".join(ROW) else import_file(path)
    assert (result.error, result.quarantined) == ("", [])
    found: Batch = Batch.get_by_id(result.batch)
    return found


@pytest.mark.parametrize("name", STORIES)
def test_every_file_goes_comes_back_and_goes_again(app: Flask, files: Any, name: str) -> None:
    change_settings(points_per_unit=1, return_days=14)
    walk(files(STORIES[name]))


def test_our_own_files_go_come_back_and_go_again(
    app: Flask, bring: Callable[..., Any], tmp_path: Path
) -> None:
    with db.atomic() as elsewhere:
        bring(order("1001"), line("1001", lineitem_sku="TEA-2"), order("1002", email=""))
        bring(charge("ch_1", customer_email="ana@example.com", amount_refunded="3.00"))
        paths = [tmp_path / f"{name}.csv" for name in ("members", "orders", "lines", "payments")]
        for path in paths:
            path.write_text("".join(export(path.stem, "csv", "default")), encoding="utf-8")
        elsewhere.rollback()
    walk(paths)


def walk(paths: list[Path]) -> None:
    """Import the files; undo and redo each as the newest; undo all, import all, undo all."""
    standing, batches = [contents()], []
    for path in paths:
        batches.append(take(path))
        standing.append(contents())
        after = exact()
        expected = plan(batches[-1]).as_json()
        assert undo(batches[-1]).as_json() == expected
        assert contents() == standing[-2]
        assert redo(batches[-1]).kept.as_json() == []
        assert (contents(), exact()) == (standing[-1], after)
        assert problems() == []
    assert standing[-1] != standing[0]
    undo_all(batches, standing)
    again = [take(path) for path in paths]
    assert contents() == standing[-1]
    undo_all(again, standing)


def undo_all(batches: list[Batch], standing: list[Any]) -> None:
    for batch, before in zip(reversed(batches), reversed(standing[:-1]), strict=True):
        assert undo(batch).kept.as_json() == []
        assert contents() == before
        assert problems() == []
