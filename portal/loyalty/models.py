"""The points ledger: rows are only added; the balance is their sum, kept in a column."""

from peewee import BigIntegerField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member
from portal.orders.models import Order


class PointsAccount(Base):
    """A member's points: what can be spent, what is still pending, what a refund left owed."""

    member = ForeignKeyField(Member, unique=True, backref="points_accounts", on_delete="CASCADE")
    balance = IntegerField(default=0, constraints=[Check("balance >= 0")])
    pending = IntegerField(default=0, constraints=[Check("pending >= 0")])
    owed = IntegerField(default=0, constraints=[Check("owed >= 0")])


class PointsLot(Base):
    """The points of one purchase, with the rate that was promised then; or a gift by staff.

    An order that moves to another member leaves an empty lot behind and gets a second one.
    """

    member = ForeignKeyField(Member, backref="points_lots", on_delete="CASCADE", index=False)
    order = ForeignKeyField(
        Order, null=True, backref="points_lots", on_delete="SET NULL", index=False
    )
    points = IntegerField()  # earned in all, less what refunds took back
    remaining = IntegerField(default=0, constraints=[Check("remaining >= 0")])  # 0 while pending
    rate = IntegerField(default=0)  # points for one whole unit of currency
    earned_at = DateTimeField()
    available_at = DateTimeField()  # when the return window ends
    matured_at = DateTimeField(null=True)
    changes = IntegerField(default=0)  # ledger rows so far; the next row's key counts on from here

    class Meta:
        indexes = (
            (("order", "member"), True),
            (("member", "earned_at", "id"), False),
            (("matured_at", "available_at"), False),
        )


class LedgerEntry(Base):
    """One change of points, with its reason. `key` is unique: nothing is ever booked twice."""

    member = ForeignKeyField(Member, backref="points_entries", on_delete="RESTRICT", index=False)
    key = CharField(max_length=120, unique=True)
    kind = CharField(max_length=20)  # earned, matured, taken_back, settled, redeemed …
    available = IntegerField(default=0)  # change of the balance
    pending = IntegerField(default=0)  # change of the pending points
    owed = IntegerField(default=0)  # change of what is owed
    lot = ForeignKeyField(
        PointsLot, null=True, backref="entries", on_delete="RESTRICT", index=False
    )
    order_id = IntegerField(null=True, index=True)  # no key: the row outlives an order that goes
    why = CharField(max_length=300)
    at = DateTimeField(default=now)

    class Meta:
        indexes = ((("member", "at", "id"), False),)


class Voucher(Base):
    """A code that the shop takes off one purchase; made from points, once."""

    member = ForeignKeyField(Member, backref="vouchers", on_delete="RESTRICT", index=False)
    code = CharField(max_length=24, unique=True)
    points = IntegerField()
    worth = BigIntegerField()
    currency = CharField(max_length=3)
    key = CharField(max_length=64)  # of the form that asked: a double click gets one voucher
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)  # marked by staff

    class Meta:
        indexes = ((("member", "key"), True),)
