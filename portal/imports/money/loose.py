"""Money that a payment provider tells of: it finds its order or its person, or waits for them.

Where it ends does not depend on which file came first. It makes no people: money of an unknown
address waits.
"""

from collections.abc import Iterable, Sequence

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.models import RawRow
from portal.imports.money.belonging import learn
from portal.imports.money.loose_rows import Rows
from portal.imports.money.settle import Bill, Settlement, add
from portal.imports.reading.providers import own_id, table_of
from portal.imports.records import LooseRecord, TransactionRecord
from portal.members.models import CustomerId, EmailAddress, Member, fold_email
from portal.orders.models import Order

ORDER = ("number", "id", "external_id", "member", "currency", "refunded", "state_at")


def take_loose(work: Work, records: Sequence[LooseRecord]) -> None:
    """Movements of money of one chunk, each to where it belongs."""
    for record in records:
        _count(work, record)
    Arrival(work, [record for record in records if record.transactions]).take()


def _count(work: Work, record: LooseRecord) -> None:
    mark, text = digest(record.rows, work.seed)
    work.raw.append((_raw_key(record), mark, record.lines_of_file[0], text))
    work.tally.skipped += record.skipped
    for move in record.transactions:
        if move.status == "success":
            refunded = move.amount if move.kind == "refund" else 0
            work.tally.add_total(move.currency, 0, refunded)


def _raw_key(record: LooseRecord) -> str:
    failed = any(move.status == "failure" for move in record.transactions)
    return f"failed {record.key}" if failed else record.key


class Arrival:
    """One chunk's records, what is stored of their movements, and the orders they can be of."""

    def __init__(self, work: Work, records: Sequence[LooseRecord]) -> None:
        self.work, self.records = work, records
        for record in records:
            record.email = fold_email(record.email) if record.email else ""
        self.rows = Rows(work, records)
        self.bills: dict[int, Bill] = {}
        self.orders: dict[int, Bill] = {}
        self.by_number: dict[str, int] = {}
        self.by_reference: dict[str, int] = {}
        self.failed = self._failed_before()
        self.learned: dict[str, int] = {}
        self.owners = self._owners()

    def _failed_before(self) -> set[str]:
        """Payments that came to nothing, of which an older file may still say that they wait."""
        pending = {
            f"failed {record.key}"
            for record in self.records
            for move in record.transactions
            if move.status == "pending"
        }
        where = {"kind": self.work.kind, "shop": self.work.shop, "withdrawn": False}
        return {row[0] for row in lookup(RawRow, ("key",), "key", pending, **where)}

    def take(self) -> None:
        """Find what each movement belongs to, and write it there."""
        self._find_orders()
        left = [record for record in self.records if not self._to_order(record)]
        # A refund can stand above the payment that it refers to, as in PayPal's files.
        for bill in self.bills.values():
            for key in bill.moves:
                self.by_reference.setdefault(own_id(key), bill.order_id)
        left = [record for record in left if not self._to_order(record)]
        settlement = Settlement(self.work, self.bills.values())
        for (model, key), stored in self.rows.alone.items():
            settlement.alone[model, key] = stored.id
        settlement.attach_followers()
        settlement.settle()
        self.work.orders |= settlement.altered
        for bill in self.bills.values():
            if bill.member_id and bill.order_id in settlement.altered:
                self.work.touched.add(bill.member_id)
        self._to_people(left)
        self.rows.write()
        learn(self.work, self.learned)

    def _find_orders(self) -> None:
        work = self.work
        numbers = {record.number for record in self.records if record.number}
        references = {ref for record in self.records for ref in record.references}
        self.by_reference = self.rows.orders_of(references)
        attached = {stored.order for stored in self.rows.attached.values() if stored.order}
        rows = lookup(Order, ORDER, "number", numbers, shop=work.shop)
        rows += lookup(Order, ORDER, "id", {*self.by_reference.values(), *attached}, shop=work.shop)
        for number, id_, external, member, currency, refunded, state_at in rows:
            self.orders[id_] = Bill(
                id_, number, member, currency, refunded,
                refunded_at=as_moment(state_at), external_id=external or "",
            )  # fmt: skip
            self.by_number[number] = id_

    def _to_order(self, record: LooseRecord) -> bool:
        """Give a record's movements to the order that they are of, if there is one."""
        order = self._order(record)
        if order is None:
            return False
        for move in record.transactions:
            if not self._came_to_nothing(record, move):
                self.bills[order.order_id] = order
                add(order, move)
        self.rows.no_longer_wait(move.key for move in record.transactions)
        return True

    def _order(self, record: LooseRecord) -> Bill | None:
        """The order where the movement is already, or that is named, or paid under its ids."""
        found = [
            stored.order
            for move in record.transactions
            if (stored := self.rows.attached.get((table_of(move.kind), move.key)))
        ]
        found.append(self.by_number.get(record.number) if record.number else None)
        found += [self.by_reference.get(reference) for reference in record.references]
        currencies = {move.currency for move in record.transactions}
        for order_id in found:
            order = self.orders.get(order_id) if order_id else None
            if order and currencies == {order.currency}:
                return order
        return None

    def _came_to_nothing(self, record: LooseRecord, move: TransactionRecord) -> bool:
        """A payment that failed moved no money; what was pending before is taken away."""
        if move.status == "failure":
            self.rows.take_away_pending(move)
            self.work.tally.skipped += 1
            return True
        if move.status == "pending" and f"failed {record.key}" in self.failed:
            self.work.tally.skipped += 1
            return True
        return False

    def _to_people(self, records: Iterable[LooseRecord]) -> None:
        """Money of people that are known, and what is left to wait."""
        for record in records:
            owner = self.owners.get(record.key) or self.rows.owner_of(record)
            for move in record.transactions:
                if self._came_to_nothing(record, move):
                    continue
                if record.names_order or owner is None:
                    self.rows.wait(record, move)
                else:
                    self.rows.give(owner, move)

    def _owners(self) -> dict[str, int]:
        """By key, the member of each record: by e-mail address, else by the provider's id."""
        work, records = self.work, self.records
        emails = {record.email for record in records if record.email}
        ids = {record.customer_id for record in records if record.customer_id}
        numbers = {record.member_number for record in records if record.member_number}
        by_number = {
            number: kept or id_
            for number, id_, kept in lookup(
                Member, ("number", "id", "merged_into"), "number", numbers
            )
        }
        by_email = dict(lookup(EmailAddress, ("folded", "member"), "folded", emails))
        by_id = dict(
            lookup(CustomerId, ("external_id", "member"), "external_id", ids, shop=work.shop)
        )
        for record in records:
            owner = by_email.get(record.email)
            if owner and record.customer_id and record.customer_id not in by_id:
                by_id[record.customer_id] = self.learned[record.customer_id] = owner
        found = {}
        for record in records:
            owner = by_number.get(record.member_number) or by_email.get(record.email)
            owner = owner or by_id.get(record.customer_id)
            if owner:
                found[record.key] = owner
        return found
