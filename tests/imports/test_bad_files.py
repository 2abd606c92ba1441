"""A bad file of any kind is refused in a sentence, or every one of its rows is counted."""

from pathlib import Path
from typing import Any

import pytest
from badfiles import broken
from flask import Flask
from scripts import run

from portal.imports.models import Batch, QuarantinedRow
from portal.imports.readers import readers
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.ops.verify import problems

# What all kinds of a format share is tried on one of each; `make soak` tries it on every kind.
QUICK = {"shopify-transactions", "woocommerce-orders", "regulars-points"}
KINDS = [
    kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.soak)
    for kind in sorted(readers())
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_of_this_kind_is_too_broken_to_be_told_so(
    kind: str, app: Flask, tmp_path: Path
) -> None:
    wrong, files = [], 0
    for name, content, ending in broken(readers()[kind]):
        path = tmp_path / f"file{files}.{ending}"
        path.write_bytes(content)
        files += 1
        before = Batch.select().count()
        for chosen in (None, kind) if files % 3 == 0 else (kind,):
            try:
                result = import_file(path, kind=chosen)
            except Exception as error:  # whatever it is, it is a fault, and all are told at once
                wrong.append(f"{ending}, {name}: {type(error).__name__}: {error}"[:300])
                continue
            if trouble := _trouble(result, before):
                wrong.append(f"{ending}, {name}: {trouble}")
    assert wrong == []
    assert problems() == []
    assert files > 15
    print(f"R21: {kind}, {files} bad files, 0 tracebacks")


def _trouble(result: Result, before: int) -> str:
    """What does not add up in the result of one file."""
    if result.error:
        if Batch.select().count() > before + 1 or not result.error.strip().endswith((".", "?")):
            return f"refused with “{result.error}”"
        return ""
    tally: Any = result.tally
    aside = QuarantinedRow.select().where(QuarantinedRow.batch == result.batch).count()
    if aside != tally.quarantined:
        return f"{tally.quarantined} rows counted as put aside, {aside} are"
    if tally.quarantined + tally.skipped > tally.rows:
        return f"{tally.rows} rows, {tally.quarantined} put aside and {tally.skipped} skipped"
    came = sum(tally.created.values()) + sum(tally.updated.values()) + sum(tally.unchanged.values())
    if tally.rows and not came and tally.quarantined + tally.skipped < tally.rows:
        return f"{tally.rows} rows, of which nothing came of"
    return ""


@pytest.mark.soak
@pytest.mark.command
@pytest.mark.parametrize("shape", ["zeros", "noise", "cells", "json", "bomb"])
def test_a_gigabyte_takes_less_than_200_megabytes(
    shape: str, template_database: Path, tmp_path: Path
) -> None:
    found = run("../imports/gigabyte.py", shape, 1_000_000_000, template_database, tmp_path)
    print(
        f"R21: {found['bytes'] / 1e9:.1f} GB of {shape}: {found['said']}, "
        f"{found['megabytes']} MB at most, {found['seconds']} s"
    )
    assert found["megabytes"] < 200
