"""The disk is full, or fails: nothing is promised that is not kept, and pages still come."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from arriving import shopify_customers
from serving import portal, served
from visitor import SECRET, Answer, Visitor, enrol

pytestmark = pytest.mark.command

TYPED = "Green tea in the morning"
READS = ("/", "/account/orders", "/account/profile", "/staff")


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of 16 MB, which only root can make."""
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place])
    if made.returncode:
        pytest.skip("Only root can make a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def visited(instance: Path) -> Iterator[Visitor]:
    """The owner, at a served shop in that folder."""
    portal(instance, "migrate")
    cookie = enrol(instance, f"sqlite:///{instance / 'portal.sqlite3'}", role="owner")
    with served(instance, "--processes", "1", SECRET_KEY=SECRET) as shop:
        visitor = Visitor(shop, cookie)
        visitor.learn_token("/account/profile")
        yield visitor


def write(visitor: Visitor, bio: str) -> Answer:
    return visitor.post("/account/profile", name="Ada Lovelace", username="", bio=bio)


def bios(instance: Path) -> list[str]:
    with closing(sqlite3.connect(instance / "portal.sqlite3")) as asked:
        assert asked.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [bio for (bio,) in asked.execute("SELECT bio FROM profile")]


def fill(instance: Path) -> Path:
    """Take all the room that is left."""
    path = instance / "something-big"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def test_a_full_disk_refuses_what_is_new_shows_what_is_there_and_heals(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as instance, visited(instance) as visitor:
        assert write(visitor, "Before").status == 303
        assert "% full" not in visitor.get("/staff").text
        filler = fill(instance)
        answers = [write(visitor, f"{TYPED} {'and more ' * 20}{n}") for n in range(20)]
        full = [answer for answer in answers if answer.status == 503]
        assert {answer.status for answer in answers} <= {303, 503}
        assert full != []
        assert "can’t keep anything new until somebody has looked after its disk" in full[0].text
        assert TYPED in full[0].text
        assert [visitor.get(path).status for path in READS] == [200] * len(READS)
        assert "The disk is 100 % full." in visitor.get("/staff").text
        filler.unlink()
        freed = time.monotonic()
        assert write(visitor, "After").status == 303
        print(f"R10: {len(full)} writes refused, normal {time.monotonic() - freed:.2f} s after")
        assert visitor.shop.stop() == 0
        assert bios(instance) == ["After"]
        assert portal(instance, "verify").stdout == "All is as it must be.\n"


def test_an_import_on_a_full_disk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as instance:
        portal(instance, "migrate")
        export = tmp_path / "customers_export.csv"
        shopify_customers(export, 9000)
        filler = fill(instance)
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - 3_000_000)
        done = portal(instance, "import", str(export))
        assert done.returncode == 1
        assert done.stderr.endswith(
            "The database could not be written (database or disk is full). Nothing is half done: "
            "once there is room, or nobody else holds it, give the same command again.\n"
        )
        filler.unlink()
        again = portal(instance, "import", str(export))
        assert "put aside: 1 row" in again.stdout
        with closing(sqlite3.connect(instance / "portal.sqlite3")) as asked:
            assert asked.execute("SELECT COUNT(*) FROM member").fetchone() == (9000,)
            assert asked.execute("SELECT COUNT(*) FROM batch").fetchone() == (1,)
        assert portal(instance, "verify").stdout == "All is as it must be.\n"


@contextmanager
def failing_to_sync(pids: list[int]) -> Iterator[None]:
    """The disk says EIO whenever one of the processes wants to be sure."""
    strace = shutil.which("strace")
    assert strace, "These tests need strace: apt-get install strace"
    which = [f"--attach={pid}" for pid in pids]
    spoil = "--inject=fdatasync,fsync:error=EIO"
    command = [strace, "-f", "-qq", "-o", os.devnull, "--trace=fdatasync,fsync", spoil, *which]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        until = time.monotonic() + 10
        while not all(_traced(pid) for pid in pids) and time.monotonic() < until:
            time.sleep(0.02)
        yield
        tracer.send_signal(signal.SIGTERM)


def _traced(pid: int) -> bool:
    return "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text()


def test_what_the_disk_did_not_take_is_not_acknowledged_and_writing_stops(tmp_path: Path) -> None:
    with visited(tmp_path) as visitor:
        assert write(visitor, "Before").status == 303
        web = visitor.shop.children()[0]
        with failing_to_sync([web]):
            failed = write(visitor, TYPED)
        assert failed.status == 503
        assert TYPED in failed.text
        # The disk answers again, but what it lost meanwhile is known to nobody.
        assert write(visitor, "Later").status == 503
        assert [visitor.get(path).status for path in READS] == [200] * len(READS)
        assert "Nothing new is kept" in visitor.get("/staff").text
        visitor.shop.process.send_signal(signal.SIGTERM)
        assert visitor.shop.process.wait(timeout=15) == 0
    # What was refused may have reached the disk or not; what came after it has not.
    assert bios(tmp_path) in (["Before"], [TYPED])
    with served(tmp_path, "--processes", "1", SECRET_KEY=SECRET) as shop:
        again = Visitor(shop, visitor.cookie)
        again.learn_token("/account/profile")
        assert write(again, "After").status == 303
    assert bios(tmp_path) == ["After"]
