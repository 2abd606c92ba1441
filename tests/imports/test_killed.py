"""An import that is cut off anywhere goes on to the same result."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from exports import customer, line, order, transaction

from portal.imports.loading import loader
from portal.imports.models import Batch
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.orders.models import Order

SCRIPT = Path(__file__).with_name("killed.py")


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.soak)])
def test_sigkill_before_every_write_leads_to_the_same_tables(
    every: int, template_database: Path, tmp_path: Path, written: Callable[..., Path]
) -> None:
    customers = written(customer(), customer(customer_id="'2", email="b@example.com"),
                        customer(customer_id="", email="", phone=""),
                        customer(customer_id="'3", email="c@example.com"))  # fmt: skip
    orders = written(
        order("1001", note_attributes="Tracking number: 3SFEKE123456789"), line("1001"),
        order("1002", email="new@example.com", refunded_amount="1.00"), line("1002"),
        order("1003", total="bad"), order("1004", email=""), order("1005", email="b@example.com"),
        line("1004", lineitem_name="Pot"),
    )  # fmt: skip
    money = written(transaction("1001", kind="authorization"), transaction("1001"),
                    transaction("1002"), transaction("1002", kind="refund", amount="2.00"),
                    transaction("1009"), transaction("1005"))  # fmt: skip
    files = [str(path) for path in (customers, orders, money)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(every), str(template_database), str(tmp_path), *files],
        capture_output=True, text=True, timeout=600, check=False,
        cwd=SCRIPT.parents[2], env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])},
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert [found["different"] for found in outcome.values()] == [[], [], []]
    assert min(found["writes"] for found in outcome.values()) > 15


class Cut(Exception):
    """Stands for whatever ends a process in the middle."""


def test_a_batch_that_was_cut_off_goes_on_under_its_own_number(
    bring: Callable[..., Result], written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "ROWS_AT_ONCE", 2)
    path = written(*(order(str(number)) for number in range(1001, 1011)))

    assert Order.select().count() == 0
    chunks = loader.Loader._write
    written_chunks = 0

    def two_chunks(self: loader.Loader, chunk: list, rows: int) -> None:
        nonlocal written_chunks
        if written_chunks == 2:
            raise Cut
        written_chunks += 1
        chunks(self, chunk, rows)

    with monkeypatch.context() as cutting:
        cutting.setattr(loader.Loader, "_write", two_chunks)
        with pytest.raises(Cut):
            import_file(path)
    assert Order.select().count() == 4
    assert Batch.get().position == 4
    result = import_file(path)
    assert (result.batch, Batch.select().count()) == (Batch.get().id, 1)
    assert result.tally.rows == result.tally.created["orders"] == 10
    assert result.tally.created["members"] == 1
    assert result.tally.unchanged["members"] == 0
    assert Batch.get().finished_at
    again = import_file(path)
    assert again.batch != result.batch
    assert again.tally.unchanged["orders"] == 10
