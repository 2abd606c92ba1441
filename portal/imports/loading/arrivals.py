"""Customers and transactions of one chunk on their way in."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.contradictions import other_currency, other_id
from portal.imports.loading.people import Contact, People
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.models import WaitingTransaction
from portal.imports.money.settle import Bill, Settlement, in_currency, key_of
from portal.imports.money.waiting import WAITS, waiting_row
from portal.imports.records import CustomerRecord, PaymentsRecord, TransactionRecord
from portal.lib.text import _
from portal.orders.models import Order


def take_customers(work: Work, records: Sequence[CustomerRecord]) -> None:
    """People from the shop's list: matched or made."""
    contacts = [Contact(r.email, r.phone, r.name, r.external_id, r.number) for r in records]
    more = [[Contact(e, p, "", id_, r.number) for e, p, id_ in r.more] for r in records]
    people = People(work, [*contacts, *chain.from_iterable(more)])
    for record, contact, others in zip(records, contacts, more, strict=True):
        for one in (contact, *others):
            people.find_or_make(one)
        mark, text = digest(record.rows, work.seed)
        key = record.external_id or record.email or record.phone or record.number
        work.raw.append((key, mark, record.lines_of_file[0], text))
    people.write()


def take_payments(work: Work, records: Sequence[PaymentsRecord]) -> None:
    """Money that moved: attached to its order, or kept waiting for it."""
    by_number, by_id = _orders(work, records)
    bills: dict[int, Bill] = {}
    waiting = []
    for record in records:
        order = by_number.get(record.number) if record.number else by_id.get(record.external_id)
        if order and (reason := _against(record, order)):
            work.put_aside(record, reason)
            continue
        mark, text = digest(record.rows, work.seed)
        key = record.number or record.external_id
        work.raw.append((key, mark, record.lines_of_file[0], text))
        work.tally.skipped += record.skipped
        moves = _moves(work, record, order)
        if order:
            number, id_, external, member, currency, refunded, state_at = order
            bill = bills.setdefault(
                id_,
                Bill(id_, number, member, currency, refunded, refunded_at=as_moment(state_at),
                     external_id=external or ""),
            )  # fmt: skip
            bill.moves |= moves
        else:
            waiting += [
                waiting_row(work, key, move, number=record.number, external_id=record.external_id)
                for key, move in moves.items()
            ]
    work.writer.insert(WaitingTransaction, WAITS, waiting, ignore=True)
    settlement = Settlement(work, bills.values())
    settlement.attach_followers()
    settlement.settle()
    work.orders |= settlement.altered
    work.touched |= {
        bill.member_id
        for bill in bills.values()
        if bill.member_id and bill.order_id in settlement.altered
    }


def _orders(
    work: Work, records: Sequence[PaymentsRecord]
) -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
    """The orders that are named, by number and by the shop's id."""
    names = ("number", "id", "external_id", "member", "currency", "refunded", "state_at")
    numbers = {record.number for record in records} - {""}
    ids = {record.external_id for record in records if not record.number} - {""}
    by_number = lookup(Order, names, "number", numbers, shop=work.shop)
    by_id = lookup(Order, names, "external_id", ids, shop=work.shop)
    return {row[0]: row for row in by_number}, {row[2]: row for row in by_id}


def _moves(
    work: Work, record: PaymentsRecord, order: tuple[Any, ...] | None
) -> dict[str, TransactionRecord]:
    """A record's movements by key, in the currency of their order where that is known."""
    moves = {}
    for move in record.transactions:
        here = (in_currency(move, order[4]) if order else None) or move
        moves[key_of(here)] = here
        if here.currency:
            back = here.amount if here.kind == "refund" else 0
            work.tally.add_total(here.currency, 0, back)
    return moves


def _against(record: PaymentsRecord, order: tuple[Any, ...]) -> str:
    """Why transactions can't belong to the stored order, or blank."""
    _number, _id, external, _member, currency = order[:5]
    if external and record.external_id and external != record.external_id:
        return other_id(record.number, external, record.external_id)
    strange = [move for move in record.transactions if in_currency(move, currency) is None]
    if strange and strange[0].currency:
        return other_currency(order[0], currency, strange[0].currency)
    if strange:
        return _("Order %(number)s is in %(currency)s, and this amount is finer than that.",
                 number=order[0], currency=currency)  # fmt: skip
    return ""
