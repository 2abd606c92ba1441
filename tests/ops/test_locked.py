"""Another program holds the database: pages come, writes wait a little, then say so calmly."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from serving import portal, served
from visitor import SECRET, Answer, Visitor, enrol

pytestmark = pytest.mark.command

READS = ("/", "/account/orders", "/account/profile", "/account/activity")
TYPED = "Green tea in the “morning”, hojicha after nine"


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """A member of a served shop who came some minutes ago, so that each page wants to note it."""
    portal(tmp_path, "migrate")
    cookie = enrol(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    with served(tmp_path, "--processes", "1", SECRET_KEY=SECRET) as shop:
        # Nobody reads the log in time otherwise, and a full pipe stops whoever writes into it.
        threading.Thread(target=shop.process.stderr.read, daemon=True).start()
        visitor = Visitor(shop, cookie)
        visitor.learn_token("/account/profile")
        with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database, database:
            database.execute("UPDATE session SET seen_at = datetime('now', '-20 minutes')")
        yield visitor
        assert shop.stop() == 0


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Nobody else can write."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("COMMIT")


def write(visitor: Visitor, bio: str = TYPED) -> Answer:
    return visitor.post("/account/profile", name="Ada Lovelace", username="", bio=bio)


def bios(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as asked:
        return [bio for (bio,) in asked.execute("SELECT bio FROM profile")]


def test_a_write_waits_for_a_short_lock_and_is_kept(visitor: Visitor, tmp_path: Path) -> None:
    answers: list[Answer] = []
    writer = threading.Thread(target=lambda: answers.append(write(visitor)))
    with held(tmp_path / "portal.sqlite3"):
        writer.start()
        reads = [visitor.get(path) for path in READS]
        time.sleep(1)
    writer.join()
    assert [read.status for read in reads] == [200] * len(READS)
    assert max(read.seconds for read in reads) < 2
    assert answers[0].status == 303
    assert answers[0].seconds > 1
    assert bios(tmp_path / "portal.sqlite3") == [TYPED]


@pytest.mark.parametrize(
    "seconds",
    [
        7,
        pytest.param(30, marks=pytest.mark.soak),
        pytest.param(120, marks=pytest.mark.soak),
    ],
)
def test_a_long_lock_is_said_calmly_and_nothing_typed_is_lost(
    visitor: Visitor, tmp_path: Path, seconds: int
) -> None:
    database, waits, reads = tmp_path / "portal.sqlite3", [], []
    with held(database):
        until = time.monotonic() + seconds
        first = write(visitor)
        waits.append(first.seconds)
        while time.monotonic() < until:
            reads += [visitor.get(path) for path in READS]
            waits.append(write(visitor).seconds)
    released = time.monotonic()
    while (after := write(visitor)).status != 303:
        assert after.status == 503
    normal = time.monotonic() - released
    slowest = max(read.seconds for read in reads)
    print(
        f"R7: locked for {seconds} s: {len(reads)} pages came, the slowest in {slowest:.2f} s; "
        f"writes were told so after {max(waits):.1f} s at most; normal {normal:.2f} s after"
    )
    assert (first.status, first.headers["Retry-After"]) == (503, "5")
    assert "Busy for a moment" in first.text
    assert "Green tea in the “morning”, hojicha after nine" in first.text
    assert {read.status for read in reads} == {200}
    assert slowest < 2
    assert max(waits) < 6.5
    assert normal < 1.5
    assert bios(database) == [TYPED]


def test_a_locked_shop_is_still_told_to_be_there(visitor: Visitor, tmp_path: Path) -> None:
    with held(tmp_path / "portal.sqlite3"):
        assert visitor.get("/healthz").status == 200
