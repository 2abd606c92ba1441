"""Kills a shop at work with SIGKILL, again and again, and looks at what it left.

`python crashes.py points|imports ROUNDS EMPTY.sqlite3 FOLDER` prints what was found wrong as JSON.
One process that forks, since starting Python anew for each of a thousand rounds takes an hour.
"""

import json
import os
import random
import select
import shutil
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from flask import Flask
from killed import tables

from portal import create_app
from portal.config import read_config
from portal.demo.shop import write_demo_shop
from portal.imports.loading import loader
from portal.imports.run import import_file
from portal.lib.db import db
from portal.lib.tokens import new_token
from portal.loyalty.models import Voucher
from portal.loyalty.rules import step
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.ops.verify import problems
from portal.shop.models import change_settings, forget, settings

MEMBERS = 4


def main() -> None:
    """Run the rounds and print what was wrong."""
    what, rounds, empty, folder = sys.argv[1:]
    random.seed(int(os.environ.get("SEED", "7")))
    work = points if what == "points" else imports
    print(json.dumps(work(int(rounds), Path(empty), Path(folder))))


def points(rounds: int, empty: Path, folder: Path) -> dict[str, object]:
    """Vouchers from four threads; whatever was acknowledged must be there after every kill."""
    app = _shop(_copied(empty, folder / "points.sqlite3"))
    with app.app_context():
        db.connect(reuse_if_open=True)
        change_settings(points_per_unit=1, point_worth=1)
        everybody = [Member.make(name=f"Member {n}") for n in range(MEMBERS)]
        for member in everybody:
            adjust(member, 1_000_000, "A present", member)
        db.close()
    promised: set[str] = set()
    wrong: list[str] = []
    for turn in range(rounds):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _redeem_for_ever(app, everybody, writing)
        os.close(writing)
        heard = _listen_then_kill(pid, reading, random.uniform(0.0, 0.15))
        new = set(heard.split())
        promised |= new
        with app.app_context():
            db.connect(reuse_if_open=True)
            # Everything is looked at now and then: after each kill, that alone would take an hour.
            whole = turn % 25 == 24 or turn == rounds - 1
            wrong += problems() if whole else []
            looked_for = Voucher.select(Voucher.code)
            if not whole:
                looked_for = looked_for.order_by(Voucher.id.desc()).limit(len(new) + 100)
            there = {code for (code,) in looked_for.tuples()}
            lost = (promised if whole else new) - there
            wrong += [f"voucher {code} was promised and is gone" for code in lost]
            db.close()
    return {"rounds": rounds, "promised": len(promised), "wrong": wrong}


def _redeem_for_ever(app: Flask, everybody: list[Member], writing: int) -> None:
    def redeem_on(member: Member) -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            while True:
                voucher = redeem(member, step(settings()), new_token())
                os.write(writing, f"{voucher.code}\n".encode())
                adjust(member, step(settings()), "And back", member)

    threads = [threading.Thread(target=redeem_on, args=(member,)) for member in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(1)


def _listen_then_kill(pid: int, reading: int, seconds: float) -> str:
    """What the child acknowledged until it died, `seconds` after its first word."""
    heard, until = b"", None
    while until is None or time.monotonic() < until:
        wait = 20 if until is None else max(0.0, until - time.monotonic())
        ready, _write, _error = select.select([reading], [], [], wait)
        if not ready:
            break
        heard += os.read(reading, 65536)
        until = until or time.monotonic() + seconds
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(reading, 65536):
        heard += more
    os.close(reading)
    # The last line may be cut in the middle.
    return heard.decode().rpartition("\n")[0]


def imports(rounds: int, empty: Path, folder: Path) -> dict[str, object]:
    """An import that is killed at any moment and begun again, until it has been killed often."""
    shop = write_demo_shop(folder, date(2026, 11, 1), members=60, orders=240, products=80)
    loader.ROWS_AT_ONCE = 25
    calm = _copied(empty, folder / "calm.sqlite3")
    began = time.monotonic()
    for file in shop.files:
        _import_in_child(calm, file, None)
    whole = time.monotonic() - began
    expected = tables(calm)
    wrong: list[str] = []
    kills = 0
    while kills < rounds:
        hit = _copied(empty, folder / "hit.sqlite3")
        for file in shop.files:
            while not _import_in_child(hit, file, random.uniform(0, whole / 2)):
                kills += 1
        if tables(hit) != expected:
            wrong.append(f"another result after {kills} kills")
    return {"rounds": kills, "wrong": wrong}


def _import_in_child(database: Path, file: Path, seconds: float | None) -> bool:
    """Import in a process of its own, killed after `seconds`; whether the file is in."""
    pid = os.fork()
    if pid == 0:
        app = _shop(database)
        with app.app_context():
            db.connect(reuse_if_open=True)
            import_file(file)
            db.close()
        os._exit(0)
    if seconds is not None:
        ended = os.pidfd_open(pid)
        select.select([ended], [], [], seconds)
        os.close(ended)
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return _finished(database, file)


def _finished(database: Path, file: Path) -> bool:
    with closing(sqlite3.connect(database)) as asked:
        query = "SELECT finished_at FROM batch WHERE file = ?"
        return any(row[0] for row in asked.execute(query, (file.name,)))


def _shop(database: Path) -> Flask:
    forget()
    return create_app(
        read_config(
            instance=str(database.parent),
            database_url=f"sqlite:///{database}",
            base_url="http://localhost:8000",
            secret_key="k" * 43,
        )
    )


def _copied(source: Path, target: Path) -> Path:
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    shutil.copy(source, target)
    return target


if __name__ == "__main__":
    main()
