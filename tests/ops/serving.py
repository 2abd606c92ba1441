"""A served shop for tests: `portal serve` in a process of its own, on a free port."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event


class Shop:
    """A running `portal serve`."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.welcome = ""

    def get(self, path: str = "/healthz") -> int:
        """The status of a GET request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def children(self) -> list[int]:
        """The process ids of the web processes and the worker."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


def environment(instance: Path, **more: str) -> dict[str, str]:
    """What the command finds around it: an instance folder of its own and nothing else of ours."""
    names = ("PATH", "HOME", "LANG", "TMPDIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "INSTANCE": str(instance), **more}


def portal(instance: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a `portal` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "portal.cli", *arguments],
        env=environment(instance, **more),
        capture_output=True,
        text=True,
        timeout=60,
    )


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(instance: Path, *arguments: str, **more: str) -> Iterator[Shop]:
    """`portal serve` on a free port, stopped at the end."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), *arguments],
        env=environment(instance, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    shop = Shop(process, port)
    try:
        assert process.stdout is not None
        shop.welcome = process.stdout.readline()
        yield shop
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def eventually(happens: object, seconds: float = 10) -> bool:
    """Whether a condition comes true in time; asked again and again, as the world is not ours."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happens():  # type: ignore[operator]
            return True
        Event().wait(0.02)
    return False
