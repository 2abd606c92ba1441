"""The points of some members, opened together: read in sets, changed in memory, written in sets.

Three numbers of an account always follow from its lots. `pending` is the sum of the lots that wait
for their return window; `balance` is what remains in the others; `owed` is what a refund could not
take back, and it is above zero only where the balance is zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Field, OperationalError

from portal.lib.db import is_sqlite
from portal.lib.text import _
from portal.loyalty.bulk import among, chunks, insert_rows, set_where_unchanged, update_rows
from portal.loyalty.models import LedgerEntry, PointsAccount, PointsLot
from portal.members.models import Member

_LOT = (
    PointsLot.member, PointsLot.order, PointsLot.points, PointsLot.remaining, PointsLot.rate,
    PointsLot.earned_at, PointsLot.available_at, PointsLot.matured_at, PointsLot.changes,
)  # fmt: skip
_STATE = (
    PointsLot.points, PointsLot.remaining, PointsLot.available_at, PointsLot.matured_at,
    PointsLot.changes,
)  # fmt: skip
_ENTRY = (
    LedgerEntry.member, LedgerEntry.key, LedgerEntry.kind, LedgerEntry.available,
    LedgerEntry.pending, LedgerEntry.owed, LedgerEntry.lot, LedgerEntry.order_id, LedgerEntry.why,
    LedgerEntry.at,
)  # fmt: skip
_HELD = (PointsAccount.balance, PointsAccount.pending, PointsAccount.owed)


@dataclass(slots=True, eq=False)
class Lot:
    """A row of PointsLot in memory; `id` is None until it is written."""

    id: int | None
    member_id: int
    order_id: int | None
    points: int
    remaining: int
    rate: int
    earned_at: datetime
    available_at: datetime
    matured_at: datetime | None
    changes: int = 0
    touched: bool = False


@dataclass(slots=True)
class Purse:
    """One member's account: what it held when it was opened, and what has changed since."""

    member_id: int
    balance: int
    pending: int
    owed: int
    opened: tuple[int, int, int]
    lots: list[Lot] = field(default_factory=list)  # with points left, oldest first, once loaded

    @property
    def holds(self) -> tuple[int, int, int]:
        """Balance, pending and owed."""
        return self.balance, self.pending, self.owed


@dataclass(slots=True)
class _Entry:
    lot: Lot | None
    values: list[Any]  # in the order of _ENTRY; key and lot are filled when lots have ids


class Books:
    """Open accounts inside a transaction; nothing reaches the database before `write()`."""

    def __init__(self, member_ids: Iterable[int]) -> None:
        self.members = sorted(set(member_ids))
        self._lots: dict[int, Lot] = {}
        self._new: list[Lot] = []
        self._entries: list[_Entry] = []
        self.purses: dict[int, Purse] = {}
        for some in chunks(self.members):
            self._open(some)

    def _open(self, members: list[int]) -> None:
        if not is_sqlite():  # SQLite has one writer; elsewhere the member's row is the lock
            query = Member.select(Member.id).where(among(Member.id, members)).order_by(Member.id)
            list(query.for_update("FOR NO KEY UPDATE").tuples())
        rows = PointsAccount.select(PointsAccount.member_id, *_HELD)
        for row in rows.where(among(PointsAccount.member, members)).tuples():
            member_id, balance, pending, owed = row
            held = (balance, pending, owed)
            self.purses[member_id] = Purse(member_id, balance, pending, owed, held)
        missing = [member_id for member_id in members if member_id not in self.purses]
        insert_rows(PointsAccount, (PointsAccount.member, *_HELD), [(m, 0, 0, 0) for m in missing])
        self.purses.update({m: Purse(m, 0, 0, 0, (0, 0, 0)) for m in missing})

    def lots_where(self, *where: Any) -> list[Lot]:
        """Stored lots, each one object however often it is asked for."""
        query = PointsLot.select(PointsLot.id, *_LOT).where(*where)
        found = []
        for row in query.order_by(PointsLot.earned_at, PointsLot.id).tuples():
            lot = self._lots.get(row[0])
            if lot is None:
                lot = self._lots[row[0]] = Lot(*row)
            found.append(lot)
        return found

    def load_spendable(self, member_ids: Iterable[int]) -> None:
        """Fetch the lots that still hold points, for purses that points will be taken from."""
        for some in chunks(member_ids):
            for lot in self.lots_where(among(PointsLot.member, some), PointsLot.remaining > 0):
                self.purses[lot.member_id].lots.append(lot)
        for lot in self._new:
            if lot.remaining:
                self.purses[lot.member_id].lots.append(lot)

    def new_lot(self, order_id: int, **values: Any) -> Lot:
        """A lot for an order, without points yet."""
        lot = Lot(None, order_id=order_id, points=0, remaining=0, **values)
        self._new.append(lot)
        return lot

    def gift_lot(self, member_id: int, at: datetime) -> Lot:
        """A lot that no order stands behind, without points yet."""
        lot = Lot(None, member_id, None, 0, 0, 0, at, at, at)
        lot.id = PointsLot.insert(
            member=member_id, points=0, earned_at=at, available_at=at, matured_at=at
        ).execute()
        self._lots[lot.id] = lot
        return lot

    def await_points(self, lot: Lot, change: int, kind: str, why: str, at: datetime) -> None:
        """Change the points of a lot that waits for its return window."""
        lot.points += change
        self.purses[lot.member_id].pending += change
        self._note(lot, kind, why, at, pending=change)

    def give(self, lot: Lot, points: int, kind: str, why: str, at: datetime, key: str = "") -> None:
        """Put points into a lot that can be spent; what is owed is settled first."""
        lot.points += points
        self._note(lot, kind, why, at, key, available=points)
        self._credit(lot, points, at)

    def mature(self, lot: Lot, why: str, at: datetime) -> int:
        """Make the points of a waiting lot spendable; returns how many."""
        points = lot.points
        lot.matured_at, lot.touched = at, True
        self.purses[lot.member_id].pending -= points
        if points:
            self._note(
                lot, "matured", why, at, f"mature:{lot.id}", available=points, pending=-points
            )
            self._credit(lot, points, at)
        return points

    def take_back(self, lot: Lot, points: int, why: str, at: datetime, key: str = "") -> None:
        """Take points of a spendable lot back: from it, then from others, and the rest is owed."""
        purse = self.purses[lot.member_id]
        taken = self._take(purse, points, [lot, *purse.lots])
        purse.owed += points - taken
        lot.points -= points
        self._note(lot, "taken_back", why, at, key, available=-taken, owed=points - taken)

    def spend(
        self, member_id: int, points: int, key: str, kind: str, why: str, at: datetime
    ) -> None:
        """Take points that are there, oldest lots first. The caller made sure that they are."""
        purse = self.purses[member_id]
        self._take(purse, points, purse.lots)
        values = [member_id, key, kind, -points, 0, 0, None, None, why, at]
        self._entries.append(_Entry(None, values))

    def enter(self, member_id: int, key: str, kind: str, why: str, at: datetime) -> None:
        """Note everything that changed in a purse since it was opened as one entry, if it did."""
        purse = self.purses[member_id]
        change = [new - old for new, old in zip(purse.holds, purse.opened, strict=True)]
        if any(change):
            self._entries.append(_Entry(None, [member_id, key, kind, *change, None, None, why, at]))

    def booked(self, key: str) -> bool:
        """Whether an entry with this key stands in the ledger already."""
        return bool(LedgerEntry.select(LedgerEntry.id).where(LedgerEntry.key == key).exists())

    def write(self) -> None:
        """Write lots, entries and accounts, and raise the version of everybody who changed."""
        self._write_lots()
        self._write_entries()
        moved = [purse for purse in self.purses.values() if purse.holds != purse.opened]
        rows = [(*purse.holds, purse.member_id, *purse.opened) for purse in moved]
        if set_where_unchanged(PointsAccount, _HELD, PointsAccount.member, rows) != len(rows):
            raise OperationalError("points changed while they were being booked")
        changed = {entry.values[0] for entry in self._entries} | {p.member_id for p in moved}
        for some in chunks(changed):
            Member.update(version=Member.version + 1).where(among(Member.id, some)).execute()

    def _write_lots(self) -> None:
        insert_rows(PointsLot, _LOT, [_row(lot, _LOT) for lot in self._new])
        by_key = {(lot.order_id, lot.member_id): lot for lot in self._new}
        for some in chunks(lot.order_id for lot in self._new if lot.order_id is not None):
            query = PointsLot.select(PointsLot.order_id, PointsLot.member_id, PointsLot.id)
            for order_id, member_id, lot_id in query.where(among(PointsLot.order, some)).tuples():
                if lot := by_key.get((order_id, member_id)):
                    lot.id = lot_id
        stored = [lot for lot in self._lots.values() if lot.touched]
        update_rows(
            PointsLot, _STATE, PointsLot.id, [(*_row(lot, _STATE), lot.id) for lot in stored]
        )

    def _write_entries(self) -> None:
        rows = []
        for entry in self._entries:
            if entry.lot is not None:
                entry.values[1] = entry.values[1].format(lot=entry.lot.id)
                entry.values[6] = entry.lot.id
            rows.append(entry.values)
        insert_rows(LedgerEntry, _ENTRY, rows)

    def _note(
        self, lot: Lot, kind: str, why: str, at: datetime, key: str = "",
        available: int = 0, pending: int = 0, owed: int = 0,
    ) -> None:  # fmt: skip
        lot.changes += 1
        lot.touched = True
        key = key or f"lot:{{lot}}:{lot.changes}"
        values = [lot.member_id, key, kind, available, pending, owed, None, lot.order_id, why, at]
        self._entries.append(_Entry(lot, values))

    def _credit(self, lot: Lot, points: int, at: datetime) -> None:
        purse = self.purses[lot.member_id]
        settled = min(points, purse.owed)
        purse.owed -= settled
        purse.balance += points - settled
        lot.remaining += points - settled
        if settled:
            why = _("Settled what an earlier refund had left owed")
            self._note(lot, "settled", why, at, available=-settled, owed=-settled)

    def _take(self, purse: Purse, points: int, lots: Iterable[Lot]) -> int:
        wanted = points
        for lot in lots:
            part = min(wanted, lot.remaining)
            if part:
                lot.remaining -= part
                lot.touched = True
                wanted -= part
        purse.balance -= points - wanted
        return points - wanted


def _row(lot: Lot, fields: Sequence[Field]) -> tuple[Any, ...]:
    return tuple(getattr(lot, field.column_name) for field in fields)
