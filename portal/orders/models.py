"""Orders, their lines and parcels, as the shop's own system knows them."""

from typing import TYPE_CHECKING, Any

from peewee import (
    BigIntegerField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.catalog.models import Product
from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.members.models import Member
from portal.orders.tracking import clean_number


class Order(Base):
    """One order. All money in minor units of `currency`.

    items − discount + shipping + tax + not_itemised = total, where `not_itemised` is what the
    shop's own file leaves unexplained (zero nearly always, and shown where it is not).
    """

    if TYPE_CHECKING:
        member_id: int | None
        lines: Any
        fulfilments: Any

    shop = CharField(max_length=60)
    number = CharField(max_length=60)  # as printed, without a leading #
    external_id = CharField(max_length=60, null=True)
    member = ForeignKeyField(Member, null=True, backref="orders", on_delete="SET NULL", index=False)
    email = CharField(max_length=320, default="")  # as written in the order
    phone = CharField(max_length=60, default="")
    placed_at = DateTimeField()
    placed_offset = IntegerField(default=0)  # minutes east of UTC in the shop's file
    currency = CharField(max_length=3)
    items = BigIntegerField(default=0)  # sum of the lines, after line discounts
    discount = BigIntegerField(default=0)
    shipping = BigIntegerField(default=0)
    tax = BigIntegerField(default=0)
    not_itemised = BigIntegerField(default=0)
    total = BigIntegerField(default=0)
    refunded = BigIntegerField(default=0)
    outstanding = BigIntegerField(default=0)
    pay_status = CharField(max_length=24, default="")  # Shopify's words: paid, partially_refunded …
    ship_status = CharField(max_length=24, default="")  # fulfilled, partial, unfulfilled, restocked
    paid_at = DateTimeField(null=True)
    fulfilled_at = DateTimeField(null=True)
    cancelled_at = DateTimeField(null=True)
    summary = CharField(max_length=300, default="")  # first two line titles and how many more
    line_count = IntegerField(default=0)
    discount_code = CharField(max_length=200, default="")
    shipping_method = CharField(max_length=200, default="")
    pay_method = CharField(max_length=200, default="")
    billing = JSONField(
        default=dict
    )  # name, company, street1, street2, city, zip, province, country, phone
    delivery = JSONField(default=dict)  # the same keys
    note = TextField(default="")
    tags = CharField(max_length=500, default="")
    state_at = DateTimeField()  # the newest moment that the file tells of; older files lose
    content_hash = CharField(max_length=64, default="")
    batch_id = IntegerField(null=True)  # the import that wrote it last
    created_at = DateTimeField(default=now)

    class Meta:
        indexes = (
            (("shop", "number"), True),
            (("shop", "external_id"), True),
            (("member", "placed_at", "id"), False),
            (("number",), False),
        )

    @property
    def cancelled(self) -> bool:
        """Whether the shop called the order off."""
        return self.cancelled_at is not None

    def set_tracking(self, number: str, by: Member) -> bool:
        """Staff set the tracking number, over what the shop's files say; False when it was so.

        Anything that is no tracking number is refused.
        """
        number = clean_number(number)
        with write_tx():
            old = [f.tracking_number for f in self.fulfilments.where(Fulfilment.source == "staff")]
            if old == [number]:
                return False
            Fulfilment.delete().where(
                (Fulfilment.order == self) & (Fulfilment.source == "staff")
            ).execute()
            Fulfilment.insert(order=self, tracking_number=number, source="staff").on_conflict(
                conflict_target=[Fulfilment.order, Fulfilment.tracking_number],
                update={Fulfilment.source: "staff"},
            ).execute()
            if self.member:
                self.member.record(
                    "orders.tracking_set",
                    subject=self.number,
                    actor=by,
                    number=number,
                    order=self.number,
                )
        return True


# For the timeline; most orders were never called off and need no entry.
Order.add_index(
    Order.index(Order.member, Order.fulfilled_at, Order.id, where=Order.fulfilled_at.is_null(False))
)
Order.add_index(
    Order.index(Order.member, Order.cancelled_at, Order.id, where=Order.cancelled_at.is_null(False))
)


class OrderLine(Base):
    """A line of an order: `quantity` of a product at `unit_price` each, less `discount`."""

    order = ForeignKeyField(Order, backref="lines", on_delete="CASCADE", index=False)
    position = IntegerField()
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    sku = CharField(max_length=200, default="")
    title = CharField(max_length=400)
    vendor = CharField(max_length=200, default="")
    quantity = IntegerField()
    unit_price = BigIntegerField()
    discount = BigIntegerField(default=0)
    total = BigIntegerField()  # quantity × unit_price − discount
    ship_status = CharField(max_length=24, default="")

    class Meta:
        indexes = ((("order", "position"), True),)


class Fulfilment(Base):
    """A parcel of an order."""

    order = ForeignKeyField(Order, backref="fulfilments", on_delete="CASCADE", index=False)
    tracking_number = CharField(max_length=80)
    carrier = CharField(max_length=60, default="")
    source = CharField(max_length=10, default="import")  # import or staff; staff wins
    shipped_at = DateTimeField(null=True)
    created_at = DateTimeField(default=now)

    class Meta:
        indexes = ((("order", "tracking_number"), True),)
