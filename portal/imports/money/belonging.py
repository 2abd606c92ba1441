"""Money without an order that belongs to a person, and people who come after their money."""

from collections.abc import Mapping
from typing import Any

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.work import Work
from portal.imports.models import WaitingTransaction
from portal.imports.money.waiting import order_words
from portal.imports.reading.providers import table_of, told
from portal.imports.records import TransactionRecord
from portal.members.models import CustomerId, EmailAddress
from portal.payments.models import Payment, Refund

#: Columns of a payment or refund that has no order.
ALONE = ("member", "key", "currency", "gateway", "created_at", "amount", "status", "at", "method",
         "card_brand", "card_last4", "reference", "description")  # fmt: skip
_WAITED = ("id", "shop", "number", "external_id", "customer_id", "email", "kind", "amount", "at",
           "gateway", "method", "card_brand", "currency", "key", "card_last4", "reference",
           "description", "status")  # fmt: skip


def alone_row(work: Work, member: int, move: TransactionRecord) -> tuple[Any, ...]:
    """A movement as a row of `ALONE`; a payment's has its kind behind that."""
    row = (member, move.key, move.currency, move.gateway, work.at, *told(move))
    return row if move.kind == "refund" else (*row, move.kind)


def learn(work: Work, ids: Mapping[str, int]) -> None:
    """A provider's ids of people who were matched by address; money that names them is theirs."""
    if not ids:
        return
    rows = [(member, work.shop, external) for external, member in ids.items()]
    work.writer.insert(CustomerId, ("member", "shop", "external_id"), rows)
    work.touched |= set(ids.values())
    attach_people(work, {}, ids)


def attach_people(work: Work, emails: Mapping[str, int], ids: Mapping[str, int]) -> None:
    """Give people who came, by folded address and by customer id, the money that waits for them.

    Money that names an order waits for that, though its person is known.
    """
    rows = [(row, emails[row[5]]) for row in lookup(WaitingTransaction, _WAITED, "email", emails)]
    taken = {row[0] for row, _member in rows}
    by_id = lookup(WaitingTransaction, _WAITED, "customer_id", ids, shop=work.shop)
    rows += [(row, ids[row[4]]) for row in by_id if row[0] not in taken]
    made: dict[Any, list[tuple[Any, ...]]] = {Payment: [], Refund: []}
    learned: dict[str, str] = {}
    gone = []
    for row, member in rows:
        id_, shop, number, external, customer_id, email, *rest = row
        move = _move(rest)
        if customer_id and email in emails and shop == work.shop:
            learned.setdefault(customer_id, email)
        if external or (number and move.description != order_words(number)):
            continue
        gone.append(id_)
        model = table_of(move.kind)
        made[model].append(alone_row(work, member, move))
        work.tally.created["refunds" if model is Refund else "payments"] += 1
        work.touched.add(member)
    work.writer.delete(WaitingTransaction, gone)
    work.writer.insert(Payment, (*ALONE, "kind"), made[Payment])
    work.writer.insert(Refund, ALONE, made[Refund])
    learn_by_address(work, {id_: email for id_, email in learned.items() if id_ not in ids})


def learn_by_address(work: Work, addresses: Mapping[str, str]) -> None:
    """Learn a provider's ids, each told with a folded address, of people who have that address."""
    if not addresses:
        return
    known = lookup(CustomerId, ("external_id",), "external_id", addresses, shop=work.shop)
    fresh = addresses.keys() - {row[0] for row in known}
    folded = {addresses[id_] for id_ in fresh}
    members = dict(lookup(EmailAddress, ("folded", "member"), "folded", folded))
    learn(
        work,
        {id_: members[addresses[id_]] for id_ in sorted(fresh) if addresses[id_] in members},
    )


def _move(row: list[Any]) -> TransactionRecord:
    kind, amount, at, gateway, method, card, currency, key, last4, reference, words, status = row
    return TransactionRecord(
        kind, amount, as_moment(at), gateway, method, card, currency, key=key, last4=last4,
        reference=reference, description=words, status=status,
    )  # fmt: skip
