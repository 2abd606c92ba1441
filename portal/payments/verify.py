"""What must always be true of payments and refunds, checked over the whole database."""

from collections.abc import Iterator

from peewee import JOIN

from portal.orders.models import Order
from portal.payments.models import Payment, Refund


def problems() -> Iterator[str]:
    """A sentence for each movement without its order, of another member or another currency."""
    for model, name in ((Payment, "payment"), (Refund, "refund")):
        lost = (
            model.select(model.id)
            .join(Order, JOIN.LEFT_OUTER, on=(model.order == Order.id))
            .where(model.order.is_null(False) & Order.id.is_null())
        )
        for (row,) in lost.tuples().iterator():
            yield f"{name} {row}: its order is gone"
        strange = (
            model.select(model.id, Order.number, Order.shop)
            .join(Order)
            .where(
                (model.currency != Order.currency)
                | (model.member != Order.member)
                | (model.member.is_null() != Order.member.is_null())
            )
        )
        for row, number, shop in strange.tuples().iterator():
            yield f"{name} {row}: not of the member and currency of order {number} of {shop}"
