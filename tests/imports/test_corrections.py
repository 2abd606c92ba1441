"""Rows that were put aside come in after somebody put them right, as if the file had been right."""

import csv
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exports import line, order, transaction
from factories import make_member
from flask import Flask

from portal.imports.aside import as_csv, groups, taken_away
from portal.imports.corrections import cells_of, correct, is_json, waiting
from portal.imports.exports.writing import export
from portal.imports.models import Batch, QuarantinedRow, RawRow
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.lib.db import db, write_tx
from portal.lib.refused import Refused
from portal.members.models import Event, Member
from portal.ops.verify import problems
from portal.orders.models import Order

Bring = Callable[..., Result]


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_member("Marit De Smet", role="owner")


def place(batch: Batch, column: str) -> int:
    return batch.header.index(column)


def put_right(batch: Batch, head: int, by: Member, line_: int | None = None, **cells: str) -> Any:
    """Correct cells, named as columns with _ for blanks, of the row on a line."""
    rows = {row.line: row.id for row in waiting(batch, head)}
    named = {place(batch, name.replace("_", " ")): text for name, text in cells.items()}
    return correct(batch, head, {rows[line_ or head]: named}, by)


def test_a_corrected_row_comes_in_with_its_whole_order(bring: Bring, owner: Member) -> None:
    result = bring(order("1001"), line("1001", lineitem_price="much"), order("1002"))
    batch = Batch.get_by_id(result.batch)
    assert [(g.head, g.rows) for g in groups(batch, 0, 10)] == [(2, 2)]
    done = put_right(batch, 2, owner, 3, Lineitem_price="12.25")
    assert (done.rows, done.reason) == (2, "")
    order_ = Order.get(Order.number == "1001")
    assert (order_.batch_id, order_.line_count) == (batch.id, 2)
    aside = QuarantinedRow.select().order_by(QuarantinedRow.line)
    assert [row.corrected_by_id for row in aside] == [owner.id, owner.id]
    assert groups(batch, 0, 10) == []
    assert problems() == []


def test_the_figures_of_the_batch_add_up_afterwards(bring: Bring, owner: Member) -> None:
    result = bring(order("1001", total="x", email="new@example.com"), order("1002"))
    batch = Batch.get_by_id(result.batch)
    before = batch.tally
    put_right(batch, 2, owner, Total="24.50")
    tally = Batch.get_by_id(batch.id).tally
    assert (before["quarantined"], tally["quarantined"]) == (1, 0)
    assert tally["rows"] == before["rows"] == 2
    assert tally["created"]["orders"] == 2
    assert tally["created"]["members"] == 2
    assert tally["totals"] == {"EUR": [4900, 0]}


def test_the_corrected_file_imported_again_changes_nothing(
    bring: Bring, written: Callable[..., Path], owner: Member
) -> None:
    result = bring(order("1001", total="x"), line("1001"), order("1002"))
    put_right(Batch.get_by_id(result.batch), 2, owner, Total="24.50")
    again = bring(order("1001"), line("1001"), order("1002"))
    assert again.tally.created["orders"] == again.tally.updated["orders"] == 0
    assert again.tally.unchanged["orders"] == 2
    assert RawRow.select().where(RawRow.key == "1001").count() == 1


def test_what_is_still_wrong_stays_out_with_its_new_reason(bring: Bring, owner: Member) -> None:
    result = bring(order("1001", total="x"), line("1001"))
    batch = Batch.get_by_id(result.batch)
    done = put_right(batch, 2, owner, Total="24.50", Created_at="soon")
    assert (done.rows, done.line) == (0, 2)
    assert "“Created at” holds “soon”" in done.reason
    assert Order.select().count() == 0
    assert len(waiting(batch, 2)) == 2
    assert Batch.get_by_id(batch.id).tally == batch.tally


def test_a_contradiction_to_a_stored_order_is_no_correction(bring: Bring, owner: Member) -> None:
    bring(order("1001", id="5001"))
    result = bring(order("1001", id="5002", total="x"))
    batch = Batch.get_by_id(result.batch)
    before = Order.get(Order.number == "1001").total
    done = put_right(batch, 2, owner, Total="99.00")
    assert "is known with the Id 5001" in done.reason
    assert Order.get(Order.number == "1001").total == before
    assert len(waiting(batch, 2)) == 1


def test_a_correction_counts_once(bring: Bring, owner: Member) -> None:
    result = bring(order("1001", total="x"))
    batch = Batch.get_by_id(result.batch)
    row = waiting(batch, 2)[0]
    cells = {row.id: {place(batch, "Total"): "24.50"}}
    assert correct(batch, 2, cells, owner).rows == 1
    with pytest.raises(Refused):
        correct(batch, 2, cells, owner)
    assert Batch.get_by_id(batch.id).tally["totals"] == {"EUR": [2450, 0]}


def test_two_people_correct_the_same_rows_at_once_and_one_is_told(
    bring: Bring, owner: Member
) -> None:
    result = bring(*(order(str(n), total="x") for n in range(1001, 1009)))
    batch = Batch.get_by_id(result.batch)
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        db.connect(reuse_if_open=True)
        barrier.wait()
        for group in range(2, 10):
            try:
                put_right(batch, group, owner, Total="24.50")
                outcomes.append("in")
            except (Refused, KeyError):
                outcomes.append("refused")
        db.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] * 8 + ["refused"] * 24
    assert Batch.get_by_id(batch.id).tally["quarantined"] == 0
    assert Batch.get_by_id(batch.id).tally["totals"] == {"EUR": [8 * 2450, 0]}
    assert Order.select().count() == 8


def test_rows_of_an_undone_import_stay_out(bring: Bring, owner: Member) -> None:
    batch = Batch.get_by_id(bring(order("1001", total="x")).batch)
    with write_tx():
        Batch.update(state="undone").execute()
    with pytest.raises(Refused):
        put_right(batch, 2, owner, Total="24.50")
    assert Order.select().count() == 0


def test_the_member_reads_of_the_order_that_came_late(bring: Bring, owner: Member) -> None:
    batch = Batch.get_by_id(bring(order("1001", total="x"), order("1002")).batch)
    put_right(batch, 2, owner, Total="24.50")
    events = Event.select().where(Event.kind == "orders.imported").order_by(Event.id)
    assert [event.data["count"] for event in events] == [1, 1]


def test_slashed_dates_are_read_as_in_the_rest_of_the_file(bring: Bring, owner: Member) -> None:
    dates = {"created_at": "03/04/2024 10:00", "paid_at": "03/04/2024 10:00"}
    rows = [order("1001", total="x", **dates)]
    rows.append(order("1002", created_at="25/04/2024 10:00", paid_at="25/04/2024 10:00"))
    batch = Batch.get_by_id(bring(*rows).batch)
    put_right(batch, 2, owner, Total="24.50")
    assert Order.get(Order.number == "1001").placed_at.month == 4


def test_a_row_with_too_many_cells_comes_in_without_them(
    app: Flask, tmp_path: Path, owner: Member
) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(
        "Name,Email,Created at,Total,Lineitem name,Lineitem quantity,Lineitem price\n"
        "1001,a@example.com,2026-11-18 09:58:12 +0100,12.50,Tea,1,12.50,too much\n"
    )
    batch = Batch.get_by_id(import_file(path).batch)
    still = put_right(batch, 2, owner, Total="12.50")
    assert "The row has 8 cells" in still.reason
    row = waiting(batch, 2)[0]
    assert correct(batch, 2, {row.id: {7: ""}}, owner).rows == 1


def test_cells_emptied_by_hand_are_a_row_that_says_nothing(bring: Bring, owner: Member) -> None:
    batch = Batch.get_by_id(bring(order("1001", total="x"), order("1002")).batch)
    row = waiting(batch, 2)[0]
    empty = dict.fromkeys(range(len(batch.header)), "")
    assert correct(batch, 2, {row.id: empty}, owner).rows == 1
    tally = Batch.get_by_id(batch.id).tally
    assert (tally["skipped"], tally["quarantined"], tally["created"]["orders"]) == (1, 0, 1)


def test_transactions_are_put_right_too(bring: Bring, owner: Member) -> None:
    bring(order("1001"))
    result = bring(transaction("1001", amount="lots"), transaction("1001"))
    batch = Batch.get_by_id(result.batch)
    head = groups(batch, 0, 5)[0].head
    wrong = min(waiting(batch, head), key=lambda row: len(row.reason))
    done = correct(batch, head, {wrong.id: {place(batch, "Amount"): "1.00"}}, owner)
    assert done.reason == ""
    assert problems() == []


def test_what_is_taken_away_and_put_right_comes_in(
    bring: Bring, tmp_path: Path, owner: Member
) -> None:
    batch = Batch.get_by_id(
        bring(order("1001", total="x", notes="=1+1"), line("1001"), order("1002")).batch
    )
    name, kind, text = taken_away(batch)
    assert (name, kind) == ("export-1-aside.csv", "text/csv; charset=utf-8")
    table = list(csv.reader(io.StringIO("".join(text))))
    assert table[0][:-1] == batch.header
    assert [row[-1] for row in table[1:]] == [row.reason for row in waiting(batch, 2)]
    assert table[1][place(batch, "Notes")] == "'=1+1"
    table[1][place(batch, "Total")] = "24.50"
    path = tmp_path / name
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(table)
    result = import_file(path)
    assert (result.tally.created["orders"], result.tally.quarantined) == (1, 0)
    assert Order.get(Order.number == "1001").note == "=1+1"


def test_no_cell_that_is_taken_away_is_a_formula(bring: Bring) -> None:
    cells = ['=HYPERLINK("http://x")', "+cmd", "-cmd", "@sum", "\tx", "-5.00"]
    rows = [order(str(1000 + n), total="x", lineitem_name=cell) for n, cell in enumerate(cells)]
    batch = Batch.get_by_id(bring(*rows).batch)
    table = list(csv.reader(io.StringIO("".join(as_csv(batch)))))
    at = batch.header.index("Lineitem name")
    assert [row[at] for row in table[1:]] == [
        "'=HYPERLINK(\"http://x\")", "'+cmd", "'-cmd", "'@sum", "'\tx", "-5.00"
    ]  # fmt: skip


def test_an_object_is_put_right_as_text(app: Flask, tmp_path: Path, owner: Member) -> None:
    path = tmp_path / "orders.json"
    first = {
        "id": 727, "number": "727", "status": "processing", "currency": "EUR", "customer_id": 0,
        "date_created_gmt": "2026-11-18T09:58:12", "total": "much", "line_items": [
            {"id": 1, "name": "Tea", "quantity": 1, "subtotal": "12.50", "total": "12.50",
             "total_tax": "0.00", "sku": "TEA-1"}],
        "billing": {"email": "a@example.com"}, "shipping": {}, "refunds": [],
        "discount_total": "0.00", "shipping_total": "0.00", "total_tax": "0.00",
    }  # fmt: skip
    path.write_text(json.dumps([first, {**first, "id": 728, "number": "728", "total": "12.50"}]))
    result = import_file(path)
    if result.error:
        pytest.fail(result.error)
    batch = Batch.get_by_id(result.batch)
    head = groups(batch, 0, 5)[0].head
    row = waiting(batch, head)[0]
    broken = correct(batch, head, {row.id: {0: '{"id": 727,'}}, owner)
    assert broken.reason.startswith("This is not JSON:")
    right = json.dumps({**first, "total": "12.50"})
    assert correct(batch, head, {row.id: {0: right}}, owner).reason == ""
    assert Order.get(Order.number == "727").total == 1250


def test_secrets_that_are_typed_never_come_in(
    app: Flask, bring: Bring, tmp_path: Path, owner: Member
) -> None:
    path = tmp_path / "orders.json"
    good = {
        "id": 727, "number": "727", "status": "processing", "currency": "EUR", "customer_id": 0,
        "date_created_gmt": "2026-11-18T09:58:12", "total": "12.50", "line_items": [
            {"id": 1, "name": "Tea", "quantity": 1, "subtotal": "12.50", "total": "12.50",
             "total_tax": "0.00", "sku": "TEA-1"}],
        "billing": {"email": "a@example.com"}, "shipping": {}, "refunds": [],
        "discount_total": "0.00", "shipping_total": "0.00", "total_tax": "0.00",
    }  # fmt: skip
    path.write_text(json.dumps([{**good, "total": "much"}]))
    batch = Batch.get_by_id(import_file(path).batch)
    row = waiting(batch, 1)[0]
    for text, why in (
        ('["a list"]', "This is no object: it has no fields."),
        ('{"a": "\\u0000"}', "This holds a NUL character."),
        ('{"a": 1} {"b": 2}', "This is not JSON: something follows behind its end."),
        ('{"a": ' * 3000, "This is not JSON"),
    ):
        assert correct(batch, 1, {row.id: {0: text}}, owner).reason.startswith(why)
    typed = {**good, "order_key": "wc_order_secret", "customer_note": "4111 1111 1111 1111"}
    assert correct(batch, 1, {row.id: {0: json.dumps(typed)}}, owner).reason == ""
    kept = RawRow.get(RawRow.key == "727").rows
    assert ("wc_order_secret" in kept, "4111 1111" in kept, "•••• 1111" in kept) == (
        False, False, True,
    )  # fmt: skip
    assert Order.get(Order.number == "727").note == "•••• 1111"

    batch = Batch.get_by_id(bring(order("1001", total="x")).batch)
    put_right(batch, 2, owner, Total="24.50", Notes="Card 4111 1111 1111 1111")
    assert Order.get(Order.number == "1001").note == "Card •••• 1111"
    assert "4111 1111" not in RawRow.get(RawRow.key == "1001").rows


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_row_of_our_own_export_is_put_right_in_its_format(
    bring: Bring, tmp_path: Path, owner: Member, format: str
) -> None:
    bring(order("1001", email="ana@example.com"))
    path = tmp_path / f"members.{format}"
    text = "".join(export("members", format, "default"))
    path.write_text(text.replace("ana@example.com", "no address"), newline="")
    batch = Batch.get_by_id(import_file(path).batch)
    assert (is_json(batch), batch.tally["quarantined"]) == (format == "json", 1)
    row = waiting(batch, groups(batch, 0, 5)[0].head)[0]
    name, _type, pieces = taken_away(batch)
    assert (name, "no address" in "".join(pieces)) == (f"members-aside.{format}", True)
    place_ = 0 if format == "json" else batch.header.index("Emails")
    typed = cells_of(row, 1)[place_].replace("no address", "new@example.com")
    assert correct(batch, row.head, {row.id: {place_: typed}}, owner).reason == ""
    assert {e.folded for e in Member.get(Member.role.is_null()).emails} == {
        "ana@example.com", "new@example.com",
    }  # fmt: skip


def test_a_thousand_rows_are_taken_away_a_few_at_a_time(bring: Bring, statements: Any) -> None:
    batch = Batch.get_by_id(bring(*(order(str(n), total="x") for n in range(1200))).batch)
    with statements() as seen:
        pieces = list(as_csv(batch))
    assert sum(piece.count("\n") for piece in pieces) == 1201
    assert len(seen) == 4
