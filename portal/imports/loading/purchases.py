"""Orders of one chunk: new ones are written in sets, known ones only where their state moved on."""

from collections.abc import Sequence
from typing import Any

from portal.imports.loading.contradictions import without_contradictions
from portal.imports.loading.intake import Intake, bill, contact
from portal.imports.loading.revisions import Revisions
from portal.imports.loading.state import COLUMNS, LINE, columns, line_rows
from portal.imports.loading.work import Work
from portal.imports.money.settle import Settlement
from portal.imports.records import OrderRecord
from portal.orders.models import Fulfilment, Order, OrderLine

ORDER = ("id", "shop", "number", "member", *COLUMNS, "content_hash", "batch_id", "created_at")
PARCEL = ("order", "tracking_number", "carrier", "source", "shipped_at", "created_at")


def take_orders(work: Work, records: Sequence[OrderRecord]) -> None:
    """Write a chunk's orders, each exactly once, and count what happened."""
    intake = Intake(work, records)
    same: list[OrderRecord] = []
    moved: list[OrderRecord] = []
    fresh: list[OrderRecord] = []
    checked = without_contradictions(intake, records)
    for record in checked:
        if intake.is_known(record):
            same.append(record)
        else:
            (moved if record.number in intake.known else fresh).append(record)
    intake.meet(checked, moved + fresh)
    intake.unchanged(same)
    rows = _create(intake, fresh)
    revisions = Revisions(intake)
    revisions.take(moved)
    # What is referred to comes first: products and people, then orders, then what belongs to them.
    intake.goods.write()
    intake.people.write()
    work.writer.insert(Order, ORDER, rows)
    revisions.write()
    work.writer.insert(OrderLine, ("order", "position", *LINE), intake.lines)
    work.writer.insert(Fulfilment, PARCEL, intake.parcels, ignore=True)
    settlement = Settlement(work, intake.bills)
    settlement.attach_waiting()
    settlement.settle()


def _create(intake: Intake, records: Sequence[OrderRecord]) -> list[tuple[Any, ...]]:
    """The rows of new orders; what belongs to them is left with the intake."""
    work = intake.work
    ids = work.writer.ids(Order, len(records))
    rows = []
    for record in records:
        order_id, member = next(ids), intake.people.find_or_make(contact(record))
        values, mark = columns(record), intake.digests[record.number][0]
        own = (order_id, work.shop, record.number, member)
        rows.append((*own, *values.values(), mark, work.batch_id, work.at))
        for position, line in enumerate(line_rows(record)):
            intake.lines.append((order_id, position, intake.product(record, position), *line))
        intake.add_parcels(record, order_id)
        intake.touch(record, order_id, member)
        intake.bills.append(bill(order_id, record.number, member, values, record))
        intake.bills[-1].new = True
        work.tally.created["orders"] += 1
        work.tally.created["lines"] += len(record.lines)
        if work.imagined:
            work.imagined.orders.add(record.number)
    return rows
