"""A member's profile and picture; every field says who may see it."""

from typing import Any

from peewee import (
    BlobField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegrityError,
    JSONField,
    TextField,
)

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.members.models import Member, SearchTerm
from portal.members.models.search import index_member, terms_for_name

AUDIENCES = ("me", "members", "everyone")
FIELDS = ("name", "picture", "bio", "location", "links")


class UsernameTaken(ValueError):
    """Somebody else has that username."""


class Profile(Base):
    """What a member wrote; `visibility` maps a field to an audience, `me` where it is missing."""

    member = ForeignKeyField(Member, unique=True, backref="profiles", on_delete="CASCADE")
    bio = TextField(default="")
    location = CharField(max_length=120, default="")
    links = JSONField(default=list)
    company = CharField(max_length=120, default="")
    industry = CharField(max_length=120, default="")
    job = CharField(max_length=120, default="")
    interests = JSONField(default=list)
    visibility = JSONField(default=dict)

    @classmethod
    def of(cls, member: Member) -> "Profile":
        """The member's profile, made at its first use; only inside a transaction."""
        cls.insert(member=member, links=[], visibility={}).on_conflict_ignore().execute()
        profile: Profile = cls.get(cls.member == member)
        return profile

    @classmethod
    def write(
        cls, member: Member, *, name: str, username: str, bio: str, location: str, links: list[str]
    ) -> bool:
        """Keep what a member wrote; False when nothing is new. On UsernameTaken all stays."""
        with write_tx():
            member.touch()
            fresh: Member = Member.get_by_id(member.id)
            profile = cls.of(member)
            values = {"bio": bio, "location": location, "links": links}
            new = {key: value for key, value in values.items() if getattr(profile, key) != value}
            if new:
                cls.update(**new).where(cls.id == profile.id).execute()
            if fresh.name != name:
                _rename(fresh, name)
            if fresh.username != username:
                _take_username(fresh, username)
            if new or fresh.name != name:
                fresh.record("profile.changed")
            return bool(new) or (fresh.name, fresh.username) != (name, username)

    @classmethod
    def show_to(cls, member: Member, field: str, audience: str) -> bool:
        """Choose who sees a field; False when it was so already."""
        with write_tx():
            member.touch()
            profile = cls.of(member)
            if profile.visibility.get(field, "me") == audience:
                return False
            visibility = {**profile.visibility, field: audience}
            cls.update(visibility=visibility).where(cls.id == profile.id).execute()
            member.record("profile.shown_to", subject=field, field=field, audience=audience)
            return True


class Picture(Base):
    """A member's picture, re-encoded as WebP without EXIF."""

    member = ForeignKeyField(Member, unique=True, backref="pictures", on_delete="CASCADE")
    digest = CharField(max_length=40)
    webp = BlobField()
    created_at = DateTimeField(default=now)

    @classmethod
    def keep(cls, member: Member, webp: bytes, digest: str) -> None:
        """Make this the member's picture."""
        with write_tx():
            member.touch()
            values: dict[Any, Any] = {cls.webp: webp, cls.digest: digest, cls.created_at: now()}
            cls.insert({cls.member: member, **values}).on_conflict(
                conflict_target=[cls.member], update=values
            ).execute()
            member.record("profile.picture_changed")

    @classmethod
    def drop(cls, member: Member) -> bool:
        """Remove the member's picture; False when there was none."""
        with write_tx():
            member.touch()
            gone = cls.delete().where(cls.member == member).execute()
            if gone:
                member.record("profile.picture_removed")
            return bool(gone)


def _rename(member: Member, name: str) -> None:
    """Change the name, and what agents find the member by: the old words go unless still needed."""
    Member.update(name=name).where(Member.id == member.id).execute()
    old = terms_for_name(member.name) - terms_for_name(name)
    SearchTerm.delete().where(
        (SearchTerm.member == member) & SearchTerm.term.in_(sorted(old))
    ).execute()
    index_member(Member.get_by_id(member.id))


def _take_username(member: Member, username: str) -> None:
    try:
        with write_tx():
            Member.update(username=username).where(Member.id == member.id).execute()
    except IntegrityError:
        raise UsernameTaken(username) from None
    member.record("profile.username_changed", subject=username)
