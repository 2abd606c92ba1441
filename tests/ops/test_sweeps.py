"""An import that is killed at any write to the disk goes on to the very same tables."""

import time
from pathlib import Path

import pytest
from arriving import KINDS, SIZES, write
from scripts import run

pytestmark = pytest.mark.command


def _swept(sizes: list[str], most: int, empty: Path, folder: Path) -> dict[str, dict]:
    found = {}
    for size in sizes:
        place = folder / size
        place.mkdir()
        files = [write(place, kind, SIZES[size]) for kind in KINDS]
        found |= run("sweeps.py", empty, place, most, *files)
    for swept in found.values():
        assert swept["different"] == []
    return found


def test_an_import_killed_at_some_of_its_writes_comes_to_the_same_end(
    template_database: Path, tmp_path: Path
) -> None:
    found = _swept(["some"], 8, template_database, tmp_path)
    assert len(found) == len(KINDS)
    # The number of strokes may differ by one from run to run, so the last may find nothing to kill.
    assert min(swept["kills"] for swept in found.values()) >= 7


@pytest.mark.soak
def test_an_import_killed_at_every_write_comes_to_the_same_end(
    template_database: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    found = _swept(list(SIZES), 1_000_000, template_database, tmp_path)
    kills = sum(swept["kills"] for swept in found.values())
    print(
        f"R1: {len(KINDS)} kinds in {len(SIZES)} sizes, killed at each of {kills} writes: "
        f"0 different ends, {time.monotonic() - began:.0f} s"
    )
    assert kills > 1000
