"""A worker that is killed in the middle of an import: the next one goes on, nothing is doubled."""

import os
import signal
from pathlib import Path

import pytest
from factories import make_member
from flask import Flask
from serving import Shop, eventually, portal, served

from portal import create_app
from portal.config import read_config
from portal.imports.models import Batch, QuarantinedRow, Upload
from portal.lib.db import db
from portal.members.models import Session
from portal.ops.verify import problems
from portal.orders.models import Order

pytestmark = pytest.mark.command

ORDERS = 9_000
HEADER = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku\n"  # fmt: skip


def export(count: int) -> bytes:
    """Orders of a third as many people; every thousandth can't come in."""
    rows = [HEADER]
    for number in range(count):
        total = "much" if number % 1000 == 999 else "12.50"
        rows.append(f"#{number},p{number // 3}@example.com,paid,EUR,{total},2026-11-18 09:58:12"
                    f" +0100,1,Tea {number % 90},12.50,TEA-{number % 90}\n")  # fmt: skip
    return "".join(rows).encode()


@pytest.fixture
def page(tmp_path: Path) -> tuple[Flask, str]:
    """The app on the database that is served, and an owner's session in it."""
    assert portal(tmp_path, "migrate").returncode == 0
    app = create_app(read_config(instance=str(tmp_path)))
    with app.app_context():
        db.connect(reuse_if_open=True)
        owner = make_member("Marit De Smet", role="owner", email="marit@shop.example")
        return app, Session.start(owner, device="Firefox on Linux", method="code")


def answers(shop: Shop) -> bool:
    try:
        return shop.get() == 200
    except OSError:
        return False


def killed(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_an_import_goes_on_when_its_worker_is_killed(
    tmp_path: Path, page: tuple[Flask, str]
) -> None:
    app, token = page
    app.config["WTF_CSRF_ENABLED"] = False
    browser, body = app.test_client(), export(ORDERS)
    with browser.session_transaction() as session:
        session.update(_user_id=token, _fresh=True)
    with app.app_context(), served(tmp_path, "--processes", "1") as shop:
        db.connect(reuse_if_open=True)
        announced = browser.post(
            "/staff/imports/uploads", data={"name": "orders.csv", "size": len(body)},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        url = f"/staff/imports/uploads/{announced.json['token']}"
        at = 0
        while at < len(body):
            slice_ = body[at : at + (1 << 20)]
            at = browser.post(f"{url}/slices?at={at}", data=slice_).json["received"]
        assert eventually(lambda: Upload.get().state == "looked", 60)
        assert Order.select().count() == 0
        browser.post(f"{url}/go")
        assert eventually(lambda: Order.select().count() > 0, 60)
        killed(shop.children())
        before = Batch.get()
        assert before.finished_at is None
        assert 0 < before.position < ORDERS
        assert eventually(lambda: answers(shop), 20)
        assert "It is coming in." in browser.get(url).text
        assert eventually(lambda: Upload.get().state == "done", 90)
        done = Batch.get()
        assert (Batch.select().count(), done.position) == (1, ORDERS)
        assert Order.select().count() == ORDERS - 9
        assert QuarantinedRow.select().count() == 9
        assert done.tally["created"]["members"] == ORDERS // 3
        assert problems() == []
        assert list((tmp_path / "uploads").iterdir()) == []
        db.close()
