"""The tables of imports: batches, what was put aside, raw rows, and money without its order yet."""

from peewee import (
    BigIntegerField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class Batch(Base):
    """One run of one file. `position` counts the rows that are done and commits with them."""

    file = CharField(max_length=255)
    sha256 = CharField(max_length=64)
    kind = CharField(max_length=40)
    shop = CharField(max_length=60)
    currency = CharField(max_length=3)
    header = JSONField(default=list)
    size = BigIntegerField(default=0)
    position = IntegerField(default=0)
    tally = JSONField(
        default=dict
    )  # what was created, updated, unchanged, skipped; sums by currency
    by = ForeignKeyField(Member, null=True, backref="batches", on_delete="SET NULL", index=False)
    started_at = DateTimeField(default=now)
    finished_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("sha256", "kind", "shop"), False),)


class QuarantinedRow(Base):
    """A row that could not come in: where it stands and why, in plain words."""

    batch = ForeignKeyField(Batch, backref="quarantined_rows", on_delete="CASCADE", index=False)
    line = IntegerField()  # physical line of the file, 1 = the header
    key = CharField(max_length=60, default="")  # the order that it belongs to
    reason = TextField()
    cells = TextField(default="")  # JSON

    class Meta:
        indexes = ((("batch", "line"), False),)


class RawRow(Base):
    """A record's rows as they stood in the file, so that a better reading needs no new export."""

    batch = ForeignKeyField(Batch, backref="raw_rows", on_delete="CASCADE", index=False)
    shop = CharField(max_length=60)
    kind = CharField(max_length=40)
    key = CharField(max_length=320)
    digest = CharField(max_length=64)
    line = IntegerField()  # of the first row
    rows = TextField()  # JSON: a list of cells for each row; the batch has the header

    class Meta:
        indexes = ((("key", "kind", "shop"), False),)


class WaitingTransaction(Base):
    """Money that moved for an order that has not come in yet."""

    shop = CharField(max_length=60)
    number = CharField(max_length=60)
    key = CharField(max_length=120)
    kind = CharField(max_length=20)
    at = DateTimeField()
    amount = BigIntegerField()
    currency = CharField(max_length=3)
    method = CharField(max_length=200, default="")
    gateway = CharField(max_length=60, default="")
    card_brand = CharField(max_length=40, default="")
    batch = ForeignKeyField(Batch, backref="waiting_transactions", on_delete="CASCADE", index=False)

    class Meta:
        indexes = ((("shop", "number", "key"), True),)


MODELS: list[type[Base]] = [Batch, QuarantinedRow, RawRow, WaitingTransaction]
