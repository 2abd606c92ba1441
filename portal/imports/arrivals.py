"""Customers and transactions of one chunk on their way in."""

from collections.abc import Sequence
from typing import Any

from portal.imports.bulk import as_moment, lookup
from portal.imports.contradictions import other_currency, other_id
from portal.imports.models import WaitingTransaction
from portal.imports.people import Contact, People
from portal.imports.raw import digest
from portal.imports.records import CustomerRecord, PaymentsRecord
from portal.imports.settle import Bill, Settlement, key_of
from portal.imports.waiting import WAITS, waiting_row
from portal.imports.work import Work
from portal.orders.models import Order


def take_customers(work: Work, records: Sequence[CustomerRecord]) -> None:
    """People from the shop's list: matched or made."""
    contacts = [Contact(r.email, r.phone, r.name, r.external_id) for r in records]
    people = People(work, contacts)
    for record, contact in zip(records, contacts, strict=True):
        people.find_or_make(contact)
        mark, text = digest(record.rows, work.seed)
        key = record.external_id or record.email or record.phone
        work.raw.append((key, mark, record.lines_of_file[0], text))
    people.write()


def take_payments(work: Work, records: Sequence[PaymentsRecord]) -> None:
    """Money that moved: attached to its order, or kept waiting for it."""
    names = ("number", "id", "external_id", "member", "currency", "refunded", "state_at")
    numbers = {record.number for record in records}
    known = {row[0]: row for row in lookup(Order, names, "number", numbers, shop=work.shop)}
    bills, waiting = [], []
    for record in records:
        order = known.get(record.number)
        if order and (reason := _against(record, order)):
            work.put_aside(record, reason)
            continue
        moves = {key_of(move): move for move in record.transactions}
        mark, text = digest(record.rows, work.seed)
        work.raw.append((record.number, mark, record.lines_of_file[0], text))
        work.tally.skipped += record.skipped
        for move in record.transactions:
            work.tally.add_total(move.currency, 0, move.amount if move.kind == "refund" else 0)
        if order:
            _number, id_, _external, member, currency, refunded, state_at = order
            bills.append(
                Bill(id_, record.number, member, currency, refunded,
                     refunded_at=as_moment(state_at), moves=moves)
            )  # fmt: skip
        else:
            waiting += [
                waiting_row(work, key, move, number=record.number, external_id=record.external_id)
                for key, move in moves.items()
            ]
    work.writer.insert(WaitingTransaction, WAITS, waiting, ignore=True)
    settlement = Settlement(work, bills)
    settlement.settle()
    work.orders |= settlement.altered
    work.touched |= {
        bill.member_id for bill in bills if bill.member_id and bill.order_id in settlement.altered
    }


def _against(record: PaymentsRecord, order: tuple[Any, ...]) -> str:
    """Why transactions can't belong to the stored order, or blank."""
    _number, _id, external, _member, currency = order[:5]
    if external and record.external_id and external != record.external_id:
        return other_id(record.number, external, record.external_id)
    strange = [move.currency for move in record.transactions if move.currency != currency]
    return other_currency(record.number, currency, strange[0]) if strange else ""
