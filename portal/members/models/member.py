"""A member: a person the shop knows, with a lasting number, and all that ever happened to them."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blinker import signal
from peewee import (
    SQL,
    BlobField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    JSONField,
)

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.lib.tokens import new_number, plain_code
from portal.members import kinds

ROLES = ("agent", "owner")

#: Sent with each event, in its transaction: `recorded.send(None, member=member, kind=kind)`.
recorded = signal("members.recorded")


class Member(Base):
    """A person. Imported people have no way in until they prove their e-mail address."""

    number = CharField(max_length=12, unique=True)
    name = CharField(max_length=200, default="")
    username = CharField(max_length=40, unique=True)  # kept lower case; the number until chosen
    role = CharField(max_length=10, null=True, index=True)
    source = CharField(max_length=10, default="import")  # import, sign-up, staff
    version = IntegerField(default=1)  # raised by every write to this member's data
    user_handle = BlobField(null=True)  # WebAuthn user id, made at the first passkey
    created_at = DateTimeField(default=now)
    joined_at = DateTimeField(null=True, index=True)  # first sign-in
    visit_at = DateTimeField(null=True)  # start of the present visit
    last_visit_at = DateTimeField(null=True)  # start of the visit before it
    nudge_after = DateTimeField(null=True)  # "create a passkey" was put off until then
    frozen_at = DateTimeField(null=True)  # "this was not me": nothing that can be abused goes
    closing_at = DateTimeField(null=True)  # asked to be closed; it is after fourteen days
    closed_at = DateTimeField(null=True)
    withdrawn_at = DateTimeField(null=True)  # the import that made them was undone; history stays
    merged_into = ForeignKeyField(
        "self", null=True, backref="merged", on_delete="RESTRICT"
    )  # the same person
    merges = IntegerField(default=0)  # how many people were merged into this one

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Back references that later domains declare: orders, payments, vouchers …"""

    @classmethod
    def make(cls, *, name: str = "", source: str = "import", role: str | None = None) -> "Member":
        """A new member with a fresh number."""
        with write_tx():
            while True:
                number = new_number()
                try:
                    with write_tx():
                        return cls.create(
                            number=number,
                            username=number.lower(),
                            name=name,
                            source=source,
                            role=role,
                        )
                except IntegrityError:
                    continue  # the number was taken: one in 10^12

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the shop."""
        return self.role in ROLES

    @property
    def shown_name(self) -> str:
        """The name, or the number of somebody whose name is not known."""
        return self.name or self.number

    def record(
        self,
        kind: str,
        *,
        subject: str = "",
        actor: "Member | None" = None,
        at: datetime | None = None,
        **data: Any,
    ) -> "Event":
        """Write an event into this member's timeline, in the transaction of the deed.

        `actor` is the member of staff who did it, None for the member or the system. `data` is
        what the kind's words need; no secrets.
        """
        kinds.kind(kind)
        with write_tx():
            self.touch()
            event = Event.create(
                member=self, kind=kind, subject=subject, actor=actor, data=data, at=at or now()
            )
            recorded.send(None, member=self, kind=kind)
        return event

    def touch(self) -> None:
        """Raise the version, so that fragments kept by browsers are fetched anew."""
        Member.update(version=Member.version + 1).where(Member.id == self.id).execute()

    def handle(self) -> bytes:
        """The WebAuthn user id, made once."""
        if not self.user_handle:
            with write_tx():
                Member.update(user_handle=secrets.token_bytes(64)).where(
                    (Member.id == self.id) & Member.user_handle.is_null()
                ).execute()
            self.user_handle = Member.get_by_id(self.id).user_handle
        return bytes(self.user_handle or b"")

    @classmethod
    def by_number(cls, text: str) -> "Member | None":
        """The member with this number, typed with or without hyphens.

        The number of somebody who was merged names the one kept, for ever.
        """
        plain = plain_code(text)
        number = f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"
        found = cls.get_or_none(cls.number == number)
        return found.merged_into if found and found.merged_into_id else found


class Event(Base):
    """Something that happened to a member. Rows are only ever added."""

    member = ForeignKeyField(Member, backref="events", on_delete="RESTRICT", index=False)
    kind = CharField(max_length=40)
    at = DateTimeField(default=now)
    actor = ForeignKeyField(Member, null=True, backref="acts", on_delete="RESTRICT", index=False)
    subject = CharField(max_length=120, default="")
    data = JSONField(default=dict)

    class Meta:
        indexes = ((("member", "at", "id"), False),)


#: The kinds of events that tell of a proof that failed. All ways count together: whoever guesses
#: may change between them.
FAILURES = (
    "sign_in.code_wrong",
    "password.wrong",
    "factor.wrong",
    "passkey.wrong",
    "recovery.wrong_answers",
)
#: What the shop looks at across all members: few rows, found by time with an index of their own.
SIGNS = (*FAILURES, "passkey.refused", "account.frozen", "orders.claim_missed")
#: As the index says it, so that both databases see that it holds for a query.
IS_A_SIGN = SQL('"kind" IN ({})'.format(", ".join(f"'{kind}'" for kind in SIGNS)))

IS_FROZEN = SQL('"frozen_at" IS NOT NULL')

Event.add_index(Event.index(Event.at, where=IS_A_SIGN, name="event_signs"))
Member.add_index(Member.index(Member.frozen_at, where=IS_FROZEN, name="member_frozen"))
Member.add_index(
    Member.index(Member.closing_at, where=SQL('"closing_at" IS NOT NULL'), name="member_closing")
)
