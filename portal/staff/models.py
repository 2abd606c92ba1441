"""What agents write about a member, for agents; and when each of them last opened whom."""

from datetime import timedelta

from peewee import CharField, DateTimeField, ForeignKeyField, TextField

from portal.duplicates.rows import take_along
from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.members.models import Member

QUIET = timedelta(minutes=10)  # opening the same thing again within it is the same look


class Note(Base):
    """A note of one agent on one member; the member never sees it."""

    member = ForeignKeyField(Member, backref="notes", on_delete="CASCADE")
    author = ForeignKeyField(Member, backref="written_notes", on_delete="RESTRICT")
    body = TextField()
    created_at = DateTimeField(default=now)


take_along(Note)


class Look(Base):
    """The last time an agent opened a member, or one order of theirs (`what`)."""

    agent = ForeignKeyField(Member, backref="looks", on_delete="CASCADE", index=False)
    member = ForeignKeyField(Member, backref="looked_at_by", on_delete="CASCADE")
    what = CharField(max_length=120, default="")  # an order number, or empty for the whole account
    at = DateTimeField(default=now)

    class Meta:
        indexes = ((("agent", "member", "what"), True), (("agent", "at"), False))

    @classmethod
    def take(cls, agent: Member, member: Member, what: str = "") -> bool:
        """Write down that an agent looks; the member reads it, once for every ten minutes."""
        moment = now()
        with write_tx():
            new = list(
                cls.insert(agent=agent, member=member, what=what, at=moment)
                .on_conflict(
                    conflict_target=[cls.agent, cls.member, cls.what],
                    update={cls.at: moment},
                    where=(cls.at < moment - QUIET),
                )
                .returning(cls.id)
                .execute()
            )
            if new:
                member.record("staff.looked", subject=what, actor=agent)
        return bool(new)
