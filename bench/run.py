"""How fast it is: pages against a bare answer, imports against raw rows, search, bytes, memory."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from importing import import_speed
from kinds import kinds
from load import Target, measure, resident
from musts import judge
from pages import ask, cookie, people
from search import search_speed
from seed import multiply

from portal import create_app
from portal.config import ROOT, Config, read_config
from portal.lib.db import db
from portal.lib.throttle import LIMITS
from portal.members.models import Member
from portal.ops.demo import make_demo_shop
from portal.ops.log import log_to_stderr
from portal.ops.serve import free_port, let_go_of_database, settle_memory
from portal.ops.web import serve_web
from portal.orders.models import Order
from portal.shop.models import forget

ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "7")), float(os.environ.get("SECONDS", "0.6"))
TIMES = 100  # 200 members and 2,000 orders, a hundred times
GZIP = {"Accept-Encoding": "gzip"}


def main() -> None:
    """Seed, serve, measure in turns, print, and write instance/bench.json."""
    log_to_stderr()
    LIMITS["search"] = replace(LIMITS["search"], times=10**9)
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        config = read_config(demo=True, instance=folder, base_url="http://localhost:8000")
        big, small = _seeded(config)
        with _served(_bare(), config) as bare, _shop(big) as much, _shop(small) as little:
            targets = [Target("bare Flask answer", *bare, "/")]
            targets += _targets(big, *much)
            targets += _targets(small, *little, suffix=", 2,000 orders")
            for _ in range(ROUNDS):
                for target in targets:
                    measure(target, SECONDS)
            memory = resident(much[1])
        found: dict[str, Any] = {
            "members": 200 * TIMES,
            "orders": 2000 * TIMES,
            "pages": {target.name: target.summary() for target in targets},
            "statements": _statements(big),
            "gzip_bytes": _sizes(big),
            "import": import_speed(Path(folder)),
            "kinds": kinds(Path(folder) / "exports"),
            "search_p95_ms": search_speed(),
            "memory_mb": {"web process after the load": round(memory, 1), **_whole_shop(big)},
        }
    found["musts"] = judge(found)
    (ROOT / "instance" / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    _print(found)


def _seeded(config: Config) -> tuple[Config, Config]:
    make_demo_shop(config, say=lambda _line: None, members=200, orders=2000)
    path = Path(config.database_url.removeprefix("sqlite:///"))
    big = path.with_name("big.sqlite3")
    multiply(path, big, TIMES)
    # Each shop writes (sessions, looks) into a file of its own.
    return replace(config, database_url=f"sqlite:///{big}"), config


def _bare() -> Flask:
    app = Flask("bare")
    app.add_url_rule("/", "answer", lambda: "ok")
    return app


@contextmanager
def _served(app: Flask, config: Config) -> Iterator[tuple[int, int]]:
    """A web process of one thread; yields its port and process id."""
    port = free_port("127.0.0.1", 0)
    settle_memory()
    pid = os.fork()
    if pid == 0:
        forget()
        serve_web(app, config, "127.0.0.1", port, threads=1)
        os._exit(0)
    try:
        time.sleep(1)
        yield port, pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextmanager
def _shop(config: Config) -> Iterator[tuple[int, int]]:
    app = create_app(config)
    let_go_of_database()
    with _served(app, config) as (port, pid):
        yield port, pid


@contextmanager
def _inside(config: Config) -> Iterator[Flask]:
    forget()
    app = create_app(config)
    with app.app_context():
        db.connect(reuse_if_open=True)
        yield app
        db.close()


def _browser(app: Flask, person: Member | None) -> dict[str, str]:
    """The headers of a browser that has seen a page before: its cookie holds a CSRF token."""
    assert person is not None
    first = ask(app, "/", {"Cookie": f"session={cookie(app, person)}"})
    kept = first.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": kept}


def _paths(config: Config) -> tuple[dict[str, tuple[str, dict[str, str]]], dict[str, str]]:
    """The measured pages with their headers, and the fragment's ETag."""
    with _inside(config) as app:
        who = people()
        hero = who["member"]
        assert hero is not None
        order = Order.select().where(Order.member == hero).order_by(Order.placed_at.desc()).get()
        member, agent = (_browser(app, person) for person in (hero, who["agent"]))
        card = "/account/cards/orders"
        headers = {**member, "HX-Request": "true"}
        tag = ask(app, card, headers).headers.get("ETag", "")
        pages = {
            "dashboard": ("/", member),
            "dashboard, gzip": ("/", member | GZIP),
            "orders": ("/account/orders", member),
            "one order": (f"/account/orders/{order.number}", member),
            "partial": (card, headers),
            "not modified": (card, {**headers, "If-None-Match": tag}),
            "agent search": ("/staff/search?q=lotte", {**agent, "HX-Request": "true"}),
            "member page, agent": (f"/staff/members/{hero.number}", agent),
        }
    return pages, {"not modified": tag}


def _targets(config: Config, port: int, pid: int, suffix: str = "") -> list[Target]:
    pages, _tags = _paths(config)
    return [
        Target(name + suffix, port, pid, path, headers, 304 if name == "not modified" else 200)
        for name, (path, headers) in pages.items()
    ]


def _statements(config: Config) -> dict[str, int]:
    """SQL statements of each page, session and member included."""
    pages, _tags = _paths(config)
    counts = {}
    with _inside(config) as app:
        for name, (path, headers) in pages.items():
            ask(app, path, headers)  # settings and compiled queries are kept from here
            seen: list[str] = []
            db.connection().set_trace_callback(seen.append)
            ask(app, path, headers)
            db.connection().set_trace_callback(None)
            counts[name] = sum(not s.startswith(("BEGIN", "COMMIT")) for s in seen)
    return counts


def _sizes(config: Config) -> dict[str, int]:
    """Bytes over the wire with gzip: pages, and the files of a first view."""
    pages, _tags = _paths(config)
    sizes = {}
    with _inside(config) as app:
        for name, (path, headers) in pages.items():
            if "gzip" not in name and name != "not modified":
                sizes[name] = len(ask(app, path, headers | GZIP).data)
        asset: Callable[[str], str] = app.jinja_env.globals["asset"]
        names = {"css": "app.css", "js": "app.js", "htmx": "vendor/htmx.min.js"}
        for name, file in {**names, "font": "vendor/figtree.woff2"}.items():
            sizes[name] = len(ask(app, asset(file), GZIP).data)
        sizes["brand"] = len(ask(app, "/brand.css", GZIP).data)
        sizes["first view"] = sizes["dashboard"] + sum(
            sizes[name] for name in ("css", "js", "htmx", "brand")
        )
    return sizes


def _whole_shop(config: Config) -> dict[str, float]:
    """Memory of `portal serve` with its two web processes and worker, and its cold start."""
    port = free_port("127.0.0.1", 0)
    environment = {
        **os.environ,
        "INSTANCE": str(config.instance),
        "DATABASE_URL": config.database_url,
    }
    began = time.perf_counter()
    command = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), "--processes", "2"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    cold = time.perf_counter() - began
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    total = sum(resident(int(pid)) for pid in [process.pid, *children])
    process.send_signal(signal.SIGTERM)
    process.wait(15)
    return {"parent, two web processes, worker": round(total, 1), "cold_start_s": round(cold, 2)}


def _print(found: dict[str, Any]) -> None:
    bare = found["pages"]["bare Flask answer"]["cpu_ms"]
    print(
        f"{found['members']:,} members, {found['orders']:,} orders; SQLite {sqlite3.sqlite_version}"
    )
    print(f"\n{'':34}{'req/s':>8}{'CPU ms':>8}{'of bare':>9}{'p50':>8}{'p99':>8}{'bytes':>8}")
    for name, page in found["pages"].items():
        part = bare / page["cpu_ms"]
        print(
            f"{name:34}{page['requests_per_second']:8.0f}{page['cpu_ms']:8.2f}{part:9.2f}"
            f"{page['p50_ms']:8.1f}{page['p99_ms']:8.1f}{page['bytes']:8}"
        )
    for part in ("statements", "gzip_bytes", "import", "search_p95_ms", "memory_mb"):
        print(f"\n{part.replace('_', ' ')}")
        for name, value in found[part].items():
            print(f"  {name:44}{value:>12,}")
    print(f"\n{'kind of file':34}{'rows/s':>8}{'of raw':>9}{'undo rows/s':>13}")
    for kind, speed in found["kinds"].items():
        print(
            f"{kind:34}{speed['rows_per_second']:8}{speed['of_raw']:9.2f}"
            f"{speed['undo_rows_per_second']:13}"
        )
    print(f"\n{'musts':46}{'found':>10}{'must':>10}")
    for must in found["musts"]:
        word = "" if must["met"] else "  missed"
        print(f"  {must['what']:44}{must['found']:>10}{must['sign'] + str(must['must']):>10}{word}")


if __name__ == "__main__":
    main()
