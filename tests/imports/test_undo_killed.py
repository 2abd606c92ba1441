"""An undo that is cut off anywhere goes on to the same end, and so does a redo."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from exports import line, order, transaction
from flask import Flask
from tables import contents, exact

from portal.imports.models import Batch
from portal.imports.result import Result
from portal.imports.undoing import undo as undoing
from portal.lib.db import db
from portal.members.models import Event
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.shop.models import change_settings

SCRIPT = Path(__file__).with_name("undo_killed.py")


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.soak)])
def test_sigkill_before_a_write_leads_to_the_same_tables(
    every: int, template_database: Path, tmp_path: Path, written: Callable[..., Path]
) -> None:
    waiting = written(transaction("1003"), transaction("1001", kind="refund", amount="2.00"))
    first = written(order("1001", financial_status="pending", paid_at=""), line("1001"),
                    order("1002"))  # fmt: skip
    second = written(
        order("1001", note_attributes="Tracking number: 3SFEKE123456789"),
        order("1003", email="new@example.com", lineitem_sku="T9"), line("1003"),
        order("1004", email="", phone="+49 151 2345678"),
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(every), str(template_database), str(tmp_path),
         *map(str, (waiting, first, second))],
        capture_output=True, text=True, timeout=900, check=False,
        cwd=SCRIPT.parents[2], env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])},
    )  # fmt: skip
    print(done.stdout, done.stderr[-3000:])
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert [found["different"] for found in outcome.values()] == [[], []]
    assert min(found["writes"] for found in outcome.values()) > 30


def test_sixteen_who_undo_at_once_undo_once(
    app: Flask, bring: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(points_per_unit=1, return_days=14)
    monkeypatch.setattr(undoing, "AT_ONCE", 3)
    empty = contents()
    rows = [order(str(n), email=f"p{n}@example.com") for n in range(1001, 1031)]
    batch = Batch.get_by_id(bring(*rows).batch)
    before = exact()
    for work in (undoing.undo, undoing.redo, undoing.undo):
        _all_at_once(app, work, batch.id)
    assert (contents(), Batch.get().state) == (empty, "undone")
    assert Event.select().where(Event.kind == "imports.undone").count() == 60
    undoing.redo(batch)
    assert exact() == before
    assert Order.select().count() == 30
    assert problems() == []


def _all_at_once(app: Flask, work: Callable[..., object], batch_id: int) -> None:
    wrong: list[BaseException] = []
    gate = threading.Barrier(16)

    def one() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                batch = Batch.get_by_id(batch_id)
                gate.wait()
                work(batch)
            except Exception as problem:
                wrong.append(problem)
            finally:
                db.close()

    threads = [threading.Thread(target=one) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Who came when all was done already is told so.
    assert [str(problem) for problem in wrong if type(problem).__name__ != "Refused"] == []
