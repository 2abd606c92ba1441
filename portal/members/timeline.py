"""One timeline, two views of it: plain for the member, complete for the agent."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from portal.lib.db import Compiled
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.text import _
from portal.members import kinds
from portal.members import mails as _mails  # noqa: F401  (mails are a part of every timeline)
from portal.members import texts as _texts  # noqa: F401  (and text messages)
from portal.members.answers import answers, is_asked
from portal.members.models import Member
from portal.members.sources import merged
from portal.shop.models import settings

SIZE = 30
# The groups that a timeline can be filtered by, in the order in which they are offered.
GROUPS = {
    "orders": "Orders",
    "payments": "Payments",
    "points": "Points",
    "sign-ins": "Sign-ins",
    "account": "Account",
    "mails": "Mails and texts",
    "looks": "Looks by the shop",
}
_START = (datetime(9999, 1, 1), 2**62)
_HERE = "\x1f"  # stands in the words where the order's number comes, which can be a link


@dataclass(frozen=True)
class Entry:
    """One line of a timeline, ready to be read.

    `order` names an order in addresses, or is empty; its number then stands between `before`
    and `after`. `asks`: whether it was the member is asked, `answer` (mine, not-mine) is what
    they said; of failures one after the other only the newest asks.
    """

    id: int
    at: datetime
    kind: str
    group: str
    words: str
    by_staff: bool
    subject: str
    order: str = ""
    before: str = ""
    after: str = ""
    asks: bool = False
    answer: str = ""


def timeline(
    member: Member,
    for_staff: bool = False,
    group: str | None = None,
    after: str | None = None,
    size: int = SIZE,
    news: bool = False,
) -> Page:
    """A page of a member's life, the newest first, in one statement.

    It includes what happened under the numbers of those merged into them.

    An unknown group counts as none, a garbled cursor as the start. `news` leaves out what the
    member did.
    """
    query = _query(group if group in GROUPS else None, for_staff, news, size, member.merges > 0)
    at, place = read_cursor(after) or _START
    page = slice_after(query.all(member=member.id, at=at, place=place), size, "at")
    shop = settings().name
    entries = [_entry(row, for_staff, shop) for row in page.rows]
    return Page(entries if for_staff else asked(member, entries), page.next)


def asked(member: Member, entries: list[Entry]) -> list[Entry]:
    """The same entries, with the question whether it was the member, and what they answered."""
    doubted, failed = [], False
    for entry in entries:
        kind = kinds.kind(entry.kind)
        out = kind.outcome == "out"
        if is_asked(entry.kind, entry.at) and not (out and failed):
            doubted.append(entry)
        failed = out or (failed and kind.group == "sign-ins" and kind.outcome != "in")
    if not doubted:
        return entries
    ids = [entry.id for entry in doubted]
    given = answers(member, ids, min(entry.at for entry in doubted))
    return [
        replace(entry, asks=True, answer=given.get(entry.id, "")) if entry in doubted else entry
        for entry in entries
    ]


def groups(for_staff: bool = False) -> list[tuple[str, str]]:
    """The filters that can show something, with their words."""
    return [
        (group, _(words))
        for group, words in GROUPS.items()
        if kinds.names(group, for_member=not for_staff)
    ]


@cache
def _query(group: str | None, for_staff: bool, news: bool, size: int, others: bool) -> Compiled:
    return merged(kinds.names(group, for_member=not for_staff, news=news), size + 1, others)


def _entry(row: Any, for_staff: bool, shop: str) -> Entry:
    kind = kinds.kind(row.kind)
    words = kind.staff if for_staff or kind.member is None else kind.member
    subject, order = row.subject or "", row.data.get("order") or ""
    values = {
        "number": subject,
        **row.data,
        "subject": _HERE if order else subject,
        "who": row.actor_name or row.actor_number or _("Somebody"),
        "shop": shop,
    }
    before, here, behind = kinds.read(words, values).partition(_HERE)
    return Entry(
        id=row.id,
        at=row.at,
        kind=row.kind,
        group=kind.group,
        words=f"{before}{subject if here else ''}{behind}",
        by_staff=row.actor_number is not None,
        subject=subject,
        order=quote(order, safe="") if here else "",
        before=before,
        after=behind,
    )
