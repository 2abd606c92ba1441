"""What must always be true of orders, checked over the whole database."""

from collections.abc import Iterator

from peewee import JOIN, fn

from portal.orders.models import Fulfilment, Order, OrderLine


def problems() -> Iterator[str]:
    """A sentence for each order that does not add up and each line or parcel without an order."""
    yield from _sums_off()
    yield from _lines_off()
    yield from _orphans()


def _sums_off() -> Iterator[str]:
    due = Order.items - Order.discount + Order.shipping + Order.tax + Order.not_itemised
    query = Order.select(Order.shop, Order.number, Order.total, due.alias("due")).where(
        due != Order.total
    )
    for row in query.tuples().iterator():
        shop, number, total, adds_up_to = row
        yield f"order {number} of {shop}: its parts come to {adds_up_to}, its total is {total}"


def _lines_off() -> Iterator[str]:
    sums = (
        OrderLine.select(OrderLine.order, fn.SUM(OrderLine.total).alias("amount"))
        .group_by(OrderLine.order)
        .alias("sums")
    )
    amount = fn.COALESCE(sums.c.amount, 0)
    query = (
        Order.select(Order.shop, Order.number, Order.items, amount)
        .join(sums, JOIN.LEFT_OUTER, on=(sums.c.order_id == Order.id))
        .where(amount != Order.items)
    )
    for shop, number, items, lines in query.tuples().iterator():
        yield f"order {number} of {shop}: its lines come to {lines}, its items to {items}"
    wrong = OrderLine.select(OrderLine.id).where(
        OrderLine.quantity * OrderLine.unit_price - OrderLine.discount != OrderLine.total
    )
    for (line,) in wrong.tuples().iterator():
        yield f"order line {line}: quantity × price − discount is not its total"


def _orphans() -> Iterator[str]:
    for model, name in ((OrderLine, "order line"), (Fulfilment, "parcel")):
        query = (
            model.select(model.id)
            .join(Order, JOIN.LEFT_OUTER, on=(model.order == Order.id))
            .where(Order.id.is_null())
        )
        for (row,) in query.tuples().iterator():
            yield f"{name} {row}: its order is gone"
