"""Money that moved for an order: payments and refunds, in minor units."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
)

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member
from portal.orders.models import Order


class _Movement(Base):
    """What payments and refunds share. `key` is unique in the order: `summary`, or its own.

    Money that no order is known for belongs to its member alone; its key is unique among those.
    """

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
    reference = CharField(max_length=200, default="", index=True)
    description = CharField(max_length=300, default="")  # where no order says what it was for
    created_at = DateTimeField(default=now)


class Payment(_Movement):
    """Money from the customer: kind sale or capture (authorizations move nothing), or summary."""

    order = ForeignKeyField(Order, null=True, backref="payments", on_delete="CASCADE", index=False)
    member = ForeignKeyField(
        Member, null=True, backref="payments", on_delete="SET NULL", index=False
    )
    kind = CharField(max_length=20, default="sale")

    class Meta:
        indexes = ((("order", "key"), True), (("member", "at", "id"), False))


class Refund(_Movement):
    """Money back to the customer; `amount` is positive."""

    order = ForeignKeyField(Order, null=True, backref="refunds", on_delete="CASCADE", index=False)
    member = ForeignKeyField(
        Member, null=True, backref="refunds", on_delete="SET NULL", index=False
    )

    class Meta:
        indexes = (
            (("order", "key"), True),
            (("member", "at", "id"), False),
            (("at",), False),
        )


for _model in (Payment, Refund):
    _model.add_index(
        _model.index(
            _model.key,
            unique=True,
            where=_model.order.is_null(),
            name=f"{_model._meta.table_name}_key_alone",
        )
    )
    # Where a provider's own id has led to, order or none; only its movements have a reference.
    _model.add_index(
        _model.index(
            _model.key,
            where=SQL("\"reference\" <> ''"),
            name=f"{_model._meta.table_name}_key_referred",
        )
    )
    # "Order 1001" may turn out to name one.
    _model.add_index(
        _model.index(
            _model.description,
            where=_model.order.is_null(),
            name=f"{_model._meta.table_name}_description_alone",
        )
    )


class Payout(Base):
    """Money that a payment provider sent to the shop's bank; kept for the reconciliation."""

    shop = CharField(max_length=60)
    external_id = CharField(max_length=60)  # po_…
    amount = BigIntegerField()
    currency = CharField(max_length=3)
    status = CharField(max_length=20, default="")
    method = CharField(max_length=40, default="")
    description = CharField(max_length=300, default="")
    automatic = BooleanField(null=True)  # a manual one can't be told apart into its transactions
    at = DateTimeField()
    arrives_on = DateField(null=True)
    details = JSONField(default=dict)  # the other columns as they stood
    batch_id = IntegerField(null=True)

    class Meta:
        indexes = ((("shop", "external_id"), True), (("shop", "at"), False))


class BalanceTransaction(Base):
    """A line of a payment provider's own books: gross, fee and net of one movement."""

    shop = CharField(max_length=60)
    external_id = CharField(max_length=60)  # txn_…
    kind = CharField(max_length=40)
    source = CharField(max_length=60, default="")  # ch_…, re_…, po_…
    payout = CharField(max_length=60, default="")  # po_…, where the report says so
    amount = BigIntegerField()
    fee = BigIntegerField(default=0)
    net = BigIntegerField()
    currency = CharField(max_length=3)
    status = CharField(max_length=20, default="")
    description = CharField(max_length=300, default="")
    at = DateTimeField()
    available_at = DateTimeField(null=True)
    details = JSONField(default=dict)
    batch_id = IntegerField(null=True)

    class Meta:
        indexes = (
            (("shop", "external_id"), True),
            (("shop", "source"), False),
            (("shop", "payout"), False),
        )


#: Lines that a provider wrote because a customer's bank took money back, as the index says it.
IS_A_DISPUTE = SQL("\"kind\" IN ('dispute', 'adjustment')")

BalanceTransaction.add_index(
    BalanceTransaction.index(
        BalanceTransaction.at, where=IS_A_DISPUTE, name="balance_transaction_disputes"
    )
)
