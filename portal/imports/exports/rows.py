"""Rows of the exports, read in slices by id, so that a million need no more memory than a few."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from peewee import JOIN

from portal.catalog.models import Product
from portal.imports.exports.columns import ADDRESS, BETWEEN
from portal.lib.money import decimal_text
from portal.loyalty.bulk import among
from portal.loyalty.models import LedgerEntry
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import Payment, Refund

AT_ONCE = 1_000


class Plain(str):
    """A number or a time as text: it needs no guard against spreadsheets."""

    __slots__ = ()


Rows = Iterator[list[Any]]


def members(shop: str) -> Rows:
    """Everybody who is there; who was merged or taken back is not."""
    for found in _slices(Member, Member.select()):
        rows = [row for row in found if row.merged_into_id is None and row.withdrawn_at is None]
        ids = [row.id for row in rows]
        emails = _many(EmailAddress, EmailAddress.address, ids)
        phones = _many(PhoneNumber, PhoneNumber.number, ids)
        known = _many(CustomerId, CustomerId.external_id, ids, CustomerId.shop == shop)
        earlier = _merged_numbers(ids)
        for row in rows:
            yield [
                row.number, row.name, row.username, *(
                    BETWEEN.join(several[row.id]) for several in (emails, phones, known)
                ), row.source, _at(row.created_at), _at(row.joined_at),
                BETWEEN.join(earlier[row.id]),
            ]  # fmt: skip


def orders(shop: str) -> Rows:
    """Every order of a shop."""
    for found in _slices(Order, _of_shop(shop)):
        yield from _order_rows(found)


def lines(shop: str) -> Rows:
    """Every line with all that its order says; an order without lines has one row."""
    for found in _slices(Order, _of_shop(shop)):
        of_order: dict[int, list[Any]] = defaultdict(list)
        query = (
            OrderLine.select(OrderLine, Product.external_id.alias("product_key"))
            .join(Product, JOIN.LEFT_OUTER)
            .where(among(OrderLine.order, [order.id for order in found]))
            .order_by(OrderLine.order, OrderLine.position)
        )
        for line in query.objects():
            of_order[line.order_id].append(line)
        for order, row in zip(found, _order_rows(found), strict=True):
            for line in of_order[order.id]:
                yield [*row, *_line(line, order.currency)]
            if not of_order[order.id]:
                yield [*row, *[None] * 10]


def payments(shop: str) -> Rows:
    """Money of a shop's orders, then money that no order is known for."""
    for found in _slices(Order, _of_shop(shop)):
        ids = [order.id for order in found]
        of_order: dict[int, list[list[Any]]] = defaultdict(list)
        numbers = {order.id: order.number for order in found}
        for model in (Payment, Refund):
            query = model.select().where(among(model.order, ids)).order_by(model.at, model.id)
            for row in query:
                of_order[row.order_id].append(_movement(row, numbers[row.order_id], ""))
        for order in found:
            yield from of_order[order.id]
    for model in (Payment, Refund):
        for rows in _slices(model, model.select().where(model.order.is_null())):
            names = _numbers(row.member_id for row in rows)
            for row in rows:
                yield _movement(row, "", names.get(row.member_id, ""))


def points(shop: str) -> Rows:
    """The points ledger, oldest first; who was taken back has no points to tell of."""
    taken_back = Member.select(Member.id).where(Member.withdrawn_at.is_null(False))
    gone = {id_ for (id_,) in taken_back.tuples()}
    for rows in _slices(LedgerEntry, LedgerEntry.select()):
        names = _numbers(row.member_id for row in rows)
        wanted = [row.order_id for row in rows if row.order_id]
        query = Order.select(Order.id, Order.number).where(
            among(Order.id, wanted) & (Order.shop == shop)
        )
        orders = dict(query.tuples())
        for row in rows:
            if row.member_id not in gone:
                yield [
                    names.get(row.member_id, ""), row.key, row.kind, row.available, row.pending,
                    row.owed, row.why, orders.get(row.order_id, ""), _at(row.at),
                ]  # fmt: skip


SOURCES: dict[str, Callable[[str], Rows]] = {
    "members": members,
    "orders": orders,
    "lines": lines,
    "payments": payments,
    "points": points,
}


def _slices(model: Any, query: Any) -> Iterator[list[Any]]:
    last = 0
    while True:
        found = list(query.where(model.id > last).order_by(model.id).limit(AT_ONCE))
        if not found:
            return
        yield found
        last = found[-1].id


def _of_shop(shop: str) -> Any:
    # As an expression, so that orders are walked by id and not found by shop, then sorted, a slice.
    return Order.select().where(Order.shop.concat("") == shop)


def _many(model: Any, field: Any, members: Sequence[int], *more: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = model.select(model.member_id, field).where(among(model.member, members), *more)
    for member, value in query.order_by(model.id).tuples():
        found[member].append(value)
    return found


def _merged_numbers(ids: Sequence[int]) -> dict[int, list[str]]:
    """By member, the numbers of everybody who was merged into them."""
    found: dict[int, list[str]] = defaultdict(list)
    query = Member.select(Member.merged_into_id, Member.number)
    for kept, number in query.where(among(Member.merged_into, ids)).order_by(Member.id).tuples():
        found[kept].append(number)
    return found


def _numbers(ids: Iterator[Any]) -> dict[int, str]:
    wanted = sorted({id_ for id_ in ids if id_})
    return dict(Member.select(Member.id, Member.number).where(among(Member.id, wanted)).tuples())


def _order_rows(found: Sequence[Any]) -> Rows:
    ids = [order.id for order in found]
    numbers = _numbers(order.member_id for order in found)
    parcels: dict[int, list[Any]] = defaultdict(list)
    query = Fulfilment.select().where(among(Fulfilment.order, ids), Fulfilment.source == "import")
    for parcel in query.order_by(Fulfilment.id):
        parcels[parcel.order_id].append(parcel)
    paid_under = dict(
        Payment.select(Payment.order, Payment.reference)
        .where(among(Payment.order, ids) & Payment.summary)
        .tuples()
    )
    for order in found:
        yield _order(
            order, numbers.get(order.member_id, ""), paid_under.get(order.id, ""), parcels[order.id]
        )


def _order(order: Any, member: str, paid_under: str, parcels: Sequence[Any]) -> list[Any]:
    sums = (
        order.items, order.discount, order.shipping, order.tax, order.not_itemised, order.total,
        order.refunded, order.outstanding,
    )  # fmt: skip
    return [
        order.number, order.external_id or "", member, order.email, order.phone,
        _at(order.placed_at), order.placed_offset, order.currency,
        *(_money(amount, order.currency) for amount in sums),
        order.pay_status, order.ship_status, _at(order.paid_at), _at(order.fulfilled_at),
        _at(order.cancelled_at), _at(order.state_at), order.discount_code, order.shipping_method,
        order.pay_method, paid_under,
        *(order.billing.get(field, "") for field in ADDRESS),
        *(order.delivery.get(field, "") for field in ADDRESS),
        order.note, order.tags, BETWEEN.join(parcel.tracking_number for parcel in parcels),
        next((parcel.carrier for parcel in parcels if parcel.carrier), ""),
    ]  # fmt: skip


def _line(line: Any, currency: str) -> list[Any]:
    return [
        line.position + 1, line.sku, line.product_key or "", line.title, line.vendor,
        line.quantity, _money(line.unit_price, currency), _money(line.discount, currency),
        _money(line.total, currency), line.ship_status,
    ]  # fmt: skip


def _movement(row: Any, order: str, member: str) -> list[Any]:
    kind = "refund" if isinstance(row, Refund) else row.kind
    return [
        order, member, kind, row.key, _at(row.at), _money(row.amount, row.currency), row.currency,
        row.status, row.method, row.gateway, row.card_brand, row.card_last4, row.reference,
        row.description, "yes" if row.summary else "no",
    ]  # fmt: skip


def _money(minor: int, currency: str) -> Plain:
    return Plain(decimal_text(minor, currency))


def _at(moment: datetime | None) -> Plain | None:
    return Plain(moment.isoformat() + "Z") if moment else None
