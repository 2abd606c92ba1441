"""One chunk of a file on its way into the database: what all its parts share."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.imports.loading.bulk import Writer
from portal.imports.records import Bad, OrderRecord, PaymentsRecord, PointsRecord
from portal.imports.tally import Tally
from portal.lib.clock import now


def no_sets() -> dict[str, set[int]]:
    """Ids of what a batch met, and of what it changed that was there before."""
    return {
        "members": set(),
        "changed_members": set(),
        "products": set(),
        "changed_products": set(),
    }


@dataclass(slots=True)
class Imagined:
    """What earlier chunks of a dry run would have made."""

    people: dict[tuple[str, str], int] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    products: dict[str, int] = field(default_factory=dict)
    payments: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Work:
    """A chunk's workspace; everything in it happens in one transaction."""

    shop: str
    kind: str
    batch_id: int
    writer: Writer
    tally: Tally
    absent: frozenset[str] = frozenset()
    seed: str = ""
    imagined: Imagined | None = None
    at: datetime = field(default_factory=now)
    met: dict[str, set[int]] = field(default_factory=no_sets)  # by earlier chunks
    newly: dict[str, set[int]] = field(default_factory=no_sets)  # by this one
    touched: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    terms: set[tuple[int, str]] = field(default_factory=set)
    raw: list[tuple[str, str, int, str]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    came_by_email: dict[str, int] = field(default_factory=dict)  # members whom money may wait for
    came_by_id: dict[str, int] = field(default_factory=dict)

    def meet(self, thing: str, id_: int, how: str = "order") -> None:
        """Note that the file names a member or product; `how` it was found."""
        if id_ in self.met[thing]:
            return
        if thing == "members" and id_ not in self.newly[thing]:
            self.tally.matched["new" if self.tally.made_here(thing, id_) else how] += 1
        self.newly[thing].add(id_)

    def change(self, thing: str, id_: int) -> None:
        """Count a member or product as updated: once in a batch, and none that the batch made."""
        key = f"changed_{thing}"
        known = id_ in self.met[key] or id_ in self.newly[key]
        if not known and not self.tally.made_here(thing, id_):
            self.newly[key].add(id_)
            self.tally.updated[thing] += 1

    def put_aside(self, record: OrderRecord | PaymentsRecord | PointsRecord, reason: str) -> None:
        """Quarantine every row of a record."""
        rows = zip(record.lines_of_file, record.rows, strict=False)
        self.bad.append(Bad(record.number, [(line, reason, cells) for line, cells in rows]))
