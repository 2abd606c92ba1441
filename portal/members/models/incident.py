"""What was refused: no event of one member, but what somebody tried at the shop's doors."""

from peewee import CharField, DateTimeField, ForeignKeyField, JSONField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models.member import Member


class Incident(Base):
    """A refused request, as a rule of the house names it; rows are only ever added, and go after
    a year."""

    at = DateTimeField(default=now, index=True)
    kind = CharField(max_length=40)  # limit, forged, no_right, bad_token, pot, …
    member = ForeignKeyField(Member, null=True, backref="incidents", on_delete="RESTRICT")
    client = CharField(max_length=64)  # keyed hash of the network address
    rule = CharField(max_length=200, default="")  # the route's rule, never the path
    data = JSONField(default=dict)
