"""Money that moved for an order: payments and refunds, in minor units."""

from peewee import BigIntegerField, BooleanField, CharField, DateTimeField, ForeignKeyField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member
from portal.orders.models import Order


class _Movement(Base):
    """What payments and refunds share. `key` is unique in the order: `summary`, or its own."""

    key = CharField(max_length=120)
    at = DateTimeField()
    amount = BigIntegerField()
    currency = CharField(max_length=3)
    method = CharField(max_length=200, default="")  # as the shop's file names it
    gateway = CharField(max_length=60, default="")
    card_brand = CharField(max_length=40, default="")
    card_last4 = CharField(max_length=4, default="")
    status = CharField(max_length=20, default="success")  # success, failure, pending
    summary = BooleanField(default=False)  # known only as a sum from the orders file
    reference = CharField(max_length=200, default="")
    created_at = DateTimeField(default=now)


class Payment(_Movement):
    """Money from the customer: kind sale or capture (authorizations move nothing), or summary."""

    order = ForeignKeyField(Order, backref="payments", on_delete="CASCADE", index=False)
    member = ForeignKeyField(
        Member, null=True, backref="payments", on_delete="SET NULL", index=False
    )
    kind = CharField(max_length=20, default="sale")

    class Meta:
        indexes = ((("order", "key"), True), (("member", "at", "id"), False))


class Refund(_Movement):
    """Money back to the customer; `amount` is positive."""

    order = ForeignKeyField(Order, backref="refunds", on_delete="CASCADE", index=False)
    member = ForeignKeyField(
        Member, null=True, backref="refunds", on_delete="SET NULL", index=False
    )

    class Meta:
        indexes = ((("order", "key"), True), (("member", "at", "id"), False))
