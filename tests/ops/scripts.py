"""Runs a script of these tests in a Python of its own and reads the JSON that it prints."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()


def run(script: str, *arguments: object, seconds: float = 3600, **more: str) -> Any:
    """What the script printed, as data; its complaints are shown when it did not end well."""
    folders = [HERE.parents[2], HERE.parents[1], HERE.parent, HERE.parents[1] / "imports"]
    done = subprocess.run(
        [sys.executable, str(HERE.parent / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), **more},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
