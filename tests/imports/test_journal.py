"""What an import does is written down as it does it: new rows, earlier values, deleted rows."""

import json
from collections.abc import Callable
from typing import Any

from exports import line, order, transaction

from portal.imports.loading.bulk import DryWriter, Writer
from portal.imports.loading.journal import Ranges, fresh_ids, runs
from portal.imports.models import Batch, EarlierRow, MadeRows
from portal.imports.result import Result
from portal.imports.undoing.deeds import TABLES
from portal.imports.undoing.undo import undo
from portal.lib.db import write_tx
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

Bring = Callable[..., Result]


def made(batch: int | None, table: str) -> set[int]:
    rows = MadeRows.select().where((MadeRows.batch == batch) & (MadeRows.table == table))
    return {id_ for row in rows for id_ in range(row.first, row.last + 1)}


def ids(table: str) -> set[int]:
    return {row.id for row in TABLES[table].select()}


def test_every_row_that_an_import_makes_is_noted(bring: Bring) -> None:
    result = bring(order("1001", note_attributes="Tracking number: 3SFEKE123456789"),
                   line("1001"), order("1002", refunded_amount="1.00", email="b@example.com"),
                   order("1003", email="", phone="+49 151 2345678"))  # fmt: skip
    for table in TABLES:
        assert made(result.batch, table) >= ids(table), table
    assert ids("fulfilment")
    assert ids("phone_number")
    assert EarlierRow.select().count() == 0


def test_the_same_file_again_notes_nothing(bring: Bring) -> None:
    bring(order("1001"), order("1002"))
    again = bring(order("1001"), order("1002"))
    assert MadeRows.select().where(MadeRows.batch == again.batch).count() == 0
    assert EarlierRow.select().count() == 0


def test_a_changed_row_is_noted_with_what_it_was_and_became(bring: Bring) -> None:
    bring(order("1001", financial_status="pending", paid_at=""))
    second = bring(order("1001"))
    note = EarlierRow.get(EarlierRow.table == "order")
    change = json.loads(note.data)
    assert (note.batch_id, note.row, note.gone) == (second.batch, Order.get().id, False)
    assert change["pay_status"] == ["pending", "paid"]
    assert change["paid_at"] == [None, "2025-03-01 09:00:00"]
    assert "total" not in change


def test_a_deleted_row_is_noted_whole(bring: Bring) -> None:
    bring(order("1001"))
    summary = Payment.get().id
    second = bring(transaction("1001"))
    note = EarlierRow.get(EarlierRow.gone)
    row = json.loads(note.data)
    assert (note.batch_id, note.table, note.row) == (second.batch, "payment", summary)
    assert (row["key"], row["amount"], row["summary"]) == ("summary", 2450, True)


def test_no_id_is_used_twice_even_after_an_undo(bring: Bring) -> None:
    first = bring(order("1001"), line("1001"), order("1002", refunded_amount="1.00"))
    used = {table: made(first.batch, table) for table in TABLES}
    undo(Batch.get())
    second = bring(order("1003"), line("1003"), order("1004", refunded_amount="1.00"))
    for table in TABLES:
        assert not used[table] & made(second.batch, table), table
    assert Refund.select().count() == 1


def test_a_rolled_back_chunk_leaves_no_note(app: Any, bring: Bring) -> None:
    batch = Batch.get_by_id(bring(order("1001")).batch)
    before = MadeRows.select().count()
    try:
        with write_tx():
            writer = Writer(batch.id)
            names = ("shop", "sku", "title", "seen_at")
            writer.insert(TABLES["product"], names, [("default", "X", "X", batch.started_at)])
            raise RuntimeError
    except RuntimeError:
        writer.forget()
    assert MadeRows.select().count() == before


def test_a_dry_run_notes_nothing(bring: Bring) -> None:
    bring(order("1001"), dry_run=True)
    assert MadeRows.select().count() == 0
    assert next(DryWriter().ids(Order, 1)) < 0


def test_ids_as_ranges() -> None:
    assert runs([5, 1, 2, 3, 9, 10]) == [(1, 3), (5, 5), (9, 10)]
    ranges = Ranges([(4, 6), (1, 2)])
    ranges.add(7, 8)
    assert [n for n in range(12) if n in ranges] == [1, 2, 4, 5, 6, 7, 8]
    assert not Ranges()


def test_a_hundred_fresh_ids_are_a_hundred_ids(app: Any) -> None:
    assert len(set(fresh_ids(Order, 100))) == 100
