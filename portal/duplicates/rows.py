"""What moves when people are joined or parted: the tables, and the rows as they are written down.

A row whose like the target has already stays behind, where it does no harm: nothing is ever lost.
What is only ever added (events, the ledger) stays with the number under which it happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import ModelSelect, fn

from portal.duplicates.models import Move, MovedRow
from portal.lib.db import Base
from portal.loyalty.bulk import among, chunks
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber, Restriction
from portal.orders.models import Order
from portal.payments.models import Payment, Refund
from portal.profiles.models import Picture, Profile
from portal.wishlist.models import WishlistItem


@dataclass(frozen=True)
class Movable:
    """A table whose rows belong to a member; of rows alike in `alike` a member has one at most."""

    model: type[Base]
    alike: tuple[str, ...] | None = None  # () where a member has one row in all


_movable: dict[str, Movable] = {}


def take_along(model: type[Base], alike: tuple[str, ...] | None = None) -> None:
    """Let the rows of a table go with their member; later domains name theirs."""
    _movable[model._meta.table_name] = Movable(model, alike)


take_along(EmailAddress)
take_along(PhoneNumber, ("folded",))
take_along(CustomerId)
take_along(Restriction)  # what staff decided about the person, whichever number they come with
take_along(Profile, ())
take_along(Picture, ())
take_along(Order)
take_along(Payment)
take_along(Refund)
take_along(WishlistItem, ("shop", "sku"))


def tables() -> list[str]:
    """The names of the tables that go along."""
    return list(_movable)


def move_all(move: Move, but: Sequence[str] = ()) -> dict[str, int]:
    """Move everything of the source that can move; returns how many rows of each table went."""
    counts = {}
    for table, movable in _movable.items():
        if table not in but:
            counts[table] = move_rows(move, movable.model, _free(movable, move))
    return counts


def move_rows(move: Move, model: type[Base], query: ModelSelect) -> int:
    """Move the rows that a query of ids finds from the source to the target; returns how many."""
    rows: Any = query.tuples()
    ids = [id_ for (id_,) in rows]
    write_down(move, model._meta.table_name, ids)
    _give(model, ids, move.source_id, move.target_id)
    return len(ids)


def write_down(
    move: Move, table: str, ids: Iterable[int], data: dict[int, dict[str, Any]] | None = None
) -> None:
    """Note that rows go with a move, with what taking it back needs to know."""
    notes = [
        {"move": move.id, "table": table, "row": id_, "data": (data or {}).get(id_, {})}
        for id_ in ids
    ]
    for start in range(0, len(notes), 500):
        MovedRow.insert_many(notes[start : start + 500]).execute()


def written_down(move: Move, table: str) -> dict[int, dict[str, Any]]:
    """The rows of a table that went with a move, with what was noted of each."""
    query = MovedRow.select(MovedRow.row, MovedRow.data)
    return dict(query.where((MovedRow.move == move) & (MovedRow.table == table)).tuples())


def renote(move: Move, row: Base, data: dict[str, Any]) -> None:
    """Note what taking one row back needs to know."""
    MovedRow.update(data=data).where(
        (MovedRow.move == move)
        & (MovedRow.table == row._meta.table_name)
        & (MovedRow.row == row.id)
    ).execute()


def put_back(move: Move, table: str) -> tuple[list[int], int]:
    """Give rows back that still stand where they went: their ids, and how many stay."""
    ids = list(written_down(move, table))
    if not ids:
        return [], 0
    model = _movable[table].model
    going = []
    for some in chunks(ids):
        query = model.select(model.id).where(among(model.id, some))
        going += [id_ for (id_,) in query.where(model.member == move.target_id).tuples()]
    _give(model, going, move.target_id, move.source_id)
    return going, len(ids) - len(going)


def moved_since(table: str, ids: Sequence[int]) -> set[int]:
    """Those of some rows that went from one member to another by a move that still stands."""
    found: set[int] = set()
    for some in chunks(ids):
        query = MovedRow.select(MovedRow.row).join(Move)
        found |= {
            row
            for (row,) in query.where(
                (MovedRow.table == table) & among(MovedRow.row, some) & Move.undone_at.is_null()
            ).tuples()
        }
    return found


def _free(movable: Movable, move: Move) -> ModelSelect:
    """The source's rows that the target has no like of."""
    model: Any = movable.model
    query = model.select(model.id).where(model.member == move.source_id)
    if movable.alike is None:
        return query
    other = model.alias()
    like = other.select(other.id).where(other.member == move.target_id)
    for name in movable.alike:
        like = like.where(getattr(other, name) == getattr(model, name))
    return query.where(~fn.EXISTS(like))


def _give(model: Any, ids: list[int], giver: int, taker: int) -> None:
    for some in chunks(ids):
        model.update(member=taker).where(among(model.id, some) & (model.member == giver)).execute()


def of_member(member: Member) -> dict[str, int]:
    """How many rows of each movable table stand with a member."""
    return {
        table: movable.model.select().where(movable.model.member == member).count()
        for table, movable in _movable.items()
    }
