"""The ledger as its member reads it: what changed, by how much, why, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Value

from portal.lib.dates import day
from portal.lib.db import Compiled
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.text import _
from portal.loyalty.models import LedgerEntry, PointsLot
from portal.members.models import Member
from portal.orders.listing import key_of, shared_number
from portal.orders.models import Order

SIZE = 20
_LATEST = (datetime(9999, 1, 1), 2**62)


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    id: int
    at: datetime
    why: str
    change: str  # "+87", "−20", "87"
    state: str
    up: bool
    order: str  # what names the order in addresses, or nothing


def _lines(p: Any) -> Any:
    entry = LedgerEntry
    earlier = (entry.at < p("at")) | ((entry.at == p("at")) & (entry.id < p("id")))
    return (
        entry.select(
            entry.id,
            entry.at,
            entry.kind,
            entry.why,
            entry.available,
            entry.pending,
            entry.owed,
            PointsLot.available_at,
            PointsLot.matured_at,
            PointsLot.points.alias("lot_points"),
            Order.shop,
            Order.number,
            Order.member.alias("owner"),
            shared_number,
        )
        .join(PointsLot, JOIN.LEFT_OUTER, on=(entry.lot == PointsLot.id))
        .join(Order, JOIN.LEFT_OUTER, on=(entry.order_id == Order.id))
        .where((entry.member == p("member")) & earlier)
        .order_by(entry.at.desc(), entry.id.desc())
        .limit(Value(SIZE + 1))
    )


_LINES = Compiled(_lines)


def history(member: Member, after: str | None = None) -> Page:
    """A page of the member's points, newest first, in one statement."""
    at, row_id = read_cursor(after) or _LATEST
    found = slice_after(_LINES.all(member=member.id, at=at, id=row_id), SIZE, "at")
    return Page([_line(row, member.id) for row in found.rows], found.next)


def _line(row: Any, member_id: int) -> Line:
    # What moves from pending to the balance, or from the balance to what is owed, has no sum.
    between = row.kind in ("matured", "settled")
    points = row.available if between else row.available + row.pending - row.owed
    sign = "" if row.kind == "matured" else "+" if points > 0 else "\N{MINUS SIGN}"
    order = ""
    if row.number and row.owner == member_id:
        order = key_of(row)
    return Line(
        id=row.id,
        at=row.at,
        why=row.why,
        change=f"{sign}{abs(points):,}",
        state=_state(row),
        up=points > 0 and not between,
        order=order,
    )


def _state(row: Any) -> str:
    if row.kind == "earned" and row.pending and row.matured_at is None and row.lot_points:
        return _("pending until %(day)s", day=day(row.available_at))
    if row.kind == "matured":
        return _("ready to spend")
    if row.kind == "settled":
        return _("from new points")
    if row.kind == "taken_back" and row.pending:
        return _("from pending points")
    if row.kind == "taken_back" and row.owed:
        return _("%(owed)s of them owed", owed=f"{row.owed:,}")
    if row.kind == "adjusted":
        return _("by the shop")
    return ""
