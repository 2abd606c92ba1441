"""What changed since the member was here last, read from the one timeline."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.members.models import Member
from portal.members.timeline import Entry, timeline

LINES = 4


@dataclass(frozen=True)
class News:
    """The newest entries since the visit before this one; `since` is None on the first visit."""

    since: datetime | None = None
    entries: list[Entry] = field(default_factory=list)
    more: bool = False


def card(member: Member) -> News:
    """What others did to the account, with one statement; with none on the first visit."""
    since = member.last_visit_at
    if since is None:
        return News()
    found = timeline(member, size=LINES + 1, news=True)
    newest = [entry for entry in found.rows if entry.at > since]
    return News(since, newest[:LINES], len(newest) > LINES)
