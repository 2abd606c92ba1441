"""A small load generator: eight connections that are kept open, each asks again once answered."""

import os
import selectors
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

TICKS = os.sysconf("SC_CLK_TCK")
FEWEST = 20  # answers of a round, however slow the machine is


@dataclass
class Target:
    """A page to ask again and again, and what was measured."""

    name: str
    port: int
    pid: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # milliseconds of the server for one answer
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    bytes: int = 0

    def request(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"GET {self.path} HTTP/1.1", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def summary(self) -> dict[str, float]:
        """Medians over the rounds."""
        return {
            "requests_per_second": round(median(self.rates), 1),
            "cpu_ms": round(median(self.cpu), 3),
            "p50_ms": round(median(self.p50), 2),
            "p99_ms": round(median(self.p99), 2),
            "bytes": self.bytes,
        }


class WrongAnswer(Exception):
    """A page answered with another status than the bench expects."""


def measure(target: Target, seconds: float, concurrency: int = 8) -> None:
    """One round: ask for so long, and add what was seen to the target."""
    wire = target.request()
    chooser = selectors.DefaultSelector()
    times: list[float] = []
    for _ in range(concurrency):
        sock = socket.create_connection(("127.0.0.1", target.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(sock, selectors.EVENT_READ, [b"", 0.0])
    before, began = _cpu(target.pid), time.perf_counter()
    for key in list(chooser.get_map().values()):
        _ask(key, wire)
    until = began + seconds
    while time.perf_counter() < until or len(times) < FEWEST:
        for key, _events in chooser.select(1):
            if _answered(key, target):
                times.append(time.perf_counter() - key.data[1])
                _ask(key, wire)
    spent, used = time.perf_counter() - began, _cpu(target.pid) - before
    for key in list(chooser.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    chooser.close()
    cuts = quantiles(times, n=100)
    target.rates.append(len(times) / spent)
    target.cpu.append(used / len(times) * 1000)
    target.p50.append(cuts[49] * 1000)
    target.p99.append(cuts[98] * 1000)


def _ask(key: selectors.SelectorKey, wire: bytes) -> None:
    key.data[:] = [b"", time.perf_counter()]
    key.fileobj.sendall(wire)  # type: ignore[union-attr]


def _answered(key: selectors.SelectorKey, target: Target) -> bool:
    key.data[0] += key.fileobj.recv(262_144)  # type: ignore[union-attr]
    head, blank, body = key.data[0].partition(b"\r\n\r\n")
    if not blank:
        return False
    if int(head[9:12]) != target.status:
        raise WrongAnswer(f"{target.name} ({target.path}) answered {head[:60]!r}")
    lower = head.lower()
    if b"content-length: " not in lower:
        return target.status == 304
    length = int(lower.partition(b"content-length: ")[2].split(b"\r", 1)[0])
    target.bytes = length
    return len(body) >= length


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """Megabytes that a process alone accounts for: its share of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
