"""What became of one file, for machines and for the command line."""

from dataclasses import dataclass, field
from typing import Any

from portal.imports.tally import SELDOM, THINGS, Tally
from portal.lib.money import decimal_text

LISTED = 1_000  # quarantined rows in a result; all of them are in the table


@dataclass
class Result:
    """What became of one file."""

    file: str
    kind: str | None = None
    shop: str = "default"
    batch: int | None = None
    tally: Tally = field(default_factory=Tally)
    quarantined: list[tuple[int, str]] = field(default_factory=list)
    error: str = ""
    missing: list[str] = field(default_factory=list)
    nearest: list[tuple[str, list[str]]] = field(default_factory=list)  # kinds, what each lacks
    sheet: str = ""  # the one that was read, of a workbook with several
    resumed: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0: all in; 1: rows were quarantined; 2: refused."""
        if self.error:
            return 2
        return 1 if self.tally.quarantined else 0

    def as_json(self) -> dict[str, Any]:
        """For machines; money as decimal strings."""
        if self.error:
            near = [{"kind": kind, "missing": missing} for kind, missing in self.nearest]
            return {
                "file": self.file,
                "kind": None,
                "error": self.error,
                "missing": self.missing,
                "nearest": near,
            }
        tally = self.tally
        return {
            "file": self.file,
            "kind": self.kind,
            "shop": self.shop,
            **({"sheet": self.sheet} if self.sheet else {}),
            "batch": self.batch,
            "rows": tally.rows,
            "created": _figures(tally.created),
            "updated": _figures(tally.updated),
            "unchanged": _figures(tally.unchanged),
            "skipped": tally.skipped,
            **({"skipped_because": tally.reasons} if tally.reasons else {}),
            **({"looked_up": _beside(tally)} if tally.beside else {}),
            "matched": tally.matched,
            "quarantined_count": tally.quarantined,
            "quarantined": [
                {"line": line, "reason": reason} for line, reason in self.quarantined[:LISTED]
            ],
            "totals": {
                currency: {
                    "orders": decimal_text(orders, currency),
                    "refunded": decimal_text(refunded, currency),
                }
                for currency, (orders, refunded) in sorted(tally.totals.items())
            },
        }


def _beside(tally: Tally) -> dict[str, dict[str, int]]:
    return {file: {"rows": rows, "named": named} for file, (rows, named) in tally.beside.items()}


def _figures(counted: dict[str, int]) -> dict[str, int]:
    seldom = {thing: counted[thing] for thing in SELDOM if counted.get(thing)}
    return {thing: counted[thing] for thing in THINGS} | seldom
