"""Files as shops export them, small enough to read, and one way to bring them in."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.imports.result import Result
from portal.imports.run import import_file


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """`written(row, row, …)`: a CSV file of them."""
    made = 0

    def write(*rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
        nonlocal made
        made += 1
        path = tmp_path / f"export-{made}.csv"
        with path.open("w", encoding=encoding, newline="") as stream:
            table = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            table.writeheader()
            table.writerows(rows)
        return path

    return write


@pytest.fixture
def bring(app: Flask, written: Callable[..., Path]) -> Callable[..., Result]:
    """`bring(row, row, …)`: the rows written to a file and imported."""

    def run(*rows: dict[str, str], **options: Any) -> Result:
        layout = {key: options.pop(key) for key in ("delimiter", "encoding") if key in options}
        return import_file(written(*rows, **layout), **options)

    return run
