"""Money of orders: movements as they come, and a summary for what only the orders file tells.

The shop's own movements, told one by one, are the whole account: a payment summary and what a
payment provider tells of the same order give way to them. Where only a provider tells, a summary
holds what the order says was paid beyond that. A refund summary holds what the order says was
refunded beyond the refunds that are known one by one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.work import Work
from portal.imports.models import WaitingTransaction
from portal.imports.money.belonging import learn_by_address
from portal.imports.money.waiting import Found, for_orders, references_of
from portal.imports.reading.providers import (
    TOLD,
    Table,
    Told,
    from_provider,
    joined,
    own_id,
    retold,
    table_of,
    told,
)
from portal.imports.records import TransactionRecord
from portal.lib.money import minor_digits
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

PAID = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
SUMMARY = "summary"
MOVEMENT = ("order", "member", "key", "currency", "gateway", "summary", "created_at", *TOLD)


class Kept(NamedTuple):
    """A movement of an order that is stored, or about to be (id 0)."""

    id: int
    told: Told


@dataclass(slots=True)
class Bill:
    """One order as far as its money goes. `paid`: None where the file tells of no payments."""

    order_id: int
    number: str
    member_id: int | None
    currency: str
    refunded: int
    paid: int | None = None
    paid_at: datetime | None = None
    refunded_at: datetime | None = None
    method: str = ""
    reference: str = ""
    new: bool = False
    moves: dict[str, TransactionRecord] = field(default_factory=dict)
    external_id: str = ""
    before: int = 0  # what providers told of payments before these moves


def key_of(move: TransactionRecord) -> str:
    """What makes a transaction the same in every file, where its source has no id of its own."""
    if move.key:
        return move.key
    parts = (move.kind, f"{move.at:%Y%m%dT%H%M%S}", move.amount, move.currency, move.gateway[:40])
    return ":".join(map(str, (*parts, move.ordinal)))


def in_currency(move: TransactionRecord, currency: str) -> TransactionRecord | None:
    """A movement of an order in its currency; None for one that is in another, or too fine."""
    if move.currency:
        return move if move.currency == currency else None
    amount, rest = divmod(move.amount, 10 ** (4 - minor_digits(currency)))
    return None if rest else replace(move, amount=amount, currency=currency)


def paid_by(status: str, total: int, outstanding: int, captured: int | None) -> int:
    """What the orders file says was paid, refunds not taken off."""
    if captured is not None:
        return captured
    if status not in PAID:
        return 0
    return max(total - outstanding, 0) if status == "partially_paid" else total


class Settlement:
    """Payments and refunds of the orders of one chunk."""

    def __init__(self, work: Work, bills: Iterable[Bill]) -> None:
        self.work = work
        self.bills = list(bills)
        self.known = {Payment: self._known(Payment), Refund: self._known(Refund)}
        self.alone: dict[tuple[Table, str], int] = {}  # rows that belonged to a person so far
        self.told_of: dict[str, str] = {}  # addresses by a provider's customer ids
        self.made: dict[Table, list[tuple[object, ...]]] = {Payment: [], Refund: []}
        self.moved: dict[Table, list[tuple[object, ...]]] = {Payment: [], Refund: []}
        self.changed: dict[Table, list[tuple[object, ...]]] = {Payment: [], Refund: []}
        self.gone: dict[Table, list[int]] = {Payment: [], Refund: []}
        self.refunded: list[tuple[int, int]] = []
        self.altered: set[int] = set()

    def _known(self, model: Table) -> dict[int, dict[str, Kept]]:
        old = [bill.order_id for bill in self.bills if not bill.new]
        known: dict[int, dict[str, Kept]] = defaultdict(dict)
        for order, key, id_, *tells in lookup(model, ("order", "key", "id", *TOLD), "order", old):
            tells[2] = as_moment(tells[2])
            known[order][key] = Kept(id_, Told(*tells))
        return known

    def attach_waiting(self) -> None:
        """Take up money that came before its order, then what refers to that money."""
        numbers = {bill.number: bill for bill in self.bills}
        ids = {bill.external_id: bill for bill in self.bills if bill.external_id}
        names = {ref: bill for bill in self.bills for ref in references_of(bill.reference)}
        found = for_orders(self.work, numbers, ids, names)
        self._take_up(found, {"number": numbers, "external_id": ids, "reference": names})
        self.attach_followers()
        learn_by_address(self.work, self.told_of)

    def attach_followers(self) -> None:
        """Take up refunds that name a payment which has found its order."""
        names = {own_id(key): bill for bill in self.bills for key in bill.moves if own_id(key)}
        if names:
            self._take_up(for_orders(self.work, (), (), names), {"reference": names})

    def _take_up(
        self, found: list[tuple[str, str, Found]], bills: dict[str, dict[str, Bill]]
    ) -> None:
        waited = set()
        for column, value, one in found:
            bill = bills[column][value]
            move = in_currency(one.move, bill.currency)
            # Money in another currency can't be this order's: it keeps waiting.
            if move is None:
                continue
            add(bill, move)
            if one.model is WaitingTransaction:
                waited.add(one.id)
                if one.customer_id and one.email:
                    self.told_of[one.customer_id] = one.email
            else:
                self.alone[one.model, one.move.key] = one.id
        self.work.writer.delete(WaitingTransaction, sorted(waited))

    def settle(self) -> None:
        """Write what is new, replace summaries, and raise refunded sums to what really moved."""
        for bill in self.bills:
            self._moves(bill, Payment)
            self._moves(bill, Refund)
            self._raise_refunded(bill, self._sum(Refund, bill.order_id))
            self._payment_summary(bill)
            self._refund_summary(bill)
        writer = self.work.writer
        # First goes what gives way, since a row that moves here may bear the same key.
        for model in (Payment, Refund):
            writer.delete(model, self.gone[model])
        writer.insert(Payment, (*MOVEMENT, "kind"), self.made[Payment])
        writer.insert(Refund, MOVEMENT, self.made[Refund])
        for model in (Payment, Refund):
            writer.update(model, ("order", "member", *TOLD), self.moved[model])
            writer.update(model, ("amount", "method", "member"), self.changed[model])
        writer.update(Order, ("refunded",), self.refunded)

    def _moves(self, bill: Bill, model: Table) -> None:
        known = self.known[model][bill.order_id]
        moves = {k: move for k, move in bill.moves.items() if table_of(move.kind) is model}
        if model is Payment:
            bill.before = _provided(known)
        if any(key != SUMMARY and not from_provider(key) for key in (*known, *moves)):
            self._give_way(bill, model, known, moves)
        for key, move in moves.items():
            self._move(bill, model, key, move)

    def _give_way(
        self,
        bill: Bill,
        model: Table,
        known: dict[str, Kept],
        moves: dict[str, TransactionRecord],
    ) -> None:
        """The shop tells its movements itself: a provider's account of them is not counted too."""
        theirs = {key: told(move).amount for key, move in moves.items() if from_provider(key)}
        for key in [key for key in known if from_provider(key)]:
            theirs[key] = max(known[key].told.amount, theirs.get(key, 0))
            self.gone[model].append(known.pop(key).id)
            self.altered.add(bill.order_id)
        for key in [key for key in moves if from_provider(key)]:
            del moves[key]
            if (model, key) in self.alone:
                self.gone[model].append(self.alone[model, key])
                self.altered.add(bill.order_id)
        if model is Refund:
            self._raise_refunded(bill, sum(theirs.values()))

    def _move(self, bill: Bill, model: Table, key: str, move: TransactionRecord) -> None:
        known, tally = self.known[model][bill.order_id], self.work.tally
        thing = "refunds" if model is Refund else "payments"
        new, alone = told(move), self.alone.get((model, key))
        if key in known:
            old = known[key]
            new = joined(key, old.told, new) if from_provider(key) else old.told
            if new == old.told:
                tally.unchanged[thing] += 1
                return
        else:
            old = Kept(alone or 0, new)
        if old.id:
            self.moved[model].append((bill.order_id, bill.member_id, *new, old.id))
            tally.updated[thing] += 1
        else:
            row = (bill.order_id, bill.member_id, key, bill.currency, move.gateway, False,
                   self.work.at, *new)  # fmt: skip
            self.made[model].append(row if model is Refund else (*row, move.kind))
            tally.created[thing] += 1
        known[key] = Kept(old.id, new)
        self.altered.add(bill.order_id)

    def _raise_refunded(self, bill: Bill, refunds: int) -> None:
        if refunds > bill.refunded:
            bill.refunded = refunds
            self.refunded.append((refunds, bill.order_id))
            self.altered.add(bill.order_id)

    def _sum(self, model: Table, order_id: int) -> int:
        known = self.known[model][order_id].items()
        return sum(kept.told.amount for key, kept in known if key != SUMMARY)

    def _payment_summary(self, bill: Bill) -> None:
        known = self.known[Payment][bill.order_id]
        if any(key != SUMMARY and not from_provider(key) for key in known):
            self._summary(Payment, "payments", bill, 0, bill.paid_at)
            return
        provided = _provided(known)
        paid = bill.paid
        if paid is None and SUMMARY in known:
            paid = known[SUMMARY].told.amount + bill.before
        if paid is not None:
            self._summary(Payment, "payments", bill, max(paid - provided, 0), bill.paid_at)

    def _refund_summary(self, bill: Bill) -> None:
        left = bill.refunded - self._sum(Refund, bill.order_id)
        self._summary(Refund, "refunds", bill, max(left, 0), bill.refunded_at)

    def _summary(
        self, model: Table, thing: str, bill: Bill, amount: int, at: datetime | None
    ) -> None:
        """Have a summary of `amount`, or none where that is zero."""
        tally = self.work.tally
        kept = self.known[model][bill.order_id].get(SUMMARY)
        method = kept.told.method if kept else ""
        if kept and not amount:
            self.gone[model].append(kept.id)
            self.altered.add(bill.order_id)
        elif kept and (amount != kept.told.amount or (bill.method and bill.method != method)):
            self.changed[model].append((amount, bill.method or method, bill.member_id, kept.id))
            tally.updated[thing] += 1
            self.altered.add(bill.order_id)
        elif kept:
            tally.unchanged[thing] += 1
        elif amount and at:
            row = (bill.order_id, bill.member_id, SUMMARY, bill.currency, "", True, self.work.at,
                   amount, "success", at, bill.method, "", "", bill.reference, "")  # fmt: skip
            self.made[model].append(row if model is Refund else (*row, "sale"))
            tally.created[thing] += 1
            self.altered.add(bill.order_id)


def add(bill: Bill, move: TransactionRecord) -> None:
    """One more movement of an order; a second account of the same one is joined to it."""
    key = key_of(move)
    other = bill.moves.get(key)
    if other is not None and from_provider(key):
        move = retold(move, joined(key, told(other), told(move)))
    bill.moves[key] = move


def _provided(known: dict[str, Kept]) -> int:
    """What providers say went through."""
    return sum(
        kept.told.amount
        for key, kept in known.items()
        if from_provider(key) and kept.told.status == "success"
    )
