"""Slow work: jobs wait in the shop's own database, so a rolled-back deed leaves no job behind."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huey import crontab
from huey.api import Huey
from huey.contrib.sql_huey import SqlStorage
from peewee import CharField, CompositeKey, IntegrityError

from portal.lib.clock import now
from portal.lib.db import Base, db, write_tx

log = logging.getLogger("portal.jobs")


class _SharedHuey(Huey):
    """Huey on the app's own database, which is known only once the app is configured."""

    def create_storage(self) -> None:
        return None

    def attach(self, database: Any) -> None:
        """Keep the tasks in `database`; its tables are made by the migrations."""
        self.storage = SqlStorage(self.name, database=database, create_tables=False)


huey = _SharedHuey("portal", results=False)
job = huey.task
_slots: list[tuple[str, Callable[[], object]]] = []


class JobSlot(Base):
    """A periodic job and the minute it ran for: unique, so that two workers run it once."""

    job = CharField(max_length=80)
    slot = CharField(max_length=16)

    class Meta:
        primary_key = CompositeKey("job", "slot")


def periodic(
    name: str, minute: str = "*", hour: str = "*"
) -> Callable[[Callable[[], object]], object]:
    """Run a function at the crontab minutes, once whatever the number of workers and restarts."""

    def wrap(work: Callable[[], object]) -> object:
        def once() -> None:
            if _take_slot(name):
                work()

        _slots.append((name, work))
        return huey.periodic_task(crontab(minute=minute, hour=hour), name=name)(once)

    return wrap


def _take_slot(name: str) -> bool:
    slot = now().strftime("%Y-%m-%dT%H:%M")
    try:
        with write_tx():
            JobSlot.insert(job=name, slot=slot).execute()
            old = (now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
            JobSlot.delete().where((JobSlot.job == name) & (JobSlot.slot < old)).execute()
    except IntegrityError:
        return False
    return True


def run_waiting() -> int:
    """Run what is due now in this process (tests, and the command line); returns how many ran."""
    count = 0
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
        count += 1
    return count


def tables() -> list[Any]:
    """Huey's own models, for the migrations and their test."""
    storage = SqlStorage("portal", database=db.obj, create_tables=False)
    return [storage.KV, storage.Schedule, storage.Task, storage.Counter]
