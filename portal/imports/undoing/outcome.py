"""What undoing an import does, or did, in figures: shown before, and kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from portal.imports.loading.statements import lookup
from portal.imports.undoing.deeds import Decision
from portal.imports.undoing.stays import Tallied
from portal.loyalty.models import PointsLot


@dataclass
class Outcome:
    """What undoing does, or did, in figures. `removed` and `returned` count rows by table."""

    removed: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    put_back: Counter[str] = field(default_factory=Counter)  # things that were there before
    emptied: int = 0  # people whom only history names
    points: int = 0
    totals: Counter[str] = field(default_factory=Counter)  # orders that go, by currency
    kept: Tallied = field(default_factory=Tallied)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Outcome":
        """From `Batch.undo_tally`."""
        return cls(
            Counter(data.get("removed", {})),
            Counter(data.get("returned", {})),
            Counter(data.get("put_back", {})),
            data.get("emptied", 0),
            data.get("points", 0),
            Counter(data.get("totals", {})),
            Tallied(data.get("kept", [])),
        )

    def as_json(self) -> dict[str, Any]:
        """For `Batch.undo_tally`."""
        return {
            "removed": dict(self.removed),
            "returned": dict(self.returned),
            "put_back": dict(self.put_back),
            "emptied": self.emptied,
            "points": self.points,
            "totals": dict(self.totals),
            "kept": self.kept.as_json(),
        }

    def count(self, decision: Decision) -> None:
        """Add what was decided for some things."""
        self.kept.add(decision.stays)
        lots: list[int] = []
        for deed in decision.deeds:
            self.emptied += deed.emptied
            self.put_back[deed.table] += deed.kind == "put_back" and not deed.points
            self.points += deed.points
            for table, rows in deed.removed.items():
                self.removed[table] += len(rows)
            for table, rows in deed.returned.items():
                self.returned[table] += len(rows)
            for row in deed.removed.get("order", ()):
                self.totals[row["currency"]] += row["total"]
            lots += [lot for lot, _order in deed.lots]
        self.points += sum(row[0] for row in lookup(PointsLot, ("points",), "id", lots))
