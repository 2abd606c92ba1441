"""Entries of the ledger that are taken back, and booked again: always by further rows.

What stands against an entry has its id in the key: `undone:7:1` took entry 7 back, `redone:7:1`
booked it again, `undone:7:2` took it back once more. So no step is ever taken twice.
"""

from collections.abc import Iterable
from typing import Any

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.text import _
from portal.loyalty.books import Books, Lot
from portal.loyalty.bulk import AT_ONCE, among
from portal.loyalty.models import LedgerEntry, PointsLot
from portal.members.models import Member


def steps_since(entry_ids: Iterable[int]) -> dict[int, int]:
    """How many rows stand against each entry: it is taken back where that is odd."""
    steps = dict.fromkeys(entry_ids, 0)
    asked = set(steps)
    while asked:
        keys = {_key(id_, steps[id_] + 1): id_ for id_ in asked}
        asked = {keys[key] for key, _lot in _entries(keys)}
        for id_ in asked:
            steps[id_] += 1
    return steps


def take_back(entry_ids: Iterable[int], why: str) -> None:
    """Take entries back that stand, the last first; points that are spent become owed."""
    _step(entry_ids, why, back=True)


def book_again(entry_ids: Iterable[int], why: str) -> None:
    """Book entries again that are taken back; what is not there to be taken becomes owed."""
    _step(entry_ids, why, back=False)


def _step(entry_ids: Iterable[int], why: str, *, back: bool) -> None:
    """`why` stands in the ledger behind the reason of the entry."""
    with write_tx():
        steps = steps_since(entry_ids)
        query = LedgerEntry.select().where(among(LedgerEntry.id, sorted(steps)))
        entries = [e for e in query.order_by(LedgerEntry.id) if steps[e.id] % 2 != back]
        lots = _lots(entries, steps)
        owners = _owners(entry.member_id for entry in entries)
        holders = PointsLot.select(PointsLot.member_id).where(among(PointsLot.id, [*lots.values()]))
        books = Books({*owners.values(), *(member for (member,) in holders.tuples())})
        stored = {lot.id: lot for lot in books.lots_where(among(PointsLot.id, [*lots.values()]))}
        books.load_spendable(books.members)
        for entry in reversed(entries) if back else entries:
            lot = stored.get(lots.get(entry.id))
            _book(books, entry, steps[entry.id] + 1, lot, owners[entry.member_id], why)
        books.write()


def _book(books: Books, entry: Any, step: int, lot: Lot | None, owner: int, why: str) -> None:
    """One further row: points into a lot of their own, or out of the one that they came in."""
    points = -entry.available if step % 2 else entry.available
    key, at = _key(entry.id, step), now()
    words = _("%(entry)s: %(why)s", entry=entry.why, why=why)[:300] if entry.why else why[:300]
    if points > 0:
        gift = books.gift_lot(owner, entry.at)
        books.give(gift, points, "adjusted", words, at, key)
        books.purses[owner].lots.append(gift)
    elif lot:
        books.take_back(lot, -points, words, at, key)


def _key(id_: int, step: int) -> str:
    return f"{'undone' if step % 2 else 'redone'}:{id_}:{(step + 1) // 2}"


def _entries(keys: Iterable[str]) -> Iterable[tuple[str, int | None]]:
    wanted = sorted(keys)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        query = LedgerEntry.select(LedgerEntry.key, LedgerEntry.lot_id)
        yield from query.where(among(LedgerEntry.key, part)).tuples()


def _lots(entries: list[Any], steps: dict[int, int]) -> dict[int, int]:
    """By entry, the lot that its last row put points into."""
    keys = {_key(entry.id, steps[entry.id]): entry.id for entry in entries if steps[entry.id]}
    found = {keys[key]: lot for key, lot in _entries(keys)}
    found |= {entry.id: entry.lot_id for entry in entries if not steps[entry.id]}
    return {id_: lot for id_, lot in found.items() if lot is not None}


def _owners(ids: Iterable[int]) -> dict[int, int]:
    """Who holds the points of members now: somebody may have been merged."""
    wanted = sorted(set(ids))
    query = Member.select(Member.id, Member.merged_into_id).where(among(Member.id, wanted))
    return {id_: kept or id_ for id_, kept in query.tuples()}
