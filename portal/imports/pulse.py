"""The sign of life of whoever works on an upload, so that nobody else takes it up meanwhile."""

import logging
import threading
from typing import Any

from peewee import OperationalError

from portal.imports.models import Upload
from portal.lib.clock import now
from portal.lib.db import db, write_tx

log = logging.getLogger("portal.imports")

BEAT = 1.0  # seconds between two signs of life


class Overtaken(Exception):
    """The upload was cancelled, or another worker took it up."""


class Pulse:
    """Says every second that the work on an upload goes on, and how far it is."""

    def __init__(self, upload: Upload) -> None:
        self.upload, self.at, self.done = upload, upload.beat_at, 0
        self.lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._stop.set()
        self._thread.join()

    def told(self, done: int, _size: int) -> None:
        """Note how many bytes are read; raises Overtaken when the work is not ours any more."""
        self.done = done
        if self.lost:
            raise Overtaken

    def mine(self) -> Any:
        """The condition under which the upload is still ours to change."""
        return (
            (Upload.id == self.upload.id)
            & (Upload.state == self.upload.state)
            & (Upload.beat_at == self.at)
        )

    def _run(self) -> None:
        db.connect(reuse_if_open=True)
        try:
            while not self._stop.wait(BEAT) and not self.lost:
                self._beat()
        finally:
            db.close()

    def _beat(self) -> None:
        at = now()
        try:
            with write_tx():
                moved = Upload.update(beat_at=at, progress=self.done).where(self.mine()).execute()
        except OperationalError as busy:
            log.warning("no sign of life from upload %s: %s", self.upload.id, busy)
            return
        if moved:
            self.at = at
        else:
            self.lost = True
