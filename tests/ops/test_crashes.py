"""Killed at any moment, the shop keeps every promise it made and loses nothing half."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.command


HERE = Path(__file__).resolve()
SCRIPT = HERE.with_name("crashes.py")


def _crash(what: str, rounds: int, empty: Path, folder: Path) -> dict[str, object]:
    paths = [str(HERE.parents[2]), str(HERE.parents[1] / "imports")]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), what, str(rounds), str(empty), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("rounds", [20, pytest.param(1000, marks=pytest.mark.soak)])
def test_vouchers_survive_kill_9(rounds: int, template_database: Path, tmp_path: Path) -> None:
    found = _crash("points", rounds, template_database, tmp_path)
    print(f"R2: {rounds} kills, {found['promised']} vouchers promised, {len(found['wrong'])} wrong")
    assert (found["wrong"], found["rounds"]) == ([], rounds)
    assert found["promised"] >= rounds


@pytest.mark.parametrize("rounds", [8, pytest.param(1000, marks=pytest.mark.soak)])
def test_an_import_killed_at_any_moment_comes_to_the_same_end(
    rounds: int, template_database: Path, tmp_path: Path
) -> None:
    found = _crash("imports", rounds, template_database, tmp_path)
    print(f"R2: imports killed {found['rounds']} times: {len(found['wrong'])} different ends")
    assert found["wrong"] == []
    assert found["rounds"] >= rounds
