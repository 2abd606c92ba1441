"""One number, two people: some orders, addresses and phones go to a new member of their own."""

from collections.abc import Iterable
from typing import Any

from portal.duplicates import events as _events  # noqa: F401
from portal.duplicates.handing import give_points
from portal.duplicates.leave import check_person, check_reason, hold, used
from portal.duplicates.models import Move
from portal.duplicates.numbers import refresh
from portal.duplicates.rows import move_rows
from portal.lib.db import Base, write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.loyalty.bulk import among
from portal.loyalty.transfer import lots_of_orders
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

Ids = Iterable[int]


def split(
    member: Member,
    *,
    order_ids: Ids = (),
    email_ids: Ids = (),
    phone_ids: Ids = (),
    customer_ids: Ids = (),
    name: str = "",
    by: Member,
    why: str,
) -> Move:
    """Part these things off a member, to a new one with a fresh number and `name`.

    Money goes with its order, points with what brought them. Ids that are not the member's count
    for nothing. Raises Refused with what to do instead.
    """
    why = check_reason(why)
    chosen = [(Order, order_ids), (EmailAddress, email_ids), (PhoneNumber, phone_ids),
              (CustomerId, customer_ids)]  # fmt: skip
    with write_tx():
        hold(member.id)
        member = Member.get_by_id(member.id)
        check_person(member, by)
        ids = {model: own(member, model, some) for model, some in chosen}
        if not any(ids.values()):
            raise Refused(_("Choose at least one thing that belongs to somebody else."))
        _check_way_in(member, ids[EmailAddress])
        _check_door(ids[PhoneNumber])
        other = Member.make(name=" ".join(name.split())[:200])
        move = Move.create(kind="split", source=member, target=other, why=why, by=by)
        _part(move, member, ids)
        refresh(member, other)
        member.record("members.split", subject=other.number, actor=by, why=why)
        other.record("members.split_off", subject=member.number, actor=by, why=why)
    return move


def own(member: Member, model: Any, ids: Ids) -> list[int]:
    """Those of the ids that are rows of the member."""
    query = model.select(model.id).where((model.member == member) & among(model.id, list(ids)))
    return [id_ for (id_,) in query.tuples()]


def _check_way_in(member: Member, emails: list[int]) -> None:
    """Nobody who signed in loses the last address that lets them in."""
    if not used(member) or not emails:
        return
    proved = EmailAddress.member == member, EmailAddress.verified_at.is_null(False)
    ways = EmailAddress.select().where(*proved)
    if ways.exists() and not ways.where(EmailAddress.id.not_in(emails)).exists():
        raise Refused(
            _("The member signs in with that e-mail address, so it stays. Part off the rest.")
        )


def _check_door(phones: list[int]) -> None:
    """A number that opens the account stays with it; who has that phone would come in elsewhere."""
    door = among(PhoneNumber.id, phones) & PhoneNumber.door.is_null(False)
    if PhoneNumber.select().where(door).exists():
        raise Refused(
            _("The member signs in with that phone number, so it stays. Part off the rest.")
        )


def _part(move: Move, member: Member, ids: dict[type[Base], list[int]]) -> None:
    orders = ids[Order]
    lots = lots_of_orders(member.id, orders)
    counts = {}
    for model, some in ids.items():
        table: Any = model
        counts[table._meta.table_name] = move_rows(
            move, table, table.select(table.id).where(among(table.id, some))
        )
    for money in (Payment, Refund):
        of_orders = money.select(money.id).where(
            (money.member == member) & among(money.order, orders)
        )
        counts[money._meta.table_name] = move_rows(move, money, of_orders)
    handed = give_points(move, lots, order_ids=orders)
    move.summary = {**counts, "points": handed.points, "owed": 0}
    move.save()
