"""Which orders a proved address or number opens to claim, together with a fact of one of them."""

from dataclasses import dataclass, field
from typing import Any

from portal.claims.facts import has_postcode, has_total, numbered, order_number
from portal.duplicates.leave import used
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, ProofCode, fold_email, fold_phone
from portal.orders.models import Order
from portal.shop.models import settings

FACTS = ("postcode", "total")


class NothingFits(Refused):
    """No order fits what was proved and said."""

    status = 422


@dataclass(frozen=True)
class Claimable:
    """Orders that may come to a member: whose they are until now, and what proved it."""

    orders: list[Order]
    source: Member | None
    proofs: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Their ids."""
        return [order.id for order in self.orders]


def claimable(member: Member, proof: ProofCode) -> Claimable:
    """The orders that a proof and its facts open, that of the facts first; nothing is written.

    Raises NothingFits, or Refused where it is somebody else's, or the member's own already.
    """
    said = {name: proof.data.get(name, "") for name in FACTS}
    fits = [o for o in numbered(proof.data.get("number", "")) if _knows(o, said, _link(o, proof))]
    order = next((o for o in fits if not _taken(o, member)), fits[0] if fits else None)
    if order is None:
        raise NothingFits(
            _("No order fits that. Look at the confirmation: the number, and one of the two facts.")
        )
    number = order.number
    if order.member_id == member.id:
        raise Refused(_("Order %(number)s is in your account already.", number=number))
    if _taken(order, member):
        raise Refused(
            _("Order %(number)s is in somebody else’s account. If it is yours, write to %(shop)s.",
              number=number, shop=settings().contact or settings().name)
        )  # fmt: skip
    proofs = [_link(order, proof) or "none", *(name for name in FACTS if said[name])]
    return Claimable(_with_others(order, proof), order.member, proofs)


def _taken(order: Order, member: Member) -> bool:
    """Whether somebody who joined has it, or somebody of the shop."""
    owner = order.member
    return bool(owner and (owner.id == member.id or owner.is_staff or used(owner)))


def _knows(order: Order, said: dict[str, str], link: str) -> bool:
    """Whether each fact that was said fits, and enough was said for what links order and proof."""
    checks = {"postcode": has_postcode, "total": has_total}
    wrong = [name for name in FACTS if said[name] and not checks[name](order, said[name])]
    count = sum(bool(said[name]) for name in FACTS)
    if wrong or not count:
        return False
    if link or _has_no_contact(order):
        return True
    # Somebody known by phone alone, to whom no code came: both facts stand in for the number.
    return count == len(FACTS) and not _has_address(order)


def _link(order: Order, proof: ProofCode) -> str:
    """How what was proved names the order: address, phone, or "" for not at all."""
    if proof.channel == "mail":
        return "address" if _bears(order, proof) or _is_of(order.member, proof.target) else ""
    return "phone" if _bears(order, proof) or _is_known_by(order.member, proof.target) else ""


def _bears(order: Order, proof: ProofCode) -> bool:
    """Whether the order itself names the address or number."""
    if proof.channel == "mail":
        return fold_email(order.email) == proof.target
    phones = [order.phone, order.billing.get("phone"), order.delivery.get("phone")]
    return any(same_phone(fold_phone(str(phone or "")), proof.target) for phone in phones)


def same_phone(one: str, other: str) -> bool:
    """Whether two folded numbers are one: with the country's code, or without behind a zero."""
    if not one or not other or one == other:
        return bool(one and other)
    national, whole = (one, other) if one.startswith("0") else (other, one)
    rest = national.removeprefix("0")
    return national.startswith("0") and len(rest) >= 8 and whole.endswith(rest)


def _with_others(order: Order, proof: ProofCode) -> list[Order]:
    """What comes along: orders of the same person that the same address or number names."""
    owner = order.member
    if owner is None or not _link(order, proof):
        return [order]
    query = Order.select().where((Order.member == owner) & (Order.id != order.id))
    others = list(query.order_by(Order.placed_at.desc(), Order.id.desc()))
    of_person = _is_of if proof.channel == "mail" else _is_known_by
    if of_person(owner, proof.target):
        return [order, *others]
    return [order, *(other for other in others if _bears(other, proof))]


def _is_of(owner: Member | None, folded: str) -> bool:
    """Whether mail to that address reaches the person."""
    email = EmailAddress.find(folded) if owner else None
    return bool(email and owner and email.opens and email.member_id == owner.id)


def _is_known_by(owner: Member | None, target: str) -> bool:
    """Whether files know the person by that number alone: families share one."""
    if owner is None or owner.emails.exists():
        return False
    return any(same_phone(phone.folded, target) for phone in owner.phones)


def _has_address(order: Order) -> bool:
    return bool(order.email) or bool(order.member and order.member.emails.exists())


def _has_no_contact(order: Order) -> bool:
    parts: list[dict[str, Any]] = [order.billing, order.delivery]
    called = order.phone or any(part.get("phone") for part in parts)
    known = order.member and order.member.phones.exists()
    return not (_has_address(order) or called or known)


def facts_of(number: str, postcode: str, total: str) -> dict[str, str]:
    """What was said of an order, as a proof keeps it."""
    return {"number": order_number(number), "postcode": postcode, "total": total}
