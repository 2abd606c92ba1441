"""What an address or a number is to the shop, and who came by it."""

from typing import NamedTuple

from portal.members.models import EmailAddress, Member

NEW, IMPORTED, MEMBER, STAFF, HELD = "new", "imported", "member", "staff", "held"
MAY_COME = (NEW, IMPORTED, MEMBER)


class Known(NamedTuple):
    """What an address is to the shop: one of the five kinds, and its row unless nobody has it."""

    kind: str
    email: EmailAddress | None = None


class Arrived(NamedTuple):
    """Who came; `first` when they joined by it."""

    member: Member
    first: bool
