"""Sixteen processes want the same points: nobody spends a point that somebody else has spent."""

from pathlib import Path

import pytest
from doublespend import SCENARIOS
from flask import Flask
from scripts import run


@pytest.mark.parametrize("rounds", [5, pytest.param(1000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_point_is_spent_once_whoever_asks(
    scenario: str, rounds: int, app: Flask, database_url: str, tmp_path: Path
) -> None:
    found = run("doublespend.py", scenario, rounds, database_url, tmp_path)
    print(
        f"R6: {scenario}, {found['rounds']} rounds of 16 processes: "
        f"{len(found['wrong'])} wrong, {found['seconds']} s"
    )
    assert found["wrong"] == []
