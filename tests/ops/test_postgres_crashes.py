"""PostgreSQL is killed under the shop: what was promised is there, and the shop comes back."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from peewee import DatabaseError, InterfaceError

from portal import create_app
from portal.config import read_config
from portal.lib.db import db
from portal.lib.tokens import new_token
from portal.loyalty.models import Voucher
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.ops.migrate import migrate
from portal.ops.verify import problems
from portal.shop.models import change_settings, forget

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
from postgres import binaries, throw_away_server

pytestmark = [
    pytest.mark.command,
    pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """A shop on a PostgreSQL server of its own, which may be killed."""
    programs = binaries()
    assert programs
    with throw_away_server(programs) as url:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("ALTER ROLE portal SET synchronous_commit = on")  # as it is by default
        config = read_config(instance=str(tmp_path), database_url=url, secret_key="k" * 43)
        app = create_app(config)
        forget()
        with app.app_context():
            db.connect(reuse_if_open=True)
            migrate()
            change_settings(points_per_unit=1, point_worth=1)
            ada = Member.make(name="Ada")
            for _present in range(10):
                adjust(ada, 1_000_000, "A present", ada)
            db.close()
        yield app, url
        forget()
        db.obj.close_all()


class Client(threading.Thread):
    """Asks for vouchers for ever, as requests do: a connection for each, an error now and then."""

    def __init__(self, app: Flask) -> None:
        super().__init__(daemon=True)
        self.app, self.promised, self.failed = app, [], 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            with self.app.app_context():
                try:
                    db.connect(reuse_if_open=True)
                    self.promised.append(redeem(Member.get(), 100, new_token()).code)
                except (DatabaseError, InterfaceError):
                    self.failed += 1
                    time.sleep(0.02)
                finally:
                    if not db.is_closed():
                        db.close()


def _backends(url: str) -> list[int]:
    query = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url) as server:
        return [pid for (pid,) in server.execute(query).fetchall()]


def _kill(url: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(_backends(url)[0], signal.SIGKILL)
            return
        except (psycopg.OperationalError, IndexError, ProcessLookupError):
            time.sleep(0.05)
    raise AssertionError("nobody was there to be killed")


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_no_promised_voucher_is_lost_when_postgresql_is_killed(
    kills: int, shop: tuple[Flask, str]
) -> None:
    """A backend's SIGKILL makes the server end all others and recover from its log."""
    app, url = shop
    clients = [Client(app) for _ in range(4)]
    for client in clients:
        client.start()
    back: list[float] = []
    for _kill_number in range(kills):
        time.sleep(0.3)
        _kill(url)
        killed, before = time.monotonic(), sum(len(client.promised) for client in clients)
        while sum(len(client.promised) for client in clients) <= before + 4:
            assert time.monotonic() - killed < 30, "the shop does not come back"
            time.sleep(0.02)
        back.append(time.monotonic() - killed)
    for client in clients:
        client.over.set()
    for client in clients:
        client.join()
    promised = {code for client in clients for code in client.promised}
    with app.app_context():
        db.connect(reuse_if_open=True)
        there = {voucher.code for voucher in Voucher.select(Voucher.code)}
        wrong = problems()
        db.close()
    print(
        f"R19: PostgreSQL killed {kills} times, {len(promised)} vouchers promised: "
        f"{len(promised - there)} lost, back after {max(back):.1f} s at most"
    )
    assert promised - there == set()
    assert wrong == []
