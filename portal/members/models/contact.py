"""How a person can be reached: addresses, phone numbers, and the ids their shop knows them by."""

import re

from peewee import SQL, CharField, DateTimeField, ForeignKeyField

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.members.models.member import Member


def fold_email(address: str) -> str:
    """An address as it is compared: trimmed and case-blind."""
    return address.strip().casefold()


def fold_phone(number: str) -> str:
    """A phone number as it is compared: digits only, `00` as `+`; short ones are no numbers."""
    digits = re.sub(r"\D", "", number)
    digits = digits.removeprefix("00")
    return digits if len(digits) >= 7 else ""


BY_MERGE = "merge"  # the source of an address that came to an account in use when two were merged
FORMER = "former"  # the source of an address that was given up, but files still know it
LEFT = "left"  # the same for one that no file knows; it goes once there is no way back to it
GIVEN_UP = (FORMER, LEFT)
#: As the index says it, so that both databases see that it holds for a query.
IS_LEFT = SQL("\"source\" = 'left'")


class EmailAddress(Base):
    """An address of one member; no two members share one. Verified once a code proved it."""

    member = ForeignKeyField(Member, backref="emails", on_delete="CASCADE")
    address = CharField(max_length=320)
    folded = CharField(max_length=320, unique=True)
    source = CharField(max_length=10, default="import")
    verified_at = DateTimeField(null=True)
    created_at = DateTimeField(default=now)

    @property
    def opens(self) -> bool:
        """Whether who reads mail at this address may sign in with it.

        Not so where an agent brought it to an account in use, until it was proved; nor where the
        member gave it up for another.
        """
        if self.source in GIVEN_UP:
            return False
        return self.source != BY_MERGE or self.verified_at is not None

    def verify(self) -> None:
        """The person showed that mail to this address reaches them."""
        with write_tx():
            EmailAddress.update(verified_at=now()).where(
                (EmailAddress.id == self.id) & EmailAddress.verified_at.is_null()
            ).execute()

    @classmethod
    def find(cls, address: str) -> "EmailAddress | None":
        """The stored address that equals this one, case-blind."""
        return cls.get_or_none(cls.folded == fold_email(address))

    @classmethod
    def of(cls, member: Member) -> "EmailAddress | None":
        """Where mail to a member goes: an address that was proved, else the oldest."""
        known = (cls.member == member) & cls.source.not_in(GIVEN_UP)
        addresses = cls.select().where(known).order_by(cls.id)
        return max(addresses, key=lambda email: email.verified_at is not None, default=None)


EmailAddress.add_index(
    EmailAddress.index(EmailAddress.member, where=IS_LEFT, name="email_address_left")
)


class PhoneNumber(Base):
    """A phone number of a member; families share one, so it is not unique."""

    member = ForeignKeyField(Member, backref="phones", on_delete="CASCADE")
    number = CharField(max_length=40)
    folded = CharField(max_length=40, index=True)
    verified_at = DateTimeField(null=True)
    door = CharField(max_length=40, null=True, unique=True)  # `folded` where a code to it signs in
    created_at = DateTimeField(default=now)


class CustomerId(Base):
    """The id by which a shop's own system knows a member."""

    member = ForeignKeyField(Member, backref="customer_ids", on_delete="CASCADE")
    shop = CharField(max_length=60)
    external_id = CharField(max_length=60)

    class Meta:
        indexes = ((("shop", "external_id"), True),)
