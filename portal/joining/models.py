"""Joining: who was asked in by the shop, and how far everybody came."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class Invitation(Base):
    """The shop asked somebody in: one row for an address, whose newest link works, once."""

    member = ForeignKeyField(Member, null=True, backref="invitations", on_delete="CASCADE")
    address = CharField(max_length=320, unique=True)  # folded
    token_hash = CharField(max_length=64, unique=True)
    by = ForeignKeyField(
        Member, null=True, backref="invitations_made", on_delete="SET NULL", index=False
    )
    sent_at = DateTimeField(default=now)
    expires_at = DateTimeField()
    opened_at = DateTimeField(null=True)
    used_at = DateTimeField(null=True)
    mail_id = IntegerField(null=True)  # the mail that carries the link


class Step(Base):
    """A step of getting started: done or skipped, once each."""

    member = ForeignKeyField(Member, backref="steps", on_delete="CASCADE", index=False)
    name = CharField(max_length=40)
    state = CharField(max_length=10)  # begun, done, skipped
    at = DateTimeField(default=now)

    class Meta:
        indexes = ((("member", "name"), True), (("name", "state"), False))


MODELS: list[type[Base]] = [Invitation, Step]
