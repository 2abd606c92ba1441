"""Points that go from one member to another, when two turn out to be one person, or one to be two.

Lots change hands as they are, so that a later refund finds the points of its order where the order
is. Both ledgers say it with one row each; what one side owes is settled from what it holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.lib.clock import now
from portal.loyalty.books import Books, Lot, Purse
from portal.loyalty.bulk import among
from portal.loyalty.models import PointsAccount, PointsLot


@dataclass
class Handed:
    """What changed hands. `lots` maps a lot to the points it had and those that came with it."""

    available: int = 0  # below zero where more was owed than held
    pending: int = 0
    owed: int = 0  # of it: what the giver owed
    lots: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """All of it, as one number."""
        return self.available + self.pending


def all_lots(member_id: int) -> dict[int, int]:
    """Every lot of a member that still means something, with what can be spent of it."""
    query = PointsLot.select(PointsLot.id, PointsLot.remaining).where(
        (PointsLot.member == member_id) & ((PointsLot.points != 0) | (PointsLot.remaining != 0))
    )
    return dict(query.tuples())


def lots_of_orders(member_id: int, order_ids: list[int]) -> dict[int, int]:
    """A member's lots of some orders, with all the points that these brought."""
    query = PointsLot.select(PointsLot.id, PointsLot.points).where(
        (PointsLot.member == member_id) & among(PointsLot.order, order_ids)
    )
    return dict(query.tuples())


def owed(member_id: int) -> int:
    """The points that a refund could not take back from a member."""
    query = PointsAccount.select(PointsAccount.owed).where(PointsAccount.member == member_id)
    return int(query.scalar() or 0)


def back_with(lots: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """What lots that were handed over bring back: what came, and what their orders did since."""
    query = PointsLot.select(PointsLot.id, PointsLot.points).where(among(PointsLot.id, list(lots)))
    return {id_: lots[id_][1] + points - lots[id_][0] for id_, points in query.tuples()}


def hand_over(
    giver: int, taker: int, worth: Mapping[int, int], *, owing: int, key: str, out: str, in_: str
) -> Handed:
    """Hand lots over inside the caller's transaction; returns what went.

    `worth` maps the giver's lots to the points that can be spent of them (waiting ones bring their
    points as pending); `owing` goes along and lessens it. What the giver has spent of it already
    comes from their other lots, or is owed. `key` begins the keys of both ledger rows; `out` and
    `in_` are their reasons.
    """
    books, moment = Books([giver, taker]), now()
    books.load_spendable([giver, taker])
    lots = books.lots_where(among(PointsLot.id, list(worth)), PointsLot.member == giver)
    lots = _make_room(books, taker, lots)
    PointsLot.update(member=taker).where(
        among(PointsLot.id, [lot.id or 0 for lot in lots])
    ).execute()
    handed = Handed(available=-owing, owed=owing)
    for lot in lots:
        _hand(books, lot, taker, worth[lot.id or 0], handed)
    for member_id, sign, why, side in ((giver, -1, out, "out"), (taker, 1, in_, "in")):
        _settle(books, books.purses[member_id], sign * handed.available, moment)
        books.enter(member_id, f"{key}:{side}", "moved", why, moment)
    books.write()
    return handed


def _make_room(books: Books, taker: int, lots: list[Lot]) -> list[Lot]:
    """An order that was the taker's before left an empty lot there, which forgets its order."""
    orders = [lot.order_id for lot in lots if lot.order_id is not None]
    there = books.lots_where(PointsLot.member == taker, among(PointsLot.order, orders))
    full = {lot.order_id for lot in there if lot.points or lot.remaining}
    empty = [lot.id or 0 for lot in there if lot.order_id not in full]
    PointsLot.update(order=None).where(among(PointsLot.id, empty)).execute()
    return [lot for lot in lots if lot.order_id is None or lot.order_id not in full]


def _hand(books: Books, lot: Lot, taker: int, worth: int, handed: Handed) -> None:
    waiting = lot.matured_at is None
    purse, other = books.purses[lot.member_id], books.purses[taker]
    if waiting:
        purse.pending -= lot.points
        other.pending += lot.points
        handed.pending += lot.points
    else:
        handed.available += worth
    handed.lots[lot.id or 0] = (lot.points, lot.points if waiting else worth)
    lot.remaining = 0 if waiting else min(max(worth, 0), lot.points)
    lot.member_id, lot.touched = taker, True
    purse.lots = [kept for kept in purse.lots if kept is not lot]
    other.lots.append(lot)


def _settle(books: Books, purse: Purse, change: int, moment: datetime) -> None:
    """Bring balance, debt and lots of a purse in line with each other after a change of its sum."""
    held = sum(lot.remaining for lot in purse.lots)
    total = purse.balance - purse.owed + change
    purse.balance, purse.owed = max(total, 0), max(-total, 0)
    if purse.balance > held:
        gift = books.gift_lot(purse.member_id, moment)
        gift.points = gift.remaining = purse.balance - held
        gift.touched = True
    for lot in sorted(purse.lots, key=lambda lot: (lot.earned_at, lot.id)):
        part = min(lot.remaining, max(held - purse.balance, 0))
        lot.remaining -= part
        held -= part
        lot.touched = lot.touched or bool(part)
