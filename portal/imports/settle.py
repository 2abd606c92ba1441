"""Money of orders: transactions as they come, and a summary for what only the orders file tells.

A payment summary gives way to the order's sales and captures; a refund summary holds what the
order says was refunded beyond the refunds that are known one by one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from portal.imports.bulk import as_moment, lookup
from portal.imports.models import WaitingTransaction
from portal.imports.records import TransactionRecord
from portal.imports.work import Work
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

PAID = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
SUMMARY = "summary"
Table = type[Payment] | type[Refund]
Known = dict[int, dict[str, tuple[int, int, str]]]  # by order and key: id, amount, method
MOVEMENT = ("order", "member", "key", "at", "amount", "currency", "method", "gateway",
            "card_brand", "summary", "reference", "created_at")  # fmt: skip
WAITS = ("shop", "number", "key", "kind", "at", "amount", "currency", "method", "gateway",
         "card_brand", "batch")  # fmt: skip


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


def key_of(move: TransactionRecord) -> str:
    """What makes a transaction the same in every file; the export has no id of its own."""
    parts = (move.kind, f"{move.at:%Y%m%dT%H%M%S}", move.amount, move.currency, move.gateway[:40])
    return ":".join(map(str, (*parts, move.ordinal)))


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
        self.known: dict[Table, Known] = {
            Payment: self._known(Payment),
            Refund: self._known(Refund),
        }
        self.made: dict[Table, list[tuple[object, ...]]] = {Payment: [], Refund: []}
        self.changed: dict[Table, list[tuple[object, ...]]] = {Payment: [], Refund: []}
        self.gone: dict[Table, list[int]] = {Payment: [], Refund: []}
        self.refunded: list[tuple[int, int]] = []
        self.altered: set[int] = set()

    def _known(self, model: Table) -> Known:
        old = [bill.order_id for bill in self.bills if not bill.new]
        known: Known = defaultdict(dict)
        names = ("order", "key", "id", "amount", "method")
        for order, key, id_, amount, method in lookup(model, names, "order", old):
            known[order][key] = (id_, amount, method)
        return known

    def attach_waiting(self) -> None:
        """Take up transactions that came before their order."""
        bills = {bill.number: bill for bill in self.bills}
        names = ("number", "key", "kind", "amount", "currency", "method", "gateway", "card_brand")
        rows = lookup(
            WaitingTransaction, ("id", "at", *names), "number", bills, shop=self.work.shop
        )
        # Money in another currency can't be this order's: it keeps waiting.
        rows = [row for row in rows if row[6] == bills[row[2]].currency]
        for _id, at, number, key, kind, amount, currency, method, gateway, card in rows:
            bills[number].moves[key] = TransactionRecord(
                kind, amount, as_moment(at), gateway, method, card, currency
            )
        self.work.writer.delete(WaitingTransaction, [row[0] for row in rows])

    def settle(self) -> None:
        """Write what is new, replace summaries, and raise refunded sums to what really moved."""
        for bill in self.bills:
            self._moves(bill)
            self._payment_summary(bill)
            self._refund_summary(bill)
        writer = self.work.writer
        writer.insert(Payment, (*MOVEMENT, "kind"), self.made[Payment])
        writer.insert(Refund, MOVEMENT, self.made[Refund])
        for model in (Payment, Refund):
            writer.update(model, ("amount", "method", "member"), self.changed[model])
            writer.delete(model, self.gone[model])
        writer.update(Order, ("refunded",), self.refunded)

    def _moves(self, bill: Bill) -> None:
        for key, move in bill.moves.items():
            model: Table = Refund if move.kind == "refund" else Payment
            thing = "refunds" if model is Refund else "payments"
            if key in self.known[model][bill.order_id]:
                self.work.tally.unchanged[thing] += 1
                continue
            row = (bill.order_id, bill.member_id, key, move.at, move.amount, move.currency,
                   move.method, move.gateway, move.card, False, "", self.work.at)  # fmt: skip
            self.made[model].append(row if model is Refund else (*row, move.kind))
            self.known[model][bill.order_id][key] = (0, move.amount, move.method)
            self.work.tally.created[thing] += 1
            self.altered.add(bill.order_id)
        refunds = self._sum(Refund, bill.order_id)
        if refunds > bill.refunded:
            bill.refunded = refunds
            self.refunded.append((refunds, bill.order_id))
            self.altered.add(bill.order_id)

    def _sum(self, model: Table, order_id: int) -> int:
        known = self.known[model][order_id].items()
        return sum(amount for key, (_id, amount, _method) in known if key != SUMMARY)

    def _payment_summary(self, bill: Bill) -> None:
        known = self.known[Payment][bill.order_id]
        if any(key != SUMMARY for key in known):
            self._summary(Payment, "payments", bill, 0, bill.paid_at)
        elif bill.paid is not None:
            self._summary(Payment, "payments", bill, bill.paid, bill.paid_at)

    def _refund_summary(self, bill: Bill) -> None:
        left = bill.refunded - self._sum(Refund, bill.order_id)
        self._summary(Refund, "refunds", bill, max(left, 0), bill.refunded_at)

    def _summary(
        self, model: Table, thing: str, bill: Bill, amount: int, at: datetime | None
    ) -> None:
        """Have a summary of `amount`, or none where that is zero."""
        tally = self.work.tally
        id_, had, method = self.known[model][bill.order_id].get(SUMMARY, (0, 0, ""))
        if id_ and not amount:
            self.gone[model].append(id_)
            self.altered.add(bill.order_id)
        elif id_ and (amount != had or (bill.method and bill.method != method)):
            self.changed[model].append((amount, bill.method or method, bill.member_id, id_))
            tally.updated[thing] += 1
            self.altered.add(bill.order_id)
        elif id_:
            tally.unchanged[thing] += 1
        elif amount and at:
            row = (bill.order_id, bill.member_id, SUMMARY, at, amount, bill.currency, bill.method,
                   "", "", True, bill.reference, self.work.at)  # fmt: skip
            self.made[model].append(row if model is Refund else (*row, "sale"))
            tally.created[thing] += 1
            self.altered.add(bill.order_id)
