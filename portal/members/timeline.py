"""One timeline, two views of it: plain for the member, complete for the agent."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.text import _
from portal.members import kinds
from portal.members.models import Event, Member
from portal.shop.models import settings

SIZE = 30
# The groups that a timeline can be filtered by, in the order in which they are offered.
GROUPS = {
    "orders": "Orders",
    "payments": "Payments",
    "points": "Points",
    "sign-ins": "Sign-ins",
    "account": "Account",
    "mails": "Mails",
    "looks": "Looks by the shop",
}


@dataclass(frozen=True)
class Entry:
    """One line of a timeline, ready to be read."""

    id: int
    at: datetime
    kind: str
    group: str
    words: str
    by_staff: bool
    subject: str


def timeline(
    member: Member,
    for_staff: bool = False,
    group: str | None = None,
    after: str | None = None,
    size: int = SIZE,
) -> Page:
    """A page of a member's events, the newest first; an unknown group counts as none."""
    shown = kinds.names(group if group in GROUPS else None, for_member=not for_staff)
    actor = Member.alias()
    query = (
        Event.select(
            Event.id,
            Event.at,
            Event.kind,
            Event.subject,
            Event.data,
            actor.name.alias("actor_name"),
            actor.number.alias("actor_number"),
        )
        .join(actor, JOIN.LEFT_OUTER, on=(Event.actor == actor.id))
        .where((Event.member == member) & Event.kind.in_(shown))
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(size + 1)
    )
    cursor = read_cursor(after)
    if cursor:
        at, row_id = cursor
        query = query.where((Event.at < at) | ((Event.at == at) & (Event.id < row_id)))
    page = slice_after(list(query.namedtuples()), size, "at")
    return Page([_entry(row, for_staff) for row in page.rows], page.next)


def groups(for_staff: bool = False) -> list[tuple[str, str]]:
    """The filters that can show something, with their words."""
    return [
        (group, _(words))
        for group, words in GROUPS.items()
        if kinds.names(group, for_member=not for_staff)
    ]


def _entry(row, for_staff: bool) -> Entry:  # type: ignore[no-untyped-def]
    kind = kinds.kind(row.kind)
    who = row.actor_name or row.actor_number or _("Somebody")
    values = {**row.data, "subject": row.subject, "who": who, "shop": settings().name}
    words = kind.staff if for_staff or kind.member is None else kind.member
    by_staff = row.actor_number is not None
    return Entry(
        row.id, row.at, row.kind, kind.group, kinds.read(words, values), by_staff, row.subject
    )
