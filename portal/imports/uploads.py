"""A file on its way from the owner's browser: taken in slices, looked at, brought in or dropped.

The bytes lie in instance/uploads under a name of their own until the file is in, is dropped, or
nobody came back to it for a week.
"""

import fcntl
import os
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app

from portal.imports.models import Upload
from portal.lib.clock import now
from portal.lib.db import after, write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import new_token
from portal.members.models import Member

SLICE = 1 << 20  # bytes at once
LARGEST = 4 << 30
KEPT = timedelta(days=7)
SPARE = 64 << 20  # bytes of the disk that stay free for the shop itself
OPEN = ("receiving", "looking", "looked", "importing", "refused")
WORKING = ("looking", "importing")


class NoRoom(Refused):
    """The disk is full; what was received before is kept."""

    status = 507


class OutOfStep(Exception):
    """A slice that does not begin where the file ends; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def start(by: Member, name: str, size: int) -> Upload:
    """Make room for a file of `size` bytes; Refused for one that can't be taken."""
    name = " ".join(name.replace("\\", "/").rpartition("/")[2].split())[-255:]
    if not name or not name.isprintable():
        raise Refused(_("The file has no name. Give it one and choose it again."))
    if size <= 0:
        raise Refused(_("“%(name)s” is empty. Export it again.", name=name))
    if size > LARGEST:
        raise Refused(_("“%(name)s” is larger than 4 GB. Export it in parts.", name=name))
    token = new_token()
    _check_room(size)
    try:
        os.close(os.open(_folder() / token, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise _no_room() from error
    with write_tx():
        return Upload.create(token=token, by=by, name=name, size=size)


def take(upload: Upload, at: int, body: bytes) -> int:
    """Append a slice that begins at byte `at`; returns how much is there now.

    The last slice moves the upload on to `looking`. Raises OutOfStep, NoRoom, and Refused for
    more than was announced.
    """
    with _locked(upload) as file:
        received = _received(upload)
        if at != received:
            raise OutOfStep(received)
        if not body or len(body) > SLICE or at + len(body) > upload.size:
            raise Refused(_("More came than the file holds. Reload the page, choose it again."))
        _append(file, at, body)
        there = at + len(body)
        whole = there == upload.size
        with write_tx():
            moved = (
                Upload.update(received=there, state="looking" if whole else "receiving")
                .where(
                    (Upload.id == upload.id)
                    & (Upload.state == "receiving")
                    & (Upload.received == at)
                )
                .execute()
            )
        if not moved:
            raise OutOfStep(_received(upload))
    return there


def look_again(upload: Upload, *, kind: str, shop: str, currency: str, map: str = "") -> None:
    """Have a whole file looked at anew, read as the owner says; Refused while it comes in."""
    with write_tx():
        moved = (
            Upload.update(
                state="looking", kind=kind, shop=shop, currency=currency, map=map, plan={},
                error="", progress=0, beat_at=None,
            )
            .where((Upload.id == upload.id) & Upload.state.in_(("looking", "looked", "refused")))
            .execute()
        )  # fmt: skip
        if not moved:
            raise Refused(_("This file is not waiting any more. Reload the page."))


def go(upload: Upload) -> bool:
    """Say that a file that was looked at shall come in; False where somebody said so before."""
    with write_tx():
        moved = (
            Upload.update(
                state="importing", started_at=now(), beat_at=None, progress=0, error="", batch=None
            )
            .where((Upload.id == upload.id) & (Upload.state == "looked"))
            .execute()
        )
    if not moved and Upload.get_by_id(upload.id).state not in ("importing", "done"):
        raise Refused(_("This file has to be looked at first. Reload the page."))
    return bool(moved)


def cancel(upload: Upload) -> None:
    """Drop a file that has not begun to come in; twice is once."""
    with write_tx():
        moved = (
            Upload.update(state="cancelled", finished_at=now())
            .where(
                (Upload.id == upload.id)
                & Upload.state.in_(("receiving", "looking", "looked", "refused"))
            )
            .execute()
        )
        if moved:
            after(lambda: remove(upload))
        elif Upload.get_by_id(upload.id).state != "cancelled":
            raise Refused(_("This file is coming in already. What it brings can be undone later."))


def remove(upload: Upload) -> None:
    """Take the file away; its row stays."""
    path_of(upload).unlink(missing_ok=True)


def path_of(upload: Upload) -> Path:
    """Where the bytes of an upload lie."""
    return _folder() / upload.token


def forget_old() -> None:
    """Drop files that nobody came back to for a week, and bytes that belong to no open upload."""
    old = now() - KEPT
    waiting = Upload.select().where(
        Upload.state.in_(("receiving", "looked", "refused")) & (Upload.created_at < old)
    )
    for upload in list(waiting):
        with suppress(Refused):
            cancel(upload)
    kept = {row.token for row in Upload.select(Upload.token).where(Upload.state.in_(OPEN))}
    for path in _folder().iterdir():
        left = time.time() - path.lstat().st_mtime > 3600  # not one that begins just now
        if path.name not in kept and left:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = current_app.config["PORTAL"].instance / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _check_room(size: int) -> None:
    if shutil.disk_usage(_folder()).free < size + SPARE:
        raise _no_room()


def _no_room() -> NoRoom:
    return NoRoom(
        _("The disk of the shop’s machine is full. Free some space there, then send the file again;"
          " it goes on where it stopped.")
    )  # fmt: skip


class _locked:
    """The file of an upload, for one sender at a time in all processes."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload

    def __enter__(self) -> IO[bytes]:
        try:
            self.file = path_of(self.upload).open("r+b", buffering=0)
        except OSError:
            raise Refused(_("This file is not kept any more. Choose it again.")) from None
        fcntl.flock(self.file, fcntl.LOCK_EX)
        return self.file

    def __exit__(self, *_problem: object) -> None:
        self.file.close()


def _received(upload: Upload) -> int:
    found = Upload.get_by_id(upload.id)
    if found.state == "cancelled":
        raise Refused(_("This file was removed. Choose it again."))
    return int(found.received)


def _append(file: IO[bytes], at: int, body: bytes) -> None:
    """Write a slice behind what is there, on disk before anybody hears of it."""
    try:
        file.seek(at)
        view = memoryview(body)
        while view:
            view = view[file.write(view) :]
        file.truncate()
        os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            file.truncate(at)
        raise _no_room() from error
