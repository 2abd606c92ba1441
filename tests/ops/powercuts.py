"""Cuts the power of a shop at work, again and again, and looks at what was on its disk.

`python powercuts.py points|imports CUTS EMPTY.sqlite3 FOLDER [blind]` records the system calls of
one run with strace, cuts it at CUTS random moments and prints what was found wrong, as JSON.
"""

import json
import os
import random
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from arriving import write
from crashes import _copied, _shop
from cuts import TRACED, Disk, Stroke, recorded
from killed import child, tables
from strokes import traced
from sweeps import finished, importing

from portal.lib.db import db
from portal.lib.tokens import new_token
from portal.loyalty.rules import step
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.shop.models import change_settings, settings

DEEDS = 60
PAGES = 40  # of the log before they are moved into the database: often, so that it is cut too
PROMISES = "promises"
SUMS = """
SELECT a.member_id FROM points_account a WHERE
  a.balance <> (SELECT SUM(available) FROM ledger_entry e WHERE e.member_id = a.member_id)
  OR a.balance <> (SELECT SUM(remaining) FROM points_lot l WHERE l.member_id = a.member_id)
"""


def main() -> None:
    """Record, cut, look, print."""
    what, cuts, empty, folder, *how = sys.argv[1:]
    place = Path(folder)
    database = _copied(Path(empty), place / "shop.sqlite3")
    prepare, work, look = _points(database) if what == "points" else _imports(database)
    assert child(prepare) == 0
    before = {database.name: database.read_bytes(), PROMISES: b""}
    strokes = _record(work, database)
    wrong = _cut(strokes, before, int(cuts), place / "cut", look, blind=bool(how))
    print(json.dumps({"strokes": len(strokes), "cuts": int(cuts), "wrong": wrong}))


def _record(work: Callable[[], object], database: Path) -> list[Stroke]:
    names = [database.name, f"{database.name}-wal", PROMISES]
    log = database.with_name("log")
    where = [f"--trace-path={database.with_name(name)}" for name in names]
    assert traced(work, log, f"--trace={TRACED}", "-xx", "-s", "70000", *where) == 0
    return recorded(log, set(names))


def _cut(
    strokes: list[Stroke],
    before: dict[str, bytes],
    cuts: int,
    place: Path,
    look: Callable[[Path, set[str]], list[str]],
    *,
    blind: bool,
) -> list[str]:
    chance = random.Random(int(os.environ.get("SEED", "7")))
    where = sorted(chance.randrange(1, len(strokes) + 1) for _ in range(cuts))
    disk, promised, wrong, done = Disk(before, blind=blind), b"", [], 0
    place.mkdir(exist_ok=True)
    for moment in where:
        for stroke in strokes[done:moment]:
            if stroke.file == PROMISES:
                promised += stroke.data
            else:
                disk.take(stroke)
        done = moment
        found = disk.cut(chance)
        for old in place.iterdir():
            old.unlink()
        for name, content in found.items():
            (place / name).write_bytes(content)
        there = look(place / "shop.sqlite3", set(promised.decode().split()))
        wrong += [f"cut after {moment} strokes: {sentence}" for sentence in there]
    return wrong


def _sound(database: Path) -> list[str]:
    """What SQLite and the sums say; the write-ahead log is read as after any restart."""
    try:
        with closing(sqlite3.connect(database)) as asked:
            found = [str(row) for row in asked.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"orphan {row}" for row in asked.execute("PRAGMA foreign_key_check")]
            return found + [f"the points of {row} are off" for row in asked.execute(SUMS)]
    except sqlite3.DatabaseError as error:
        return [f"unreadable: {error}"]


def _points(database: Path) -> tuple[Callable, Callable, Callable]:
    """Vouchers, each promised once it is committed."""

    def prepare() -> None:
        with _shop(database).app_context():
            change_settings(points_per_unit=1, point_worth=1)
            member = Member.make(name="Ada")
            adjust(member, 1_000_000, "A present", member)
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()

    def work() -> None:
        promises = os.open(database.with_name(PROMISES), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for _session in range(2):  # closed and opened again, since that removes the log
            with _shop(database).app_context():
                db.connect(reuse_if_open=True)
                db.execute_sql(f"PRAGMA wal_autocheckpoint = {PAGES}")
                member = Member.get()
                for _deed in range(DEEDS // 2):
                    voucher = redeem(member, step(settings()), new_token())
                    os.write(promises, f"{voucher.code}\n".encode())
                db.close()

    def look(found: Path, promised: set[str]) -> list[str]:
        wrong = _sound(found)
        if wrong:
            return wrong
        with closing(sqlite3.connect(found)) as asked:
            there = {code for (code,) in asked.execute("SELECT code FROM voucher")}
        return [f"voucher {code} was promised and is gone" for code in promised - there]

    return prepare, work, look


def _imports(database: Path) -> tuple[Callable, Callable, Callable]:
    """An import that goes on after the cut, to the tables of one that was never cut."""
    file = str(write(database.parent, "shopify-orders", 12))
    calm = _copied(database, database.with_name("calm.sqlite3"))
    assert child(importing(calm, file)) == 0
    expected = tables(calm)

    def look(found: Path, _promised: set[str]) -> list[str]:
        wrong = _sound(found)
        if wrong:
            return wrong
        if not finished(found, file) and child(importing(found, file)) != 0:
            return ["the import does not go on"]
        return [] if tables(found) == expected else ["the import comes to another end"]

    return (lambda: None), importing(database, file), look


if __name__ == "__main__":
    main()
