"""Text messages: like mails, every one is a row first (the outbox)."""

from peewee import CharField, DateTimeField, IntegerField, TextField

from portal.lib.clock import now
from portal.lib.db import Base


class TextMessage(Base):
    """A text message to one number, in an outbox like the mails; its code waits sealed."""

    to = CharField(max_length=20)
    text = CharField(max_length=500)
    kind = CharField(max_length=60)
    sealed = TextField(null=True)
    member_id = IntegerField(null=True)
    status = CharField(max_length=10, default="pending", index=True)
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(null=True)
    next_try_at = DateTimeField(default=now)
    sent_at = DateTimeField(null=True)
    tries = IntegerField(default=0)
    error = CharField(max_length=500, null=True)
