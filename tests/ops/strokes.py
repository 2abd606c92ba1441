"""Kills a process before each stroke of its pen: every system call that changes a file.

Needs strace. The work is done in a child that was forked from this process, so that Python starts
once and not thousands of times.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

STROKES = "pwrite64,pwritev,write,fdatasync,fsync,ftruncate,fallocate,unlink,rename"
STRACE = shutil.which("strace")


class NoStrace(Exception):
    """strace is missing, so nothing can be proved."""


def child(work: Callable[[], object], *, now: bool = False) -> int:
    """Fork a child that does the work once it is traced, or `now`; returns its process id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        while not now and not _traced():
            time.sleep(0.0005)
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _traced() -> bool:
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    return "TracerPid:\t0" not in lines


def traced(work: Callable[[], object], log: Path, *options: str) -> int:
    """Do the work under strace with these options; returns how it ended, negative for a signal."""
    if STRACE is None:
        raise NoStrace("These tests need strace: apt-get install strace")
    pid = child(work)
    command = [STRACE, "-f", "-qq", "-p", str(pid), "-o", str(log), *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def files_of(database: Path) -> list[Path]:
    """The database and its write-ahead log; the shared memory beside it records nothing."""
    return [database, Path(f"{database}-wal")]


def strokes_of(work: Callable[[], object], log: Path, paths: list[Path]) -> int:
    """How many strokes the work makes on the files when nothing disturbs it."""
    where = [f"--trace-path={path}" for path in paths]
    assert traced(work, log, f"--trace={STROKES}", *where) == 0
    return len(log.read_bytes().splitlines())


def killed(work: Callable[[], object], log: Path, stroke: int, paths: list[Path]) -> bool:
    """Do the work in a child that dies by SIGKILL before its stroke number `stroke` (from 1)."""
    where = [f"--trace-path={path}" for path in paths]
    inject = f"--inject={STROKES}:signal=KILL:when={stroke}"
    return traced(work, log, f"--trace={STROKES}", inject, *where) == -signal.SIGKILL
