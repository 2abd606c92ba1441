"""What an import did, in figures that add up: every row is imported, skipped or quarantined."""

from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any

THINGS = ("members", "orders", "lines", "payments", "refunds", "products")
SELDOM = ("payouts", "balance_lines", "points")  # counted where a file is about them
WAYS = ("customer_id", "email", "phone", "order", "new", "none")


def _nothing() -> dict[str, int]:
    return dict.fromkeys(THINGS, 0)


@dataclass(slots=True)
class Tally:
    """Figures of one batch so far. `totals`: by currency, minor units of orders and of refunds.

    `floors` are the highest ids before the batch: what is above them the batch itself made.
    `matched`: people by how they were found (by their order where it stayed as it is); `none` are
    records without any contact. `reading`: how the file's cells are understood.
    `told`: the timelines of members up to this id tell of the batch.
    `beside`: files that a map only looks things up in, their rows and how many of them were named.
    """

    rows: int = 0
    skipped: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # skipped rows by the map's words
    created: dict[str, int] = field(default_factory=_nothing)
    updated: dict[str, int] = field(default_factory=_nothing)
    unchanged: dict[str, int] = field(default_factory=_nothing)
    totals: dict[str, list[int]] = field(default_factory=dict)
    floors: dict[str, int] = field(default_factory=dict)
    matched: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    reading: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, list[int]] = field(default_factory=dict)
    told: int = 0

    def copy(self) -> "Tally":
        """A copy to work on until its transaction is on disk."""
        return deepcopy(self)

    def as_json(self) -> dict[str, Any]:
        """For the batch's row."""
        return asdict(self)

    def made_here(self, thing: str, id_: int) -> bool:
        """Whether this very batch made the member or product."""
        return id_ < 0 or id_ > self.floors.get(thing, 0)

    def skip(self, rows: int, why: str) -> None:
        """Count rows that stay out, blank ones or those of a map's rule."""
        self.skipped += rows
        if why:
            self.reasons[why] = self.reasons.get(why, 0) + rows

    def count(self, what: str, thing: str) -> None:
        """Count one of the things that few files are about; `what`: created, updated, unchanged."""
        figures = getattr(self, what)
        figures[thing] = figures.get(thing, 0) + 1

    def add_total(self, currency: str, orders: int, refunded: int) -> None:
        """Count an order's total and refunds."""
        sums = self.totals.setdefault(currency, [0, 0])
        sums[0] += orders
        sums[1] += refunded
