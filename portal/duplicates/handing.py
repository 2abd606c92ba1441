"""Points that go along with a move, and come back when it is taken back."""

from portal.duplicates.models import Move
from portal.duplicates.rows import write_down, written_down
from portal.lib.text import _
from portal.loyalty.bulk import among
from portal.loyalty.models import PointsLot
from portal.loyalty.points import book_orders
from portal.loyalty.transfer import Handed, back_with, hand_over


def give_points(
    move: Move, worth: dict[int, int], *, owing: int = 0, order_ids: list[int]
) -> Handed:
    """Hand lots over with a move; booking its orders anew changes nothing then."""
    source, target = move.source.number, move.target.number
    handed = hand_over(
        move.source_id,
        move.target_id,
        worth,
        owing=owing,
        key=f"move:{move.id}",
        out=_("Went to %(number)s", number=target),
        in_=_("Came from %(number)s", number=source),
    )
    notes = {id_: {"points": points, "worth": came} for id_, (points, came) in handed.lots.items()}
    write_down(move, "points_lot", notes, notes)
    book_orders(order_ids)
    return handed


def take_points_back(move: Move, order_ids: list[int]) -> Handed:
    """Give points back: what came, and what the orders that go back brought or lost since."""
    went = {
        lot: (note["points"], note["worth"])
        for lot, note in written_down(move, "points_lot").items()
    }
    mine = PointsLot.member == move.target_id
    query = PointsLot.select(PointsLot.id).where(mine & among(PointsLot.order, order_ids))
    going = {lot for (lot,) in query.tuples()}
    alone = PointsLot.select(PointsLot.id).where(mine & among(PointsLot.id, list(went)))
    going |= {lot for (lot,) in alone.where(PointsLot.order.is_null()).tuples()}
    handed = hand_over(
        move.target_id,
        move.source_id,
        back_with({lot: went.get(lot, (0, 0)) for lot in going}),
        owing=int(move.summary.get("owed") or 0),
        key=f"move:{move.id}:back",
        out=_("Went back to %(number)s", number=move.source.number),
        in_=_("Came back from %(number)s", number=move.target.number),
    )
    book_orders(order_ids)
    return handed
