"""Files in slices: nothing lost, nothing doubled; then looked at and brought in."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from exports import order
from factories import make_member
from flask import Flask

from portal.imports import jobs, uploads
from portal.imports.corrections import correct, waiting
from portal.imports.maps.suggest import fingerprint
from portal.imports.models import Batch, SavedMap, Upload
from portal.imports.run import import_file
from portal.imports.uploads import NoRoom, OutOfStep
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import Member
from portal.orders.models import Order

Written = Callable[..., Path]


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_member("Marit De Smet", role="owner", email="marit@shop.example")


def received(owner: Member, path: Path, name: str = "orders.csv") -> Upload:
    """A file that came in slices of 100 bytes."""
    body = path.read_bytes()
    upload = uploads.start(owner, name, len(body))
    for at in range(0, len(body), 100):
        uploads.take(upload, at, body[at : at + 100])
    return Upload.get_by_id(upload.id)


def fresh(upload: Upload) -> Upload:
    return Upload.get_by_id(upload.id)


def looked(owner: Member, path: Path, name: str = "orders.csv") -> Upload:
    upload = received(owner, path, name)
    jobs.go_on.call_local()
    return fresh(upload)


def test_slices_make_the_file_that_was_sent(owner: Member, written: Written) -> None:
    path = written(*(order(str(n)) for n in range(1001, 1011)))
    upload = received(owner, path)
    kept = uploads.path_of(upload)
    assert kept.read_bytes() == path.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (upload.state, upload.received) == ("looking", upload.size)


def test_a_slice_that_begins_elsewhere_changes_nothing(owner: Member) -> None:
    upload = uploads.start(owner, "a.csv", 10)
    assert uploads.take(upload, 0, b"1234") == 4
    for at in (0, 3, 5, -1):
        with pytest.raises(OutOfStep) as problem:
            uploads.take(upload, at, b"xx")
        assert problem.value.received == 4
    with pytest.raises(Refused):
        uploads.take(upload, 4, b"1234567")
    assert uploads.take(upload, 4, b"567890") == 10
    assert uploads.path_of(upload).read_bytes() == b"1234567890"


def test_bytes_written_before_a_crash_are_written_over(owner: Member) -> None:
    upload = uploads.start(owner, "a.csv", 8)
    uploads.take(upload, 0, b"1234")
    with uploads.path_of(upload).open("ab") as file:  # it died before the row said so
        file.write(b"XXXXXXXXXX")
    uploads.take(upload, 4, b"5678")
    assert uploads.path_of(upload).read_bytes() == b"12345678"


def test_two_tabs_that_send_the_same_file_at_once_do_not_spoil_it(
    owner: Member, tmp_path: Path, app: Flask
) -> None:
    body = os.urandom(64 * 40)
    upload = uploads.start(owner, "a.csv", len(body))
    barrier = threading.Barrier(4)

    def send() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            barrier.wait()
            at = 0
            while at < len(body):
                try:
                    at = uploads.take(upload, at, body[at : at + 64])
                except OutOfStep as elsewhere:
                    at = elsewhere.received
            db.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert uploads.path_of(upload).read_bytes() == body
    assert fresh(upload).received == len(body)


def test_a_full_disk_is_told_and_loses_nothing(owner: Member) -> None:
    upload = uploads.start(owner, "a.csv", 8)
    uploads.take(upload, 0, b"1234")
    path = uploads.path_of(upload)
    kept = path.with_suffix(".kept")
    path.rename(kept)
    path.symlink_to("/dev/full")  # the kernel's own full disk
    with pytest.raises(NoRoom) as problem:
        uploads.take(upload, 4, b"5678")
    assert "disk" in problem.value.sentence
    path.unlink()
    kept.rename(path)
    assert fresh(upload).received == 4
    assert uploads.take(upload, 4, b"5678") == 8
    assert path.read_bytes() == b"12345678"


@pytest.mark.parametrize(
    ("name", "size"), [("", 5), ("a.csv", 0), ("a.csv", 5 << 30), ("\x07.csv", 5)]
)
def test_what_is_no_file_is_refused_at_once(owner: Member, name: str, size: int) -> None:
    with pytest.raises(Refused):
        uploads.start(owner, name, size)
    assert Upload.select().count() == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\shop\\passwd", "/etc/passwd"])
def test_a_name_is_only_a_name(owner: Member, name: str) -> None:
    upload = uploads.start(owner, name, 5)
    assert upload.name == "passwd"
    assert uploads.path_of(upload).name == upload.token


def test_a_look_writes_nothing_and_says_what_would_happen(owner: Member, written: Written) -> None:
    rows = [order("1001"), order("1002", email="b@example.com"), order("1003", total="x"),
            order("1004", email="")]  # fmt: skip
    upload = looked(owner, written(*rows))
    assert (upload.state, upload.kind, upload.error) == ("looked", "shopify-orders", "")
    assert upload.plan["created"]["orders"] == 3
    assert upload.plan["quarantined"] == [
        {"line": 4, "reason": "“Total” holds “x”, which is not an amount."}
    ]
    assert upload.plan["sums"] == {"EUR": [7350, 0]}
    assert {k: v for k, v in upload.plan["matched"].items() if v} == {"new": 2, "none": 1}
    assert Order.select().count() == Batch.select().count() == 0


def test_people_are_counted_by_how_they_were_found(owner: Member, written: Written) -> None:
    make_member("Ana Pérez", email="ana@example.com")
    rows = [order("1001"), order("1002"), order("1003", email="new@example.com")]
    upload = looked(owner, written(*rows))
    assert {k: v for k, v in upload.plan["matched"].items() if v} == {"email": 1, "new": 1}
    uploads.go(upload)
    jobs.go_on.call_local()
    again = looked(owner, written(*rows))
    assert {k: v for k, v in again.plan["matched"].items() if v} == {"order": 2}


def test_what_fits_no_kind_is_refused_with_what_it_lacks(owner: Member, tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    path.write_text("Customer,Kettles\nAna,3\n")
    upload = looked(owner, path)
    assert upload.state == "refused"
    assert upload.error
    assert upload.plan["missing"]
    with pytest.raises(Refused):
        uploads.go(upload)


def test_a_file_like_one_that_was_mapped_before_is_read_with_its_map(
    owner: Member, tmp_path: Path
) -> None:
    path = tmp_path / "till.csv"
    path.write_text("Bon,Am,Kunde,Summe\n77,2026-11-18 10:00,ana@example.com,12.50\n")
    first = looked(owner, path)
    assert first.state == "refused"
    text = """kind = "orders"
currency = "EUR"
timezone = "Europe/Brussels"

[fields]
number = "Bon"
placed_at = "Am"
email = "Kunde"
total = "Summe"
"""
    uploads.look_again(first, kind="mapped-orders", shop="default", currency="", map=text)
    jobs.go_on.call_local()
    assert (fresh(first).state, fresh(first).error) == ("looked", "")
    with write_tx():
        SavedMap.create(fingerprint=fingerprint(["Bon", "Am", "Kunde", "Summe"]), name="till",
                        toml=text)  # fmt: skip
    second = looked(owner, path)
    assert (second.state, second.kind, second.map) == ("looked", "mapped-orders", text)
    uploads.go(second)
    jobs.go_on.call_local()
    assert (Order.get().number, Order.get().total) == ("77", 1250)


def test_a_row_of_a_mapped_file_is_put_right(owner: Member, tmp_path: Path) -> None:
    path = tmp_path / "till.csv"
    path.write_text("Bon,Am,Kunde,Summe\n77,2026-11-18 10:00,ana@example.com,viel\n")
    text = """kind = "orders"
currency = "EUR"
timezone = "Europe/Brussels"

[fields]
number = "Bon"
placed_at = "Am"
email = "Kunde"
total = "Summe"
"""
    batch = Batch.get_by_id(import_file(path, map_text=text).batch)
    row = waiting(batch, 2)[0]
    assert "viel" in correct(batch, 2, {row.id: {3: "so viel"}}, owner).reason
    assert correct(batch, 2, {row.id: {3: "12.50"}}, owner).rows == 1
    assert Order.get().total == 1250
    path.write_text(path.read_text().replace("viel", "12.50"))
    again = import_file(path, map_text=text)
    assert again.tally.created["orders"] == again.tally.updated["orders"] == 0


def test_the_owner_says_what_a_file_is(owner: Member, written: Written) -> None:
    upload = looked(owner, written(order("1001", currency="")))
    assert upload.plan["sums"] == {"EUR": [2450, 0]}
    uploads.look_again(upload, kind="shopify-orders", shop="outlet", currency="GBP")
    jobs.go_on.call_local()
    assert fresh(upload).plan["sums"] == {"GBP": [2450, 0]}
    uploads.go(fresh(upload))
    jobs.go_on.call_local()
    made = Order.get()
    assert (made.shop, made.currency) == ("outlet", "GBP")


def test_a_yes_brings_it_in_once_and_the_file_goes(owner: Member, written: Written) -> None:
    upload = looked(owner, written(order("1001")), "Orders of May.csv")
    assert [uploads.go(upload), uploads.go(upload)] == [True, False]
    jobs.go_on.call_local()
    jobs.go_on.call_local()
    done = fresh(upload)
    assert (done.state, done.batch.file, done.batch.by_id) == (
        "done", "Orders of May.csv", owner.id,
    )  # fmt: skip
    assert Batch.select().count() == Order.select().count() == 1
    assert not uploads.path_of(upload).exists()
    assert Mail.select().count() == 0


def test_an_import_that_took_long_is_told_by_one_mail(owner: Member, written: Written) -> None:
    upload = looked(owner, written(order("1001"), order("1002", total="x")), "May.csv")
    uploads.go(upload)
    with write_tx():
        Upload.update(started_at=now() - timedelta(minutes=3)).execute()
    jobs.go_on.call_local()
    jobs.go_on.call_local()
    mail = Mail.get()
    assert (Mail.select().count(), mail.to, mail.subject) == (
        1, "marit@shop.example", "May.csv is in",
    )  # fmt: skip
    assert "because you brought a file into Fern & Kettle" in mail.text
    assert f"/staff/imports/{fresh(upload).batch_id}" in mail.text
    assert "One row was put aside" in mail.text


def test_a_worker_that_died_after_the_last_row_makes_no_second_batch(
    owner: Member, written: Written
) -> None:
    upload = looked(owner, written(order("1001")))
    uploads.go(upload)
    jobs.go_on.call_local()
    with write_tx():  # as if it died between the batch's end and the upload's
        Upload.update(state="importing", beat_at=now() - timedelta(minutes=5)).execute()
    jobs.go_on.call_local()
    assert (fresh(upload).state, Batch.select().count()) == ("done", 1)


def test_work_that_another_worker_is_at_is_left_alone(owner: Member, written: Written) -> None:
    upload = received(owner, written(order("1001")))
    with write_tx():
        Upload.update(beat_at=now() - timedelta(seconds=5)).execute()
    jobs.go_on.call_local()
    assert fresh(upload).state == "looking"
    with write_tx():
        Upload.update(beat_at=now() - timedelta(minutes=1)).execute()
    jobs.go_on.call_local()
    assert fresh(upload).state == "looked"


def test_several_files_are_worked_on_one_after_the_other(owner: Member, written: Written) -> None:
    waiting = [received(owner, written(order(str(n)))) for n in (1001, 1002, 1003)]
    jobs.go_on()
    assert run_waiting() >= 1
    assert {fresh(upload).state for upload in waiting} == {"looked"}


def test_a_file_taken_away_while_it_is_read_stays_away(
    owner: Member, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = received(owner, written(order("1001")))
    read = jobs.import_file

    def slow(*args: Any, **options: Any) -> Any:
        result = read(*args, **options)
        uploads.cancel(upload)
        return result

    monkeypatch.setattr(jobs, "import_file", slow)
    jobs.go_on.call_local()
    assert (fresh(upload).state, uploads.path_of(upload).exists()) == ("cancelled", False)
    uploads.cancel(upload)  # twice is once


def test_a_file_that_comes_in_is_not_taken_away(owner: Member, written: Written) -> None:
    upload = looked(owner, written(order("1001")))
    uploads.go(upload)
    with pytest.raises(Refused):
        uploads.cancel(upload)


def test_a_week_later_nobody_keeps_the_file(owner: Member, written: Written) -> None:
    old, young = looked(owner, written(order("1001"))), looked(owner, written(order("1002")))
    with write_tx():
        Upload.update(created_at=now() - timedelta(days=8)).where(Upload.id == old.id).execute()
    orphan = uploads.path_of(old).with_name("orphan")
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))
    uploads.forget_old()
    assert [fresh(old).state, fresh(young).state] == ["cancelled", "looked"]
    assert [path.name for path in orphan.parent.iterdir()] == [young.token]
