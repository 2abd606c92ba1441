"""What new and changed orders of one chunk share on their way in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from portal.imports.loading.bulk import lookup
from portal.imports.loading.goods import Goods
from portal.imports.loading.people import Contact, People
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.models import RawRow
from portal.imports.money.settle import Bill, paid_by
from portal.imports.reading.parcels import carrier
from portal.imports.records import OrderRecord
from portal.orders.models import Order


class Known(NamedTuple):
    """What is stored of an order; `content_hash` is the digest of the rows that it came from."""

    number: str
    id: int
    external_id: str | None
    content_hash: str
    batch_id: int | None
    member: int | None
    currency: str
    email: str
    placed_at: Any  # as the driver gives it


class Intake:
    """A chunk's orders, what is known of them, and the rows that they become.

    `digests`: by number, what makes the rows equal to others, and their text.
    """

    def __init__(self, work: Work, records: Sequence[OrderRecord]) -> None:
        self.work = work
        self.digests = {record.number: digest(record.rows, work.seed) for record in records}
        rows = lookup(Order, Known._fields, "number", self.digests, shop=work.shop)
        self.known = {row[0]: Known(*row) for row in rows}
        self.seen = self._seen_before()
        self.lines: list[tuple[Any, ...]] = []
        self.parcels: list[tuple[Any, ...]] = []
        self.bills: list[Bill] = []

    def meet(self, records: Sequence[OrderRecord], changing: Sequence[OrderRecord]) -> None:
        """Look up the products of all records and the people of those that are new or changed."""
        self.goods = Goods(self.work, [line for r in records for line in r.lines])
        self.people = People(self.work, [contact(record) for record in changing])

    def _seen_before(self) -> set[tuple[str, str]]:
        """Rows that came in at some time, and were followed by others of the same order."""
        changed = [
            key for key, row in self.known.items() if row.content_hash != self.digests[key][0]
        ]
        where = {"kind": self.work.kind, "shop": self.work.shop, "withdrawn": False}
        return set(lookup(RawRow, ("key", "digest"), "key", changed, **where))

    def is_known(self, record: OrderRecord) -> bool:
        """Whether exactly these rows are stored, or were before others took their place."""
        if self.work.imagined and record.number in self.work.imagined.orders:
            return True
        known = self.known.get(record.number)
        mark = self.digests[record.number][0]
        return known is not None and (
            known.content_hash == mark or (record.number, mark) in self.seen
        )

    def unchanged(self, records: Sequence[OrderRecord]) -> None:
        """Count orders that stay as they are."""
        tally = self.work.tally
        for record in records:
            tally.unchanged["orders"] += 1
            tally.unchanged["lines"] += len(record.lines)
            paid = paid_by(
                record.financial_status, record.total, record.outstanding, record.captured
            )
            tally.unchanged["payments"] += bool(paid)
            tally.unchanged["refunds"] += bool(record.refunded)
            self.goods.meet(record.lines)
            known = self.known.get(record.number)
            if known and known.member:
                self.work.meet("members", known.member)
            elif known:
                tally.matched["none"] += 1

    def product(self, record: OrderRecord, position: int) -> int | None:
        """The product of an order's line."""
        assert record.placed_at is not None
        return self.goods.find_or_make(record.lines[position], record.placed_at, record.currency)

    def add_parcels(self, record: OrderRecord, order_id: int) -> None:
        """Fulfilments for the order's tracking numbers."""
        by = carrier(record.attributes)
        for number in record.tracking:
            row = (order_id, number, by, "import", record.fulfilled_at, self.work.at)
            self.parcels.append(row)

    def touch(self, record: OrderRecord, order_id: int, member: int | None) -> None:
        """An order was made or changed: its raw rows are kept, its member sees something new."""
        work = self.work
        work.orders.add(order_id)
        if member:
            work.touched.add(member)
        mark, text = self.digests[record.number]
        work.raw.append((record.number, mark, record.lines_of_file[0], text))


def contact(record: OrderRecord) -> Contact:
    """How an order can be matched to a person: its e-mail and phone, or the payer's phone."""
    phone = record.phone or record.billing.get("phone", "")[:40]
    return Contact(record.email, phone, record.name, record.customer_id, record.member_number)


def bill(
    order_id: int, number: str, member: int | None, values: dict[str, Any], record: OrderRecord
) -> Bill:
    """An order as far as its money goes."""
    return Bill(
        order_id,
        number,
        member,
        values["currency"],
        values["refunded"],
        paid_by(values["pay_status"], values["total"], values["outstanding"], record.captured),
        values["paid_at"] or values["placed_at"],
        values["state_at"],
        values["pay_method"],
        record.payment_reference,
        external_id=values["external_id"] or "",
    )
