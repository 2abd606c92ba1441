"""70,000 purchases of 24,000 people come in while the site answers: seconds, memory, p95 of pages,
and how long a write of somebody else waits for the lock meanwhile.

The people buy as those of the published CDNOW study did: all begin within twelve weeks, half of
them never come back, the others drop off sooner or later within a year and a half.
"""

import csv
import json
import math
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

from load import Target
from pages import ask, cookie, people

from portal import create_app
from portal.config import ROOT, Config, read_config
from portal.lib.db import db
from portal.ops.demo import make_demo_shop
from portal.ops.serve import free_port, let_go_of_database
from portal.shop.models import forget

PURCHASES, PEOPLE, WEEKS = 70_000, 24_000, 78
BEGIN = datetime(2025, 1, 1)
RATE = 20  # requests a second
IDLE = 15.0  # seconds
HEADER = ("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at",
          "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Created at", "Lineitem quantity",
          "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Name", "Billing City",
          "Payment Method", "Refunded Amount", "Id")  # fmt: skip


def purchases(rng: Random) -> list[tuple[datetime, int, int, int]]:
    """When, who, how many pieces, cents of each: in the order of time."""
    found = []
    counts = [1] * PEOPLE
    for _more in range(PURCHASES - PEOPLE):
        # A few come back again and again: half of all later purchases are of a tenth of the people.
        counts[min(int(rng.paretovariate(0.75)) * 7 % PEOPLE, PEOPLE - 1)
               if rng.random() < 0.1 else int(PEOPLE * 0.6 * rng.random() ** 2.2)] += 1  # fmt: skip
    for person, count in enumerate(counts):
        first = rng.random() * 12 * 7
        lives = rng.expovariate(1 / 180) if count > 1 else 0
        last = min(first + max(lives, 7), WEEKS * 7)
        days = sorted([first, *(rng.uniform(first, last) for _ in range(count - 1))])
        for day in days:
            pieces = 1 + min(int(rng.expovariate(0.7)), 30)
            cents = max(199, round(math.exp(rng.gauss(7.2, 0.35))))
            found.append((BEGIN + timedelta(days=day), person, pieces, cents))
    return sorted(found)


def write(path: Path) -> None:
    """The purchases as a file of orders."""
    rng = Random(97)
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(HEADER)
        for number, (at, person, pieces, cents) in enumerate(purchases(rng), start=1):
            total, when = f"{pieces * cents / 100:.2f}", f"{at:%Y-%m-%d %H:%M:%S} +0000"
            disc = rng.randrange(900)
            table.writerow(
                (f"#{500_000 + number}", f"buyer{person}@example.com", "paid", when, "fulfilled",
                 when, "EUR", total, "0.00", "0.00", total, when, pieces, f"Record {disc}",
                 f"{cents / 100:.2f}", f"CD-{disc}", f"Buyer {person}", "Ghent", "Card", "0.00",
                 str(8_000_000_000_000 + number))
            )  # fmt: skip


def main() -> None:
    """Serve a shop, ask its dashboard at a steady pace, import, and print what it came to."""
    with tempfile.TemporaryDirectory(prefix="regulars-purchases-") as folder:
        file = Path(folder) / "purchases.csv"
        write(file)
        config = read_config(demo=True, instance=folder, base_url="http://localhost:8000")
        make_demo_shop(config, say=lambda _line: None, members=200, orders=2000)
        headers = _headers(config)
        with served(config) as (port, environment):
            target = Target("dashboard", port, os.getpid(), "/", headers)
            asked(target, lambda past: past < 3)
            idle = asked(target, lambda past: past < IDLE)
            found = _import(file, environment, target, config)
    found |= {
        "purchases": PURCHASES,
        "people": PEOPLE,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "p95_idle_ms": p95(idle),
    }
    found["during_of_idle"] = round(found["p95_during_ms"] / found["p95_idle_ms"], 2)
    (ROOT / "instance" / "purchases.json").write_text(json.dumps(found) + "\n")
    print(json.dumps(found))


def _headers(config: Config) -> dict[str, str]:
    forget()
    app = create_app(config)
    with app.app_context():
        db.connect(reuse_if_open=True)
        member = people()["member"]
        assert member is not None
        first = ask(app, "/", {"Cookie": f"session={cookie(app, member)}"})
        kept = first.headers.get("Set-Cookie", "").partition(";")[0]
        db.close()
    let_go_of_database()
    return {"Cookie": kept}


@contextmanager
def served(config: Config) -> Iterator[tuple[int, dict[str, str]]]:
    """`portal serve` with its two web processes and worker."""
    port = free_port("127.0.0.1", 0)
    environment = {**os.environ, "INSTANCE": str(config.instance),
                   "DATABASE_URL": config.database_url}  # fmt: skip
    command = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), "--processes", "2"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield port, environment
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _import(
    file: Path, environment: dict[str, str], target: Target, config: Config
) -> dict[str, float]:
    command = [sys.executable, "-m", "portal.cli", "import", str(file), "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    peak = 0

    def running(_past: float) -> bool:
        nonlocal peak
        if process.poll() is not None:
            return False
        peak = max(peak, _high_water(process.pid))
        return True

    with writing(config) as waits:
        times = asked(target, running)
    took = time.perf_counter() - began
    out, _nothing = process.communicate()
    result = json.loads(out)
    if result["created"]["orders"] != PURCHASES or result["quarantined_count"]:
        raise SystemExit(f"The import did not take every purchase: {result}")
    return {
        "seconds": round(took, 1),
        "memory_mb": round(peak / 1024, 1),
        "p95_during_ms": p95(times),
        "write_p95_ms": p95(waits),
        "write_max_ms": round(max(waits) * 1000, 1),
        "people_made": result["created"]["members"],
    }


@contextmanager
def writing(config: Config) -> Iterator[list[float]]:
    """Somebody else writes a row five times a second; the seconds that each write took."""
    times: list[float] = []
    over = threading.Event()

    def write() -> None:
        path = config.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
            while not over.wait(0.2):
                began = time.perf_counter()
                database.execute("BEGIN IMMEDIATE")
                database.execute("UPDATE setting SET value = value")
                database.execute("COMMIT")
                times.append(time.perf_counter() - began)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def _high_water(pid: int) -> int:
    """Kilobytes that a process held at most; 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def asked(target: Target, go_on: Callable[[float], bool]) -> list[float]:
    """Ask at a steady pace over one connection; seconds of each answer, late starts included."""
    wire, times = target.request(), []
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", target.port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = 0
        while go_on(time.perf_counter() - began):
            due = began + number / RATE
            time.sleep(max(due - time.perf_counter(), 0))
            sock.sendall(wire)
            _answer(sock)
            times.append(time.perf_counter() - due)
            number += 1
    return times


def _answer(sock: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(65_536)
    head, _blank, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"The dashboard answered {head[:60]!r}")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r", 1)[0])
    while len(body) < length:
        body += sock.recv(65_536)


def p95(times: list[float]) -> float:
    """Milliseconds that 95 of 100 answers stay below."""
    return round(quantiles(times, n=100)[94] * 1000, 1)


if __name__ == "__main__":
    main()
