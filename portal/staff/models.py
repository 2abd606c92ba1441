"""What agents write about a member, for agents."""

from peewee import DateTimeField, ForeignKeyField, TextField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class Note(Base):
    """A note of one agent on one member; the member never sees it."""

    member = ForeignKeyField(Member, backref="notes", on_delete="CASCADE")
    author = ForeignKeyField(Member, backref="written_notes", on_delete="RESTRICT")
    body = TextField()
    created_at = DateTimeField(default=now)
