"""The tables of imports: uploads, batches and what they changed, rows put aside, raw rows, maps."""

from peewee import (
    BigIntegerField,
    BooleanField,
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
    """One run of one file. `position` counts the rows that are done and commits with them.

    `state`: running, done, undoing, undone, redoing. `undo_position` commits with the part of an
    undo (or redo) that is done; `undo_tally` says what it did and what it could not do.
    """

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
    state = CharField(max_length=10, default="running")
    map = TextField(default="")  # the TOML that a mapped file was read with
    undo_position = JSONField(default=dict)
    undo_tally = JSONField(default=dict)
    undone_by = ForeignKeyField(
        Member, null=True, backref="undone_batches", on_delete="SET NULL", index=False
    )
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("sha256", "kind", "shop"), False),)


class MadeRows(Base):
    """Rows that a batch made: ids `first` to `last` of a table."""

    batch = ForeignKeyField(Batch, backref="made_rows", on_delete="CASCADE", index=False)
    table = CharField(max_length=40)
    first = IntegerField()
    last = IntegerField()

    class Meta:
        indexes = ((("batch", "table", "first"), False), (("table", "last"), False))


class EarlierRow(Base):
    """A row as it was before a batch changed it, or (`gone`) deleted it."""

    batch = ForeignKeyField(Batch, backref="earlier_rows", on_delete="CASCADE", index=False)
    table = CharField(max_length=40)
    row = IntegerField()
    gone = BooleanField(default=False)
    data = TextField()  # JSON: [before, after] of columns that changed; all columns where gone

    class Meta:
        indexes = ((("batch", "table", "row"), False), (("table", "row"), False))


class UndoneRow(Base):
    """What undoing a batch did to one thing and all that belongs to it, as redoing needs it.

    `deed`: removed, put_back (earlier values, deleted rows), emptied (a member whom history names).
    """

    batch = ForeignKeyField(Batch, backref="undone_rows", on_delete="CASCADE", index=False)
    table = CharField(max_length=40)
    row = IntegerField()
    deed = CharField(max_length=10)
    data = TextField()  # JSON, see portal.imports.undoing.deeds

    class Meta:
        indexes = ((("batch", "table", "row"), False),)


class QuarantinedRow(Base):
    """A row that could not come in: where it stands and why, in plain words."""

    batch = ForeignKeyField(Batch, backref="quarantined_rows", on_delete="CASCADE", index=False)
    line = IntegerField()  # physical line of the file, 1 = the header
    key = CharField(max_length=60, default="")  # the order that it belongs to
    reason = TextField()
    cells = TextField(default="")  # JSON
    head = IntegerField(default=0)  # line of the first row that came with it; they come in together
    corrected_at = DateTimeField(null=True)  # it came in after somebody corrected it
    corrected_by = ForeignKeyField(
        Member, null=True, backref="corrected_rows", on_delete="SET NULL", index=False
    )

    class Meta:
        indexes = ((("batch", "line"), False), (("batch", "head"), False))


class RawRow(Base):
    """A record's rows as they stood in the file, so that a better reading needs no new export."""

    batch = ForeignKeyField(Batch, backref="raw_rows", on_delete="CASCADE", index=False)
    shop = CharField(max_length=60)
    kind = CharField(max_length=40)
    key = CharField(max_length=320)
    digest = CharField(max_length=64)
    line = IntegerField()  # of the first row
    rows = TextField()  # JSON: a list of cells for each row; the batch has the header
    withdrawn = BooleanField(default=False)  # its batch was undone: it counts as never seen

    class Meta:
        indexes = ((("key", "kind", "shop"), False),)


class WaitingTransaction(Base):
    """Money that moved for an order, or a person, that has not come in yet.

    It names what it waits for: the order by number, by the shop's id or by a payment reference;
    else the person by customer id or e-mail address.
    """

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
    card_last4 = CharField(max_length=4, default="")
    external_id = CharField(max_length=60, default="")
    reference = CharField(max_length=200, default="")
    customer_id = CharField(max_length=60, default="")
    email = CharField(max_length=320, default="", index=True)  # folded
    description = CharField(max_length=300, default="")
    status = CharField(max_length=20, default="success")
    batch = ForeignKeyField(Batch, backref="waiting_transactions", on_delete="CASCADE", index=False)

    class Meta:
        indexes = (
            (("shop", "number", "key"), True),
            (("shop", "external_id"), False),
            (("shop", "reference"), False),
            (("shop", "customer_id"), False),
            (("key",), False),
        )


class SavedMap(Base):
    """How the owner had files with such a header read; found again by the header's fingerprint."""

    fingerprint = CharField(max_length=64, unique=True)
    name = CharField(max_length=120)
    toml = TextField()
    by = ForeignKeyField(Member, null=True, backref="saved_maps", on_delete="SET NULL", index=False)
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(default=now)


class Upload(Base):
    """A file that the owner sends in slices, looks at and brings in.

    `state`: receiving, looking (a job reads it), looked (the plan is there), importing, done,
    refused, cancelled. `progress` of `size` bytes are read; the job that works on it sets
    `beat_at` now and then, and another one goes on where it fell silent.
    """

    token = CharField(max_length=43, unique=True)
    by = ForeignKeyField(Member, null=True, backref="uploads", on_delete="SET NULL", index=False)
    name = CharField(max_length=255)
    size = BigIntegerField()
    received = BigIntegerField(default=0)
    sha256 = CharField(max_length=64, default="")
    state = CharField(max_length=12, default="receiving", index=True)
    kind = CharField(max_length=40, default="")
    map = TextField(default="")
    shop = CharField(max_length=60, default="default")
    currency = CharField(max_length=3, default="")
    plan = JSONField(default=dict)  # what would happen; what is missing where it is refused
    error = TextField(default="")
    progress = BigIntegerField(default=0)
    batch = ForeignKeyField(Batch, null=True, backref="uploads", on_delete="SET NULL", index=False)
    created_at = DateTimeField(default=now)
    started_at = DateTimeField(null=True)
    beat_at = DateTimeField(null=True)
    finished_at = DateTimeField(null=True)


MODELS: list[type[Base]] = [
    Batch,
    MadeRows,
    EarlierRow,
    UndoneRow,
    QuarantinedRow,
    RawRow,
    WaitingTransaction,
    SavedMap,
    Upload,
]
