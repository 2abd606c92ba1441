"""Movements as payment providers know them: their keys, and which of two accounts is the later.

A provider's own id is the key (`stripe:ch_…`, `stripe:ch_…:refund`, `paypal:…`). An export carries
no time of its own: a payment that went through is later than one that is pending, and of two
refunds of one payment the larger is.
"""

from datetime import datetime
from typing import NamedTuple

from portal.imports.records import TransactionRecord
from portal.payments.models import Payment, Refund

NAMES = ("stripe", "paypal")
_RANKS = {"pending": 0, "failure": 1, "success": 2}
#: What a provider's movement tells, in the order of `told`.
TOLD = ("amount", "status", "at", "method", "card_brand", "card_last4", "reference", "description")
Table = type[Payment] | type[Refund]


class Told(NamedTuple):
    """What is known of a provider's movement."""

    amount: int
    status: str
    at: datetime
    method: str
    card_brand: str
    card_last4: str
    reference: str
    description: str


def from_provider(key: str) -> bool:
    """Whether the movement with this key was told by a provider, not by the shop."""
    return key.partition(":")[0] in NAMES


def own_id(key: str) -> str:
    """A provider's own id of a payment or of what was refunded of it: `ch_1` for `stripe:ch_1`."""
    return key.split(":")[1] if from_provider(key) else ""


def keys_of(reference: str) -> list[str]:
    """The keys that a payment with this id can have."""
    return [f"{name}:{reference}" for name in NAMES]


def told(move: TransactionRecord) -> Told:
    """What a record tells of a movement."""
    return Told(
        move.amount,
        move.status,
        move.at,
        move.method,
        move.card,
        move.last4,
        move.reference or own_id(move.key),
        move.description,
    )


def joined(key: str, old: Told, new: Told) -> Told:
    """What two accounts of one movement come to, in whichever order they came."""
    winner = max(old, new, key=lambda one: (_RANKS.get(one.status, 0), one.amount, one.at))
    other = {old.reference, new.reference} - {own_id(key), ""}
    reference = max(other) if other else own_id(key)
    return winner._replace(
        method=max(old.method, new.method),
        card_brand=max(old.card_brand, new.card_brand),
        card_last4=max(old.card_last4, new.card_last4),
        reference=reference,
        description=max(old.description, new.description),
    )


def retold(move: TransactionRecord, one: Told) -> TransactionRecord:
    """The movement with what several accounts of it come to."""
    (move.amount, move.status, move.at, move.method, move.card, move.last4, move.reference,
     move.description) = one  # fmt: skip
    return move


def table_of(kind: str) -> Table:
    """Where a movement of a kind is kept."""
    return Refund if kind == "refund" else Payment
