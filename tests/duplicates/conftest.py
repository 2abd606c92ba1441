"""People who are there twice, and what a test asks about them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from exports import ORDER
from factories import make_member
from flask import Flask

from portal.imports.result import Result
from portal.imports.run import import_file
from portal.members.models import Member
from portal.shop.models import change_settings


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Callable[..., Result]:
    """`bring(order("7", email="…"), …)`: import these orders from a file."""

    def take(*rows: dict[str, str]) -> Result:
        path = tmp_path / "orders.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            table = csv.DictWriter(stream, list(ORDER))
            table.writeheader()
            table.writerows(rows)
        result = import_file(path)
        assert result.error == "", result.error
        return result

    return take


@pytest.fixture
def points(app: Flask) -> None:
    """One point for each whole unit, spendable after fourteen days."""
    change_settings(points_per_unit=1, point_worth=1, return_days=14)


@pytest.fixture
def ines(app: Flask) -> Member:
    """An agent."""
    return make_member("Ines Peeters", role="agent")
