"""A member's profile and picture; every field says who may see it."""

from peewee import BlobField, CharField, DateTimeField, ForeignKeyField, JSONField, TextField

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member

AUDIENCES = ("me", "members", "everyone")
FIELDS = ("name", "picture", "bio", "location", "links")


class Profile(Base):
    """What a member wrote; `visibility` maps a field to an audience, `me` where it is missing."""

    member = ForeignKeyField(Member, unique=True, backref="profiles", on_delete="CASCADE")
    bio = TextField(default="")
    location = CharField(max_length=120, default="")
    links = JSONField(default=list)
    visibility = JSONField(default=dict)


class Picture(Base):
    """A member's picture, re-encoded as WebP without EXIF."""

    member = ForeignKeyField(Member, unique=True, backref="pictures", on_delete="CASCADE")
    digest = CharField(max_length=40)
    webp = BlobField()
    created_at = DateTimeField(default=now)
