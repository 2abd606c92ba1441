"""What stands between knowing who somebody says they are and letting them in, or back in."""

from typing import Any

from peewee import (
    BigIntegerField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models.member import Member


class PendingSignIn(Base):
    """A browser that gave one proof where two are asked; the cookie holds the token."""

    token_hash = CharField(max_length=64, unique=True)
    member = ForeignKeyField(Member, backref="pending_sign_ins", on_delete="CASCADE")
    method = CharField(max_length=20)  # the first proof: code, password, link, provider
    device = CharField(max_length=120)
    tries = IntegerField(default=0)
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)


class ProofCode(Base):
    """A code sent to an address or a number, good for ten minutes in the browser that asked."""

    browser_hash = CharField(max_length=64, unique=True)
    purpose = CharField(max_length=20)  # join, second-factor, phone, claim, recover, sudo, change
    channel = CharField(max_length=4)  # mail, sms
    target = CharField(max_length=320)  # the folded address or number
    member = ForeignKeyField(Member, null=True, backref="proof_codes", on_delete="CASCADE")
    code_hash = CharField(max_length=64)
    data = JSONField(default=dict)  # what the flow needs afterwards; no secrets
    mail_id = IntegerField(null=True)  # the mail or text message that carries it
    tries = IntegerField(default=0)
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("purpose", "target", "created_at"), False),)


class Password(Base):
    """A member's password, where the shop has them switched on."""

    member = ForeignKeyField(Member, unique=True, backref="passwords", on_delete="CASCADE")
    hash = CharField(max_length=200)  # argon2id
    set_at = DateTimeField(default=now)
    reminded_at = DateTimeField(null=True)


class Authenticator(Base):
    """An authenticator app; asked for once `confirmed_at` is set. No step works twice."""

    member = ForeignKeyField(Member, backref="authenticators", on_delete="CASCADE")
    sealed = TextField()  # the shared secret
    label = CharField(max_length=80, default="")
    last_step = BigIntegerField(default=0)
    created_at = DateTimeField(default=now)
    confirmed_at = DateTimeField(null=True)
    used_at = DateTimeField(null=True)


class SentFactor(Base):
    """A second factor that is a code sent by mail, or by text message to a proved number."""

    member = ForeignKeyField(Member, backref="sent_factors", on_delete="CASCADE", index=False)
    channel = CharField(max_length=4)  # mail, sms
    target = CharField(max_length=20, default="")  # the number; mails go to the member's address
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "channel"), True),)


class RecoveryCode(Base):
    """One of ten codes that open the account when everything else is lost, each once."""

    member = ForeignKeyField(Member, backref="recovery_codes", on_delete="CASCADE")
    code_hash = CharField(max_length=200)
    created_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)


class SecurityQuestion(Base):
    """An extra proof inside a recovery, where the shop switched it on; never enough alone."""

    member = ForeignKeyField(Member, backref="security_questions", on_delete="CASCADE")
    question = CharField(max_length=200)
    answer_hash = CharField(max_length=200)
    created_at = DateTimeField(default=now)


class Recovery(Base):
    """A way back in for who lost everything: waiting, announced everywhere, cancellable.

    `state`: asked, waiting, ready, done, cancelled, refused.
    """

    member = ForeignKeyField(Member, backref="recoveries", on_delete="CASCADE")
    token_hash = CharField(max_length=64, unique=True)  # of who asked
    cancel_hash = CharField(max_length=64, unique=True)  # of the link in every announcement
    state = CharField(max_length=10, default="asked", index=True)
    proofs = JSONField(default=list)
    address = CharField(max_length=320, default="")  # where the person can be reached
    asked_at = DateTimeField(default=now)
    ready_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)
    ended_how = CharField(max_length=40, default="")
    started_by = ForeignKeyField(
        Member, null=True, backref="recoveries_started", on_delete="SET NULL", index=False
    )
    approved_by = ForeignKeyField(
        Member, null=True, backref="recoveries_approved", on_delete="SET NULL", index=False
    )


class AddressChange(Base):
    """A new e-mail address on its way in; told to the old one, with a way back for seven days."""

    member = ForeignKeyField(Member, backref="address_changes", on_delete="CASCADE")
    old = CharField(max_length=320)
    new = CharField(max_length=320)
    new_hash = CharField(max_length=64, unique=True)  # of the link to the new address
    back_hash = CharField(max_length=64, unique=True)  # of the link to the old one
    asked_at = DateTimeField(default=now)
    proved_at = DateTimeField(null=True)
    taken_back_at = DateTimeField(null=True)
    expires_at = DateTimeField()


HOLDING = ("warn", "restrict", "suspend")  # the kinds that hold; a proposal does not


class Restriction(Base):
    """What staff decided about an account: a warning, a restriction or a suspension, with its end.

    `what` names what is restricted: points, addresses, profile, reviews, sign_in …
    """

    member = ForeignKeyField(Member, backref="restrictions", on_delete="CASCADE")
    kind = CharField(max_length=10)  # warn, restrict, suspend, proposed
    what = JSONField(default=list)
    text = TextField(default="")  # to the member
    why = TextField(default="")  # for staff
    by = ForeignKeyField(
        Member, null=True, backref="restrictions_made", on_delete="SET NULL", index=False
    )
    at = DateTimeField(default=now)
    ends_at = DateTimeField(null=True)
    lifted_at = DateTimeField(null=True)
    lifted_by = ForeignKeyField(
        Member, null=True, backref="restrictions_lifted", on_delete="SET NULL", index=False
    )

    @classmethod
    def open_at(cls, moment: Any) -> Any:
        """Rows that nobody lifted and that have not ended at a moment, proposals among them."""
        return cls.lifted_at.is_null() & (cls.ends_at.is_null() | (cls.ends_at > moment))

    @classmethod
    def holding_at(cls, moment: Any) -> Any:
        """Rows that hold at a moment."""
        return cls.kind.in_(HOLDING) & cls.open_at(moment)
