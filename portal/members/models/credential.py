"""What proves who somebody is: passkeys, challenges, mailed codes and one-time links."""

from datetime import timedelta

from peewee import (
    BlobField,
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
)

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.lib.tokens import digest, new_token
from portal.members.keepers import keeper
from portal.members.models.member import Member


class Passkey(Base):
    """A WebAuthn credential of a member."""

    member = ForeignKeyField(Member, backref="passkeys", on_delete="CASCADE")
    credential_id = CharField(max_length=1400, unique=True)  # base64url
    public_key = BlobField()
    sign_count = IntegerField(default=0)
    transports = JSONField(default=list)
    aaguid = CharField(max_length=36, default="")
    synced = BooleanField(default=False)  # backup state: the passkey lives on several devices
    can_sync = BooleanField(default=False)  # backup eligibility
    label = CharField(max_length=80)
    made_on = CharField(max_length=120, default="")  # the browser and its device
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)

    @property
    def kept_by(self) -> str:
        """Who keeps it, by its own account; "" where that is not known."""
        return keeper(self.aaguid)


class Challenge(Base):
    """A WebAuthn challenge, taken once: DELETE … RETURNING."""

    token_hash = CharField(max_length=64, primary_key=True)
    challenge = BlobField()
    purpose = CharField(max_length=20)
    member_id = IntegerField(null=True)
    expires_at = DateTimeField(index=True)

    @classmethod
    def keep(cls, challenge: bytes, purpose: str, member_id: int | None = None) -> str:
        """Remember a challenge for five minutes; returns the token that the form carries."""
        token = new_token()
        with write_tx():
            cls.delete().where(cls.expires_at < now()).execute()
            cls.create(
                token_hash=digest(token),
                challenge=challenge,
                purpose=purpose,
                member_id=member_id,
                expires_at=now() + timedelta(minutes=5),
            )
        return token

    @classmethod
    def take(cls, token: str, purpose: str) -> "Challenge | None":
        """The challenge, once: whoever asks again gets None."""
        with write_tx():
            taken = list(
                cls.delete().where(cls.token_hash == digest(token)).returning(cls).execute()
            )
        found = taken[0] if taken else None
        usable = found and found.purpose == purpose and found.expires_at >= now()
        return found if usable else None


class SignInCode(Base):
    """A code mailed to an address, good for ten minutes in the browser that asked."""

    browser_hash = CharField(max_length=64, unique=True)
    folded = CharField(max_length=320, index=True)
    member = ForeignKeyField(Member, null=True, on_delete="CASCADE")  # None: nobody has the address
    code_hash = CharField(max_length=64)
    tries = IntegerField(default=0)
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)


class OneTimeLink(Base):
    """A link that does one thing once: GET shows a button, POST does it."""

    token_hash = CharField(max_length=64, unique=True)
    purpose = CharField(max_length=20)  # sign-in, setup, not-me
    member = ForeignKeyField(Member, null=True, on_delete="CASCADE")  # None: the first owner
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)
    about = CharField(max_length=300, default="")  # which mail it stands in; no secrets

    @classmethod
    def make(cls, purpose: str, member: Member | None, lives: timedelta) -> str:
        """A new link's token; earlier unused ones for the same purpose and person die."""
        token = new_token()
        with write_tx():
            same = (cls.member == member) if member else cls.member.is_null()
            cls.update(expires_at=now()).where(
                (cls.purpose == purpose) & same & cls.used_at.is_null()
            ).execute()
            cls.create(
                token_hash=digest(token), purpose=purpose, member=member, expires_at=now() + lives
            )
        return token

    @classmethod
    def leave(cls, purpose: str, member: Member | None, lives: timedelta, about: str) -> str:
        """A new link's token, beside all earlier ones: every mail has a link of its own."""
        token = new_token()
        with write_tx():
            cls.create(
                token_hash=digest(token),
                purpose=purpose,
                member=member,
                expires_at=now() + lives,
                about=" ".join(about.split())[:300],
            )
        return token

    @classmethod
    def known(cls, token: str, purpose: str) -> "OneTimeLink | None":
        """The link, dead or alive, to say what became of it."""
        return cls.get_or_none((cls.token_hash == digest(token)) & (cls.purpose == purpose))

    @classmethod
    def find(cls, token: str, purpose: str) -> "OneTimeLink | None":
        """The link when it can still be used."""
        return cls.get_or_none(
            (cls.token_hash == digest(token))
            & (cls.purpose == purpose)
            & cls.used_at.is_null()
            & (cls.expires_at > now())
        )

    @classmethod
    def end_all(cls, member: Member) -> None:
        """Every link that lets a member in dies."""
        with write_tx():
            cls.update(expires_at=now()).where(
                (cls.member == member) & cls.used_at.is_null() & (cls.purpose != "not-me")
            ).execute()

    def use(self) -> bool:
        """Use the link up; True for exactly one caller."""
        with write_tx():
            used = OneTimeLink.update(used_at=now()).where(
                (OneTimeLink.id == self.id)
                & OneTimeLink.used_at.is_null()
                & (OneTimeLink.expires_at > now())
            )
            return bool(used.execute())
