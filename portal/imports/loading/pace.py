"""How much of a file goes into one transaction: what holds the write lock for a moment only.

While an import writes, SQLite lets nobody else write. So chunks grow and shrink with how long the
last one held the lock, and between two of them others get a turn. Very long rows count for more,
or a chunk of them would fill the memory.
"""

import time

from portal.imports.records import Bad, Nothing, Record
from portal.lib.db import is_sqlite

HELD = 0.1  # seconds that a chunk should hold the lock
REST = 0.025  # seconds of a turn for others: SQLite looks that often whether a lock is free
FIRST, LEAST = 250, 50  # rows of the first chunk, and of the smallest
LONG = 4_000  # characters that count as one row more


def _weight(record: Record) -> int:
    """What a record counts for in a chunk: its rows, and one more for each 4,000 characters."""
    rows = len(record.rows if isinstance(record, Bad) else record.lines_of_file)
    return rows + _characters(record) // LONG


def _characters(record: Record) -> int:
    if isinstance(record, Nothing):
        return 0
    if isinstance(record, Bad):
        return sum(len("".join(row[2])) for row in record.rows)
    return sum(len("".join(cells)) for cells in record.rows)


class Pace:
    """How large the chunk is, and when it is enough; `most` rows is the upper limit.

    Who takes no turns (a dry run writes nothing) takes as much at once as there may be.
    """

    def __init__(self, most: int, *, takes_turns: bool = True) -> None:
        self.most, self.takes_turns = most, takes_turns
        self.limit = min(FIRST, most) if takes_turns else most
        self.size = 0
        self._free_since = 0.0

    @property
    def enough(self) -> bool:
        """Whether the chunk is to be written before anything is added."""
        return self.size >= self.limit

    def add(self, record: Record) -> None:
        """One more record in the chunk."""
        self.size += _weight(record)

    def begin(self) -> None:
        """The next chunk begins, empty."""
        self.size = 0

    def rest(self) -> None:
        """Let others write, unless reading the file took that long anyway."""
        left = self._free_since + REST - time.monotonic()
        if left > 0 and self.takes_turns and is_sqlite():
            time.sleep(left)

    def held(self, seconds: float) -> None:
        """The chunk held the lock that long; the next one is made to fit."""
        self._free_since = time.monotonic()
        fits = self.size * HELD / max(seconds, 0.001)
        if seconds > HELD:
            self.limit = max(int(fits), self.limit // 2, LEAST)
        elif self.enough:  # a chunk that ended early says little of a full one
            self.limit = min(int(fits), self.limit * 2)
        self.limit = min(self.limit, self.most)
