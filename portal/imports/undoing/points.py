"""Points that a file of them brought, when its import is undone or redone: by further rows."""

from collections.abc import Callable, Iterable, Sequence

from portal.imports.loading.statements import lookup
from portal.imports.undoing.deeds import Decision, Deed
from portal.imports.undoing.notes import Notes
from portal.loyalty.models import LedgerEntry
from portal.loyalty.reversing import book_again, steps_since, take_back


class Points:
    """Entries of the ledger that a batch booked. `again`: they come back."""

    NAME = "ledger_entry"

    def __init__(self, batch_id: int, why: str, *, again: bool = False) -> None:
        self.notes, self.why, self.again = Notes(batch_id), why, again

    def units(self) -> list[int]:
        """The ids of all of them; rows of the ledger never go."""
        return sorted(self.notes.existing(LedgerEntry))

    def decide(self, ids: Sequence[int]) -> Decision:
        """Those that stand are taken back, those that are taken back are booked again."""
        decision, steps = Decision(), steps_since(ids)
        for id_, key, points in sorted(lookup(LedgerEntry, ("id", "key", "available"), "id", ids)):
            if steps[id_] % 2 == self.again:
                decision.deeds.append(Deed(self.NAME, id_, key, points=points))
        return decision

    def do(self, deeds: Sequence[Deed]) -> None:
        """A row against each, or along with it."""
        step: Callable[[Iterable[int], str], None] = book_again if self.again else take_back
        step([deed.row for deed in deeds], self.why)
