"""What a batch leaves in its members' timelines: one event each, however many orders came."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from peewee import fn

from portal.imports.loading.bulk import Writer, lookup
from portal.imports.models import Batch, UndoneRow
from portal.imports.undoing.deeds import Deed
from portal.lib.clock import now
from portal.members.models import Event, Member
from portal.orders.models import Order

AT_ONCE = 1_000


def tell_members(batch: Batch, orders: set[int]) -> None:
    """Record `orders.imported` for each member with some of these orders of this batch."""
    _tell(batch, "orders.imported", _orders_of(batch, orders))


def tell_next(batch: Batch, last: int) -> int:
    """Record `orders.imported` for the next members behind an id; the last one's id, or 0."""
    query = cast(Any, _orders_of(batch)).where(Order.member > last).limit(AT_ONCE)
    counts = list(query)
    _tell(batch, "orders.imported", counts)
    return counts[-1][0] if counts else 0


def tell_redone(batch: Batch) -> None:
    """Record `imports.redone` for each member whose orders are back."""
    _tell(batch, "imports.redone", _orders_of(batch))


def tell_undone(batch: Batch) -> None:
    """Record `imports.undone` for each member whose orders went, or went back."""
    counts: Counter[int] = Counter()
    last = batch.undo_position["from"]
    while True:
        query = UndoneRow.select(UndoneRow.id, UndoneRow.row, UndoneRow.deed, UndoneRow.data).where(
            (UndoneRow.batch == batch) & (UndoneRow.table == "order") & (UndoneRow.id > last)
        )
        rows = list(query.order_by(UndoneRow.id).limit(AT_ONCE).tuples())
        if not rows:
            break
        last, standing = rows[-1][0], []
        for _id, order, kind, text in rows:
            if kind == "removed":
                counts[
                    Deed.from_text("order", order, kind, text).removed["order"][0]["member_id"]
                ] += 1
            else:
                standing.append(order)
        counts.update(row[0] for row in lookup(Order, ("member",), "id", standing))
    there = {row[0] for row in lookup(Member, ("id",), "id", counts)}
    _tell(batch, "imports.undone", [(id_, counts[id_]) for id_ in sorted(there)])


def _orders_of(batch: Batch, only: set[int] | None = None) -> Iterable[tuple[int, int]]:
    mine = (Order.batch_id == batch.id) & Order.member.is_null(False)
    counts = (
        Order.select(Order.member, fn.COUNT(Order.id))
        .where(mine & Order.id.in_(sorted(only)) if only is not None else mine)
        .group_by(Order.member)
        .order_by(Order.member)
        .tuples()
    )
    return cast(Iterable[tuple[int, int]], counts)


def _tell(batch: Batch, kind: str, counts: Iterable[tuple[int, int]]) -> None:
    at, writer = now(), Writer()
    rows: list[tuple[Any, ...]] = [
        (member, kind, at, str(batch.id), {"count": count, "file": batch.file})
        for member, count in counts
    ]
    writer.insert(Event, ("member", "kind", "at", "subject", "data"), rows)
    writer.raise_versions(row[0] for row in rows)
