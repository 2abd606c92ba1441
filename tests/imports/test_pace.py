"""How much of a file goes into one transaction: little where rows are long, or took long."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.imports.loading import loader, pace
from portal.imports.loading.pace import Pace
from portal.imports.records import Bad, CustomerRecord, Nothing
from portal.imports.result import Result
from portal.imports.run import import_file

HEAD = "First Name,Last Name,Email,Accepts Marketing,Total Orders,Note\n"


def people(path: Path, count: int, note: int) -> Path:
    """A file of customers, each with a note of so many characters."""
    rows = (f"Ana,Lind,a{number}@example.com,yes,1,{'x' * note}\n" for number in range(count))
    path.write_text(HEAD + "".join(rows))
    return path


def chunks_of(monkeypatch: pytest.MonkeyPatch, bring: Callable[[], Result]) -> list[int]:
    """How many rows each chunk of an import had."""
    sizes: list[int] = []
    real = loader.Loader._write

    def written(self: Any, chunk: Any, rows: int) -> None:
        sizes.append(rows)
        real(self, chunk, rows)

    monkeypatch.setattr(loader.Loader, "_write", written)
    result = bring()
    assert (result.error, sum(sizes)) == ("", result.tally.rows)
    return sizes


def test_long_rows_come_in_smaller_chunks(
    app: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "HELD", 1e9)  # nothing takes too long here
    short = people(tmp_path / "short.csv", 300, 10)
    long = people(tmp_path / "long.csv", 300, 100_000)
    assert chunks_of(monkeypatch, lambda: import_file(short))[0] == 250
    sizes = chunks_of(monkeypatch, lambda: import_file(long))
    assert sizes[0] == 10  # each row counts for 26
    assert max(sizes) <= 2_500 // 26 + 1


def test_a_dry_run_takes_long_rows_in_small_chunks_too(
    app: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = people(tmp_path / "long.csv", 200, 100_000)
    sizes = chunks_of(monkeypatch, lambda: import_file(long, dry_run=True))
    assert max(sizes) <= 2_500 // 26 + 1


def a_full_chunk(of: Pace) -> Pace:
    of.begin()
    while not of.enough:
        of.add(CustomerRecord([1], [["a@example.com"]]))
    return of


def test_chunks_shrink_when_they_hold_the_lock_for_long_and_grow_again() -> None:
    turn = Pace(2_500)
    a_full_chunk(turn).held(1.0)
    assert turn.limit == 125
    a_full_chunk(turn).held(10.0)
    a_full_chunk(turn).held(10.0)
    assert turn.limit == 50  # never less
    a_full_chunk(turn).held(pace.HELD / 1.5)
    assert turn.limit == 75
    for _chunk in range(10):
        a_full_chunk(turn).held(0.001)
    assert turn.limit == 2_500  # never more


def test_a_chunk_that_ended_early_does_not_let_the_next_one_shrink() -> None:
    turn = Pace(2_500)
    turn.add(Nothing([1]))
    turn.held(pace.HELD / 2)
    assert turn.limit == 250


def test_rows_that_are_put_aside_count_with_their_cells() -> None:
    turn = Pace(2_500)
    turn.add(Bad("1", [(2, "no", ["x" * 8_000]), (3, "no", ["x"])]))
    assert turn.size == 4
