"""How the shop itself is: room on its disk, and what the check of last night found."""

import os
from dataclasses import dataclass

from flask import current_app

from portal.lib.db import stopped_writing
from portal.shop.models import SelfCheck

FULL = 90  # per cent of the disk: from here on the owner is told


@dataclass(frozen=True)
class Health:
    """What the owner sees of it. `disk` is in per cent, only from FULL on; `left` in megabytes."""

    disk: int | None
    left: int
    stopped: bool
    check: SelfCheck | None

    @property
    def alarm(self) -> bool:
        """Whether the shop stopped keeping things, or soon will."""
        return self.stopped or self.disk is not None


def health() -> Health:
    """The state at this moment."""
    used, left = disk()
    check = SelfCheck.select().order_by(SelfCheck.id.desc()).first()
    return Health(used if used >= FULL else None, left, stopped_writing(), check)


def disk() -> tuple[int, int]:
    """How full the disk of the instance folder is, in per cent, and the megabytes left."""
    room = os.statvfs(current_app.instance_path)
    size, free = room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
    # What only root may fill counts as full, since the shop cannot use it.
    used = round(100 * (1 - free / size)) if size else 0
    return used, free // 1_000_000
