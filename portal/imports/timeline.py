"""What a batch leaves in its members' timelines: one event each, however many orders came."""

from typing import Any, cast

from peewee import fn

from portal.imports.bulk import Writer
from portal.imports.models import Batch
from portal.lib.clock import now
from portal.members.models import Event
from portal.orders.models import Order


def tell_members(batch: Batch) -> None:
    """Record `orders.imported` for each member with orders that this batch wrote."""
    counts = (
        Order.select(Order.member, fn.COUNT(Order.id))
        .where((Order.batch_id == batch.id) & Order.member.is_null(False))
        .group_by(Order.member)
        .order_by(Order.member)
        .tuples()
    )
    at, writer = now(), Writer()
    rows: list[tuple[Any, ...]] = [
        (member, "orders.imported", at, str(batch.id), {"count": count, "file": batch.file})
        for member, count in cast(Any, counts)
    ]
    writer.insert(Event, ("member", "kind", "at", "subject", "data"), rows)
    writer.raise_versions(row[0] for row in rows)
