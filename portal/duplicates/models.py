"""Likely duplicates, and who was joined with whom or parted from whom."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class Likeness(Base):
    """Two people who may be one, with the reasons; `first` has the lower id.

    Said to be different people (`dismissed_at`), they are not offered again.
    """

    first = ForeignKeyField(Member, backref="likenesses", on_delete="CASCADE", index=False)
    second = ForeignKeyField(Member, backref="likenesses_too", on_delete="CASCADE")
    score = IntegerField()
    reasons = JSONField(default=list)
    found_at = DateTimeField(default=now)
    dismissed_at = DateTimeField(null=True)
    dismissed_by = ForeignKeyField(
        Member, null=True, backref="dismissed_likenesses", on_delete="SET NULL", index=False
    )

    class Meta:
        indexes = ((("first", "second"), True), (("dismissed_at", "score", "id"), False))


class Move(Base):
    """Rows that went from one member to another: all of them (merge), or some (split).

    Undone, what still stands where it went goes back; the row itself stays.
    """

    kind = CharField(max_length=10)  # merge, split
    source = ForeignKeyField(Member, backref="moves_from", on_delete="RESTRICT")
    target = ForeignKeyField(Member, backref="moves_to", on_delete="RESTRICT")
    why = CharField(max_length=300, default="")
    summary = JSONField(default=dict)  # how many of what; points
    by = ForeignKeyField(Member, null=True, backref="moves_made", on_delete="SET NULL", index=False)
    at = DateTimeField(default=now)
    undone_at = DateTimeField(null=True)
    undone_by = ForeignKeyField(
        Member, null=True, backref="moves_undone", on_delete="SET NULL", index=False
    )


class MovedRow(Base):
    """One row that a move took along. A row whose like the target has already stays behind."""

    move = ForeignKeyField(Move, backref="rows", on_delete="CASCADE", index=False)
    table = CharField(max_length=40)
    row = IntegerField()
    data = JSONField(default=dict)  # what taking it back needs to know

    class Meta:
        indexes = ((("move", "table", "row"), False),)


MODELS: list[type[Base]] = [Likeness, Move, MovedRow]
