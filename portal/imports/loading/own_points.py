"""Points of another database of ours: its ledger's rows, booked as adjustments, each once.

Only what can be spent comes in, and what an undone import took back comes in again. Pending points
follow from the orders; so do the points of an order that brings them here too, which are told
already.
"""

from collections import defaultdict
from collections.abc import Sequence

from portal.imports.loading.bulk import lookup
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.records import PointsRecord
from portal.lib.text import _
from portal.loyalty.books import Books
from portal.loyalty.models import LedgerEntry, PointsLot
from portal.loyalty.reversing import book_again, steps_since
from portal.members.models import Member
from portal.orders.models import Order


def take_points(work: Work, records: Sequence[PointsRecord]) -> None:
    """Rows of the ledger of one chunk, in the order of the file."""
    members = {
        number: kept or id_
        for number, id_, kept in lookup(
            Member, ("number", "id", "merged_into"), "number", {r.member_number for r in records}
        )
    }
    booked, again = _booked(records)
    told = _orders_with_points(work, records)
    fresh: dict[int, list[PointsRecord]] = defaultdict(list)
    back: set[int] = set()
    for record in records:
        mark, text = digest(record.rows, work.seed)
        if record.member_number not in members:
            work.put_aside(record, _("There is no member %(number)s.", number=record.member_number))
            continue
        work.raw.append((record.key, mark, record.lines_of_file[0], text))
        known = {record.key, _key(record)}
        if known & again.keys():
            back |= {again.pop(key) for key in known & again.keys()}
            work.tally.count("created", "points")
        elif known & booked or record.number in told:
            work.tally.count("unchanged", "points")
        elif record.points:
            fresh[members[record.member_number]].append(record)
            booked.add(_key(record))
        else:
            work.tally.skip(1, _("no points that can be spent"))
    _book(work, fresh)
    _book_again(work, back)


def _key(record: PointsRecord) -> str:
    """The row's own key behind `import:`; a row that came in once before keeps what it has."""
    return record.key if record.key.startswith("import:") else f"import:{record.key}"


def _booked(records: Sequence[PointsRecord]) -> tuple[set[str], dict[str, int]]:
    """Keys of entries that are booked, and of those that came in and were taken back: their ids."""
    keys = {key for record in records for key in (record.key, _key(record))}
    ids = dict(lookup(LedgerEntry, ("key", "id"), "key", keys))
    steps = steps_since(ids.values())
    return set(ids), {key: id_ for key, id_ in ids.items() if steps[id_] % 2}


def _orders_with_points(work: Work, records: Sequence[PointsRecord]) -> set[str]:
    numbers = {record.number for record in records} - {""}
    orders = dict(lookup(Order, ("id", "number"), "number", numbers, shop=work.shop))
    return {orders[row[0]] for row in lookup(PointsLot, ("order",), "order", orders)}


def _book(work: Work, fresh: dict[int, list[PointsRecord]]) -> None:
    if not fresh or work.imagined:
        for records in fresh.values():
            for _record in records:
                work.tally.count("created", "points")
        return
    books = Books(fresh)
    books.load_spendable(fresh)
    for member, records in fresh.items():
        purse = books.purses[member]
        for record in records:
            if record.points > 0:
                lot = books.gift_lot(member, record.at)
                books.give(lot, record.points, "adjusted", record.why, record.at, _key(record))
                purse.lots.append(lot)
            elif -record.points <= purse.balance:
                books.spend(member, -record.points, _key(record), "adjusted", record.why, record.at)
            else:
                reason = _("There are only %(balance)s points to take from.",
                           balance=f"{purse.balance:,}")  # fmt: skip
                work.put_aside(record, reason)
                continue
            work.tally.count("created", "points")
        work.touched.add(member)
    books.write()
    _note(work, [_key(record) for records in fresh.values() for record in records])


def _book_again(work: Work, ids: set[int]) -> None:
    if not ids or work.imagined:
        return
    book_again(ids, _("imported again"))
    keys = [row[0] for row in lookup(LedgerEntry, ("key",), "id", ids)]
    _note(work, keys)


def _note(work: Work, keys: Sequence[str]) -> None:
    """The ledger is no table that an import writes; its batch knows its rows nevertheless."""
    ids = [row[0] for row in lookup(LedgerEntry, ("id",), "key", keys)]
    if work.writer.journal:
        work.writer.journal.note_made(LedgerEntry, ids)
