"""The risk view: who has something odd, each reason in words, the most of it first."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN

from portal.lib.clock import now
from portal.lib.keyset import Page
from portal.lib.text import _, ngettext
from portal.members.models import Member, Session
from portal.risk import signs
from portal.risk.signs import Sign

SIZE = 30
#: How much each kind of sign counts, and what it is called among the filters.
KINDS = {
    "frozen": (50, _("Frozen accounts")),
    "copied": (40, _("Copied passkeys")),
    "disputes": (40, _("Disputed payments")),
    "not_me": (30, _("“This was not me”")),
    "places": (30, _("Impossible places")),
    "failures": (20, _("Failed sign-ins")),
    "browsers": (20, _("Shared browsers")),
    "recovery": (20, _("Recoveries under way")),
    "refunds": (15, _("Many refunds")),
    "claims": (15, _("Claims that missed")),
    "devices": (10, _("Many devices")),
    "standing": (10, _("Warned, restricted, suspended")),
}
AT_MOST = 2  # times that one kind counts for one account


@dataclass
class Entry:
    """An account with its reasons, the heaviest first."""

    member: Member
    signs: list[Sign] = field(default_factory=list)

    @property
    def score(self) -> int:
        """The sum of what the reasons count."""
        counted = [sign.kind for sign in self.signs]
        return sum(
            weight * min(counted.count(kind), AT_MOST) for kind, (weight, _words) in KINDS.items()
        )

    @property
    def at(self) -> datetime:
        """The newest of the reasons."""
        return max(sign.at for sign in self.signs)


class Board(NamedTuple):
    """A page of entries, how many there are of each kind of reason, and in all."""

    page: Page
    counts: dict[str, int]
    total: int


def board(kind: str, after: str | None, size: int = SIZE) -> Board:
    """The accounts with a reason, or with one of this kind; a fixed number of statements."""
    entries = _entries()
    counts = {
        name: sum(any(sign.kind == name for sign in entry.signs) for entry in entries)
        for name in KINDS
    }
    shown = [e for e in entries if not kind or any(sign.kind == kind for sign in e.signs)]
    shown.sort(key=_place)
    if place := _read(after):
        shown = [entry for entry in shown if _place(entry) > place]
    rows = shown[:size]
    more = len(shown) > size
    cursor = f"{rows[-1].score}-{rows[-1].member.id}" if more else None
    return Board(Page(rows, cursor), {k: n for k, n in counts.items() if n}, len(entries))


def words(sign: Sign) -> str:
    """A reason as an agent reads it."""
    return _WORDS[sign.kind](sign)


def in_browser(session_id: int) -> list[tuple[Member, datetime]]:
    """The accounts that were entered with the browser of a session, who came last first."""
    known = Session.get_or_none(Session.id == session_id)
    if known is None or not known.browser_hash:
        return []
    rows = (
        Session.select(Session, Member)
        .join(Member)
        .where(
            (Session.created_at > now() - signs.RECENT)
            & (Session.browser_hash == known.browser_hash)
        )
    )
    newest: dict[int, tuple[Member, datetime]] = {}
    for row in rows.order_by(Session.created_at):
        newest[row.member_id] = (row.member, row.created_at)
    return sorted(newest.values(), key=lambda pair: pair[1], reverse=True)


def _entries() -> list[Entry]:
    found = [sign for look in signs.ALL for sign in look()]
    people = _people({sign.member for sign in found})
    entries: dict[int, Entry] = {}
    for sign in found:
        if member := people.get(sign.member):
            entries.setdefault(member.id, Entry(member)).signs.append(sign)
    for entry in entries.values():
        entry.signs.sort(key=lambda sign: (-KINDS[sign.kind][0], -sign.at.timestamp()))
    return list(entries.values())


def _people(ids: set[int]) -> dict[int, Member]:
    """Whose a sign is: of two who were merged, the one kept; nobody who left."""
    kept = Member.alias()
    query = (
        Member.select(Member, kept)
        .join(kept, JOIN.LEFT_OUTER, on=(Member.merged_into == kept.id), attr="kept")
        .where(Member.id.in_(sorted(ids)))
    )
    people = {row.id: (row.kept if row.merged_into_id else row) for row in query}
    return {id_: who for id_, who in people.items() if not who.closed_at and not who.withdrawn_at}


def _place(entry: Entry) -> tuple[int, int]:
    return -entry.score, entry.member.id


def _read(after: str | None) -> tuple[int, int] | None:
    """The place that a cursor names; a garbled one counts as the start."""
    score, _dash, id_ = (after or "")[:40].partition("-")
    plain = score.isascii() and score.isdigit() and id_.isascii() and id_.isdigit()
    return (-int(score), int(id_)) if plain else None


def _failures(sign: Sign) -> str:
    return _("%(count)s wrong codes, passwords or passkeys in one day.", count=sign.number)


def _claims(sign: Sign) -> str:
    return _("Claimed %(count)s times in one day what did not fit.", count=sign.number)


def _places(sign: Sign) -> str:
    earlier, place = sign.data
    took = ngettext("one minute", "%(count)s minutes", sign.number)
    return _(
        "Signed in from %(earlier)s, and %(took)s later from %(place)s.",
        earlier=earlier,
        took=took,
        place=place,
    )


def _refunds(sign: Sign) -> str:
    return _(
        "%(count)s refunds in half a year: %(share)s %% of what was paid went back.",
        count=sign.number,
        share=sign.data,
    )


def _standing(sign: Sign) -> str:
    return {
        "warn": _("Was warned, and the warning holds."),
        "restrict": _("Is restricted."),
        "suspend": _("Is suspended."),
    }.get(sign.data, _("Is to be suspended, once somebody else agrees."))


_WORDS = {
    "frozen": lambda _sign: _("Is frozen: somebody said “this was not me”."),
    "not_me": lambda _sign: _("Somebody said “this was not me”."),
    "copied": lambda _sign: _("A passkey behaved like a copy, and was refused."),
    "disputes": lambda _sign: _("A bank took a payment back."),
    "recovery": lambda _sign: _("A recovery of 48 hours is under way."),
    "devices": lambda sign: _("%(count)s devices signed in within a week.", count=sign.number),
    "browsers": lambda sign: _(
        "Uses a browser that entered %(count)s accounts within a month.", count=sign.number
    ),
    "failures": _failures,
    "claims": _claims,
    "places": _places,
    "refunds": _refunds,
    "standing": _standing,
}
