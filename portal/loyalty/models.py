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
    """The points of one purchase, with the rate that was promised then; or a gift by staff."""

    member = ForeignKeyField(Member, backref="points_lots", on_delete="CASCADE", index=False)
    order = ForeignKeyField(Order, null=True, unique=True, on_delete="SET NULL")
    points = IntegerField()  # earned in all, less what refunds took back
    remaining = IntegerField(default=0)  # not yet spent; 0 while pending
    rate = IntegerField(default=0)  # points for one whole unit of currency
    earned_at = DateTimeField()
    available_at = DateTimeField(index=True)  # when the return window ends
    matured_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "earned_at", "id"), False),)


class LedgerEntry(Base):
    """One change of points, with its reason. `key` is unique: nothing is ever booked twice."""

    member = ForeignKeyField(Member, backref="points_entries", on_delete="RESTRICT", index=False)
    key = CharField(max_length=120, unique=True)
    kind = CharField(max_length=20)  # earned, matured, taken_back, redeemed, adjusted, settled …
    available = IntegerField(default=0)  # change of the balance
    pending = IntegerField(default=0)  # change of the pending points
    owed = IntegerField(default=0)  # change of what is owed
    lot = ForeignKeyField(PointsLot, null=True, on_delete="RESTRICT", index=False)
    order = ForeignKeyField(Order, null=True, on_delete="SET NULL")
    why = CharField(max_length=300)
    at = DateTimeField(default=now)

    class Meta:
        indexes = ((("member", "at", "id"), False),)


class Voucher(Base):
    """A code that the shop takes off one purchase; made from points, once."""

    member = ForeignKeyField(Member, backref="vouchers", on_delete="RESTRICT")
    code = CharField(max_length=24, unique=True)
    points = IntegerField()
    worth = BigIntegerField()
    currency = CharField(max_length=3)
    key = CharField(max_length=64, unique=True)  # of the form that asked: a double click gets one
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)  # marked by staff
