"""When the power fails, what was promised is there, and what is there is whole."""

import time
from pathlib import Path

import pytest
from scripts import run

pytestmark = pytest.mark.command


@pytest.mark.parametrize(
    ("what", "cuts"),
    [
        ("points", 20),
        ("imports", 10),
        pytest.param("points", 2000, marks=pytest.mark.soak),
        pytest.param("imports", 500, marks=pytest.mark.soak),
    ],
)
def test_a_power_cut_loses_nothing_that_was_promised(
    what: str, cuts: int, template_database: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    found = run("powercuts.py", what, cuts, template_database, tmp_path)
    print(
        f"R3: {what}, {found['cuts']} power cuts in {found['strokes']} system calls: "
        f"{len(found['wrong'])} wrong, {time.monotonic() - began:.0f} s"
    )
    assert found["wrong"] == []
    assert found["strokes"] > 100


def test_a_disk_that_lies_about_syncing_is_found_out(
    template_database: Path, tmp_path: Path
) -> None:
    found = run("powercuts.py", "points", 40, template_database, tmp_path, "blind")
    assert any("was promised and is gone" in sentence for sentence in found["wrong"])
