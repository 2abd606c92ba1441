"""Whatever a file holds: no traceback, every row accounted for, nothing half done."""

from pathlib import Path
from typing import Any

import pytest
from exports import adds_up, customer, line, order, transaction
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.imports.loading import loader
from portal.imports.models import Batch, QuarantinedRow
from portal.imports.reading.cells import minor_units
from portal.imports.run import import_file
from portal.lib.refused import Refused
from portal.orders.models import Order

ODD = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.sampled_from(["", "null", "'", '="1"', "-1", "1e9", "9999999999999", "999999999", "#1001",
                     "\0", '"', "\r", "2025-13-01", "01/02/2025",
                     "ana@example.com", "€", "JPY", "paid"]),
)  # fmt: skip
ROWS = {
    "orders": lambda number: order(number),
    "lines": lambda number: line(number),
    "customers": lambda number: customer(customer_id=f"'{number}"),
    "transactions": lambda number: transaction(number),
}


@st.composite
def table(draw: Any) -> list[dict[str, str]]:
    """A file of one kind in which some cells hold anything at all."""
    kind = draw(st.sampled_from(["orders", "customers", "transactions"]))
    rows = []
    for number in draw(st.lists(st.integers(1001, 1005), min_size=1, max_size=6)):
        made = "lines" if kind == "orders" and rows and draw(st.booleans()) else kind
        row = ROWS[made](str(number))
        for column in draw(st.lists(st.sampled_from(sorted(row)), max_size=3)):
            row[column] = draw(ODD)
        rows.append(row)
    return rows


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None
)
@given(table())
def test_every_row_is_imported_skipped_or_quarantined(
    app: Flask, written: Any, rows: list[dict[str, str]]
) -> None:
    result = import_file(written(*rows), shop="any")
    if result.error:
        assert result.as_json()["kind"] is None
        return
    tally = result.tally
    batch = Batch.get_by_id(result.batch)
    aside = QuarantinedRow.select().where(QuarantinedRow.batch == batch).count()
    assert tally.rows == batch.position
    assert tally.quarantined == aside == len(result.quarantined)
    assert tally.skipped + tally.quarantined <= tally.rows
    assert all(adds_up(found) for found in Order.select().where(Order.batch_id == batch.id))
    again = import_file(result.file, shop="any").tally
    assert (again.rows, again.quarantined) == (tally.rows, tally.quarantined)
    assert again.created == dict.fromkeys(again.created, 0)


def test_a_file_with_only_a_header_is_a_file_without_rows(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(",".join(order("1")) + "\n")
    result = import_file(path)
    assert (result.exit_code, result.tally.rows) == (0, 0)
    assert Batch.get().finished_at


def test_two_imports_of_one_file_do_not_mix(
    app: Flask, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(order("1001"), order("1002"))
    other_has_begun = loader.Loader._take

    def take_behind_another(self: loader.Loader, work: Any, chunk: Any) -> None:
        other_has_begun(self, work, chunk)
        Batch.update(position=1).execute()

    with monkeypatch.context() as racing:
        racing.setattr(loader.Loader, "_take", take_behind_another)
        with pytest.raises(Refused, match="by somebody else at this moment"):
            import_file(path)
    assert Order.select().count() == 0
    assert Batch.get().position == 0
    assert import_file(path).tally.created["orders"] == 2


def test_amounts_are_kept_within_what_a_database_holds() -> None:
    with pytest.raises(ValueError, match="too large"):
        minor_units("9999999999999.99", 3, False)
