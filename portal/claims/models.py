"""Claims: orders that a member proved to be theirs, and can give back for seven days."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member
from portal.orders.models import Order


class Claim(Base):
    """One order that came to a member by proof; `proofs` say which, never their values."""

    member = ForeignKeyField(Member, backref="claims", on_delete="RESTRICT")
    order = ForeignKeyField(Order, null=True, backref="claims", on_delete="SET NULL")
    from_member_id = IntegerField(null=True)  # whose it was before
    number = CharField(max_length=60)
    proofs = JSONField(default=list)
    at = DateTimeField(default=now)
    undone_at = DateTimeField(null=True)


MODELS: list[type[Base]] = [Claim]
