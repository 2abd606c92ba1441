"""Money that came before what it belongs to: it waits for an order or for a person.

What no order is known for may belong to a person already; it moves on to its order when that comes.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.work import Work
from portal.imports.models import WaitingTransaction
from portal.imports.reading.providers import keys_of, own_id
from portal.imports.records import TransactionRecord
from portal.payments.models import Payment, Refund

WAITS = ("shop", "number", "key", "kind", "at", "amount", "currency", "method", "gateway",
         "card_brand", "card_last4", "external_id", "reference", "customer_id", "email",
         "description", "status", "batch")  # fmt: skip
_MOVE = ("kind", "amount", "at", "gateway", "method", "card_brand", "currency", "key",
         "card_last4", "reference", "description", "status")  # fmt: skip
ALONE = tuple(name for name in _MOVE if name != "kind")


class Found(NamedTuple):
    """A movement that stood alone: where its row is, and what it tells."""

    model: Any  # WaitingTransaction, Payment or Refund
    id: int
    move: TransactionRecord
    customer_id: str = ""
    email: str = ""


def order_words(number: str) -> str:
    """What a payment says that means an order, if there is one with this number."""
    return f"Order {number}"


def waiting_row(
    work: Work,
    key: str,
    move: TransactionRecord,
    *,
    number: str = "",
    external_id: str = "",
    customer_id: str = "",
    email: str = "",
) -> tuple[Any, ...]:
    """A movement as a row of `WAITS`; it names what it waits for."""
    return (
        work.shop, number, key, move.kind, move.at, move.amount, move.currency, move.method,
        move.gateway, move.card, move.last4, external_id,
        move.reference or own_id(key), customer_id, email,
        move.description, move.status, work.batch_id,
    )  # fmt: skip


def for_orders(
    work: Work, numbers: Iterable[str], external_ids: Iterable[str], references: Iterable[str]
) -> list[tuple[str, str, Found]]:
    """(by what, its value, the movement) of all money that waits for one of these orders.

    `by what` is number, external_id or reference; a movement can come up more than once.
    """
    found: list[tuple[str, str, Found]] = []
    references = set(references) - {""}
    names = ("id", "number", "external_id", "customer_id", "email", *_MOVE)
    keys = {key: reference for reference in references for key in keys_of(reference)}
    for column, values in (
        ("number", set(numbers) - {""}),
        ("external_id", set(external_ids) - {""}),
        ("reference", references),
        ("key", keys),
    ):
        for row in lookup(WaitingTransaction, names, column, values, shop=work.shop):
            one = Found(WaitingTransaction, row[0], _move(row[5:]), *row[3:5])
            by = {"number": row[1], "external_id": row[2], "reference": one.move.reference}
            value = by[column] if column in by else keys[one.move.key]
            found.append((column if column in by else "reference", value, one))
    return found + _alone_for_orders(numbers, references, keys)


def _alone_for_orders(
    numbers: Iterable[str], references: Iterable[str], keys: Mapping[str, str]
) -> list[tuple[str, str, Found]]:
    """The same of money that belongs to a person so far."""
    found = []
    words = {order_words(number): number for number in numbers if number}
    columns: tuple[tuple[str, Any], ...] = (
        ("description", words), ("reference", references), ("key", keys)
    )  # fmt: skip
    for model in (Payment, Refund):
        for column, values in columns:
            for row in _alone(model, column, values):
                move = _move(("refund" if model is Refund else "sale", *row[1:]))
                one = Found(model, row[0], move)
                if column == "description":
                    found.append(("number", words[move.description], one))
                else:
                    value = keys[move.key] if column == "key" else move.reference
                    found.append(("reference", value, one))
    return found


def _alone(model: Any, column: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
    return lookup(model, ("id", *ALONE), column, values, order=None)


def _move(row: tuple[Any, ...]) -> TransactionRecord:
    kind, amount, at, gateway, method, card, currency, key, last4, reference, words, status = row
    return TransactionRecord(
        kind, amount, as_moment(at), gateway, method, card, currency, key=key, last4=last4,
        reference=reference, description=words, status=status,
    )  # fmt: skip


def references_of(text: str) -> set[str]:
    """The ids in an order's payment reference; Shopify joins several with a plus."""
    return {part.strip() for part in text.split("+")} - {""}
