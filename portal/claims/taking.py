"""Claimed orders change hands with their money and points, and go back within seven days."""

from datetime import timedelta
from typing import Any

from portal.claims import events as _events  # noqa: F401
from portal.claims.belonging import Claimable, claimable
from portal.claims.models import Claim
from portal.duplicates.leave import hold
from portal.duplicates.rows import take_along
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.loyalty.bulk import among
from portal.loyalty.points import member_changed
from portal.members.letters import write_to
from portal.members.models import EmailAddress, Member, ProofCode
from portal.members.standing import ensure
from portal.orders.models import Order
from portal.payments.models import Payment, Refund
from portal.shop.models import settings

UNDO = timedelta(days=7)  # how long the member can give them back by themselves
NAMED = 5  # orders that an entry of the timeline names

take_along(Claim)  # who is merged brings what they claimed


def take(member: Member, proof: ProofCode) -> list[Claim]:
    """Bring the orders that a proof opens to a member, all or none. Raises Refused."""
    ensure(member, "claims")
    with write_tx():
        source = claimable(member, proof).source
        hold(member.id, *([source.id] if source else []))
        found = claimable(member, proof)  # as it is now that nobody else moves orders
        if found.source != source:
            raise Refused(_("The orders changed hands this very moment. Look once more."))
        _give(found.ids, source, member)
        member_changed(found.ids)
        claims = _write_down(member, found)
        _tell(member, found)
    return claims


def undo(claim: Claim, by: Member | None = None) -> int:
    """Give the orders of one claiming back; `by` staff at any time, by the member for seven days.

    Returns how many went. Raises Refused where nothing is left to give back.
    """
    with write_tx():
        home = _home(claim)
        hold(claim.member_id, *([home.id] if home else []))
        together = _still(claim, by)
        member = claim.member
        if home and home.id == member.id:
            raise Refused(_("Whose they were and this account were joined since. They stay here."))
        orders = [order for one in together if (order := _order(one))]
        moved = [order for order in orders if order.member_id == member.id]
        if not moved:
            raise Refused(_("These orders are not in the account any more, so they stay."))
        ids = [order.id for order in moved]
        _give(ids, member, home)
        member_changed(ids)
        for whose in (member, home):
            if whose:
                whose.record("orders.claim_undone", actor=by, **_named(moved))
    return len(ids)


def can_undo(claim: Claim) -> bool:
    """Whether the member still can give it back."""
    return claim.undone_at is None and now() - claim.at < UNDO


def _give(ids: list[int], giver: Member | None, taker: Member | None) -> None:
    for model in (Order, Payment, Refund):
        table: Any = model
        key = Order.id if model is Order else table.order
        whose = table.member == giver if giver else table.member.is_null()
        table.update(member=taker).where(among(key, ids) & whose).execute()


def _write_down(member: Member, found: Claimable) -> list[Claim]:
    moment, source = now(), found.source
    return [
        Claim.create(
            member=member,
            order=order,
            from_member_id=source.id if source else None,
            number=order.number,
            proofs=found.proofs,
            at=moment,
        )
        for order in found.orders
    ]


def _tell(member: Member, found: Claimable) -> None:
    """Both timelines; and the address of whose they were, where that is not the one proved."""
    words, source = _named(found.orders), found.source
    member.record("orders.claimed", **words)
    if source is None:
        return
    source.record("orders.claimed_away", **words, by=member.number)
    email = EmailAddress.of(source)
    if email is None or "address" in found.proofs:
        return
    shop = settings()
    write_to(
        source,
        "orders_claimed",
        subject=_("Somebody claimed an order at %(shop)s", shop=shop.name),
        why=_("The shop knows this address from an order at %(shop)s.", shop=shop.name),
        orders=words["numbers"],
    )


def _still(claim: Claim, by: Member | None) -> list[Claim]:
    """The claims made at once with this one, taken back just now by exactly one caller."""
    undone = (
        Claim.update(undone_at=now())
        .where(
            (Claim.member == claim.member_id) & (Claim.at == claim.at) & Claim.undone_at.is_null()
        )
        .returning(Claim)
        .execute()
    )
    together = list(undone)
    if not together:
        raise Refused(_("That is taken back already."))
    if by is None and now() - claim.at >= UNDO:
        shop = settings().contact or settings().name
        raise Refused(
            _("That was more than seven days ago. Write to %(shop)s, who can still.", shop=shop)
        )
    return together


def _home(claim: Claim) -> Member | None:
    """Whose they were: nobody, the person kept of two since, or nobody where an undo took them."""
    home: Member | None = Member.get_or_none(Member.id == claim.from_member_id)
    if home and home.merged_into_id:
        home = home.merged_into
    return None if home is None or home.withdrawn_at else home


def _order(claim: Claim) -> Order | None:
    """The claimed order, also where an import was undone and redone in between."""
    if claim.order_id:
        return Order.get_or_none(Order.id == claim.order_id)
    query = Order.select().where((Order.number == claim.number) & (Order.member == claim.member_id))
    found = list(query.limit(2))
    return found[0] if len(found) == 1 else None


def _named(orders: list[Order]) -> dict[str, Any]:
    numbers = [order.number for order in orders]
    shown = ", ".join(numbers[:NAMED])
    more = len(numbers) - NAMED
    text = _("%(shown)s and %(more)s more", shown=shown, more=more) if more > 0 else shown
    return {"subject": numbers[0], "numbers": text, "count": len(numbers)}
