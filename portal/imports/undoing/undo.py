"""Undo and redo of a batch: a plan first, then part by part, each part one transaction.

`Batch.undo_position` commits with the part that it counts: after a crash the same command goes on,
and two who undo at once take turns. Imports and undos take turns too.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from peewee import fn

from portal.imports import events as _events  # noqa: F401
from portal.imports.loading.loader import take_turn
from portal.imports.models import Batch, RawRow, UndoneRow
from portal.imports.timeline import tell_redone, tell_undone
from portal.imports.undoing.deeds import Decision, Deed
from portal.imports.undoing.notes import Notes
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.persons import Persons
from portal.imports.undoing.points import Points
from portal.imports.undoing.redo import Redo
from portal.imports.undoing.singles import Products, singles
from portal.imports.undoing.wholes import Wholes
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member

AT_ONCE = 500  # orders, or people, in one transaction
LARGE = (
    "orders",
    "order",
    "members",
    "member",
    "product",
    "ledger_entry",
)  # what makes an undo long
Told = Callable[[int, int], None]


class Phase(Protocol):
    """One kind of things that undoing goes through."""

    NAME: str

    def units(self) -> list[int]:
        """Their ids, lowest first."""

    def decide(self, ids: Sequence[int]) -> Decision:
        """What happens to some of them."""

    def do(self, deeds: Sequence[Deed]) -> None:
        """Do it."""


def _phases(batch: Batch, gone: dict[str, set[int]]) -> list[Phase]:
    notes = Notes(batch.id)
    why = _("the import of %(file)s was undone", file=batch.file)
    return [
        Wholes(notes, why),
        *singles(notes, gone),
        Points(batch.id, why),
        Persons(notes, batch.started_at, gone),
        Products(notes, gone),
    ]


def plan(batch: Batch) -> Outcome:
    """What undoing the batch would do at this moment; nothing is written."""
    gone: dict[str, set[int]] = defaultdict(set)
    outcome = Outcome()
    for phase in _phases(batch, gone):
        units = phase.units()
        for start in range(0, len(units), AT_ONCE):
            decision = phase.decide(units[start : start + AT_ONCE])
            outcome.count(decision)
            for deed in decision.deeds:
                _take_away(gone, deed)
    return outcome


def _take_away(gone: dict[str, set[int]], deed: Deed) -> None:
    """Note what would not be there any more, and who or what would be named again.

    `gone`: ids of rows by table, of rows by table and column that would name another, and by
    `held.` and column what would be named.
    """
    for table, rows in deed.removed.items():
        gone[table].update(row["id"] for row in rows)
    for column in ("product_id", "member_id"):
        for table, changes in deed.put_back.items():
            for id_, change in changes.items():
                if column in change:
                    gone[f"{table}.{column}"].add(id_)
                    gone[f"held.{column}"].update({change[column][0]} - {None})
        for rows in deed.returned.values():
            gone[f"held.{column}"].update(row[column] for row in rows if row.get(column))


def look(batch_id: int) -> None:
    """Keep the plan of a large batch for the page that asks."""
    batch = Batch.get_by_id(batch_id)
    ahead = {"plan": plan(batch).as_json(), "planned_at": str(now())} | cut_off(batch)
    with write_tx():
        Batch.update(undo_position=ahead).where(
            (Batch.id == batch_id) & Batch.state.not_in(("undoing", "redoing"))
        ).execute()


def cut_off(batch: Batch) -> dict[str, bool]:
    """The mark of an import that did not come to its end: once it is redone, its file goes on."""
    return {"cut": True} if not batch.finished_at or batch.undo_position.get("cut") else {}


def begin(batch_id: int, by: Member | int | None, *, redo: bool = False) -> None:
    """Note that a batch is being undone (or redone), once; refuses where that makes no sense.

    An import that is not finished ends here, until it is redone. Asking again while it goes on
    changes nothing.
    """
    doing = "redoing" if redo else "undoing"
    with write_tx():
        take_turn()
        batch = Batch.get_by_id(batch_id)
        if batch.state == doing:
            return
        if reason := _against(batch, redo):
            raise Refused(reason)
        last = UndoneRow.select(fn.COALESCE(fn.MAX(UndoneRow.id), 0)).scalar()
        Batch.update(
            state=doing, undo_position={"from": last} | cut_off(batch), undo_tally={}, undone_by=by,
            finished_at=batch.finished_at or now(),
        ).where((Batch.id == batch_id) & (Batch.state == batch.state)).execute()  # fmt: skip


def _against(batch: Batch, redo: bool) -> str:
    if redo and batch.state == "undone":
        return ""
    if redo:
        return _("Only an import that was undone can be redone.")
    if batch.state == "redoing":
        return _("This import is coming back at this moment; wait until it is in.")
    if batch.state == "undone" and not batch.undo_tally.get("kept"):
        return _("This import is undone already.")
    return ""


def undo(batch: Batch, by: Member | None = None, told: Told | None = None) -> Outcome:
    """Undo a batch, or go on with it; `told(done, in all)` hears how far it is.

    Raises Refused for a batch that can't be undone now.
    """
    begin(batch.id, by)
    go_on(batch.id, told)
    return Outcome.from_json(Batch.get_by_id(batch.id).undo_tally)


def redo(batch: Batch, by: Member | None = None, told: Told | None = None) -> Outcome:
    """Bring an undone batch back, as far as nothing contradicts; `kept` says what stays out."""
    begin(batch.id, by, redo=True)
    go_on(batch.id, told)
    return Outcome.from_json(Batch.get_by_id(batch.id).undo_tally)


def go_on(batch_id: int, told: Told | None = None) -> None:
    """Do what is left of an undo or redo that began."""
    run = Run(Batch.get_by_id(batch_id))
    while run.part():
        if told:
            told(run.done, run.in_all)


class Run:
    """One process at work on an undo or redo; others may be too, in turns."""

    def __init__(self, batch: Batch) -> None:
        self.batch_id, self.state = batch.id, batch.state
        self.phases: Sequence[Phase] = []
        if batch.state == "undoing":
            self.phases = _phases(batch, defaultdict(set))
        elif batch.state == "redoing":
            why = _("the import of %(file)s came in again", file=batch.file)
            self.phases = [*Redo(batch.id).phases(), Points(batch.id, why, again=True)]
        self._units: dict[int, list[int]] = {}
        self.done = 0
        # Found before the first transaction begins, so that it is short.
        large = [n for n, phase in enumerate(self.phases) if phase.NAME in LARGE]
        self.in_all = sum(len(self._units_of(number)) for number in large)

    def part(self) -> bool:
        """One transaction's worth; False when all is done."""
        with write_tx():
            take_turn()
            batch = Batch.get_by_id(self.batch_id)
            if batch.state != self.state or not self.phases:
                return False
            number, ids = self._next(batch)
            outcome = Outcome.from_json(batch.undo_tally)
            if ids:
                decision = self.phases[number].decide(ids)
                outcome.count(decision)
                self.phases[number].do(decision.deeds)
                self.done = batch.undo_position.get("done", 0) + len(ids)
                self.in_all = max(batch.undo_position.get("of", self.in_all), self.done)
                place = {"from": batch.undo_position["from"], "phase": number, "after": ids[-1],
                         "done": self.done, "of": self.in_all} | cut_off(batch)  # fmt: skip
                values: dict[str, Any] = {"undo_position": place}
            else:
                values = self._finish(batch)
            values["undo_tally"] = outcome.as_json()
            Batch.update(**values).where(Batch.id == self.batch_id).execute()
        return bool(ids)

    def _units_of(self, number: int) -> list[int]:
        if number not in self._units:
            self._units[number] = self.phases[number].units()
        return self._units[number]

    def _next(self, batch: Batch) -> tuple[int, list[int]]:
        number = batch.undo_position.get("phase", 0)
        after = batch.undo_position.get("after", 0)
        while number < len(self.phases):
            units = self._units_of(number)
            start = bisect_right(units, after)
            if start < len(units):
                return number, units[start : start + AT_ONCE]
            number, after = number + 1, 0
        return number, []

    def _finish(self, batch: Batch) -> dict[str, Any]:
        undone = self.state == "undoing"
        RawRow.update(withdrawn=undone).where(RawRow.batch == batch).execute()
        if undone:
            tell_undone(batch)
        else:
            tell_redone(batch)
            UndoneRow.delete().where(
                (UndoneRow.batch == batch) & (UndoneRow.deed == "instead")
            ).execute()
        cut = cut_off(batch)
        values = {"undone_at": now() if undone else None, "undo_position": cut if undone else {}}
        if undone:
            return values | {"state": "undone"}
        return values | ({"state": "running", "finished_at": None} if cut else {"state": "done"})
