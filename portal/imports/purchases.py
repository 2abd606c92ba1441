"""Orders of one chunk: new ones are written in sets, known ones only where their state moved on."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from portal.imports.bulk import lookup
from portal.imports.goods import Goods
from portal.imports.parcels import carrier
from portal.imports.people import Contact, People
from portal.imports.raw import digest
from portal.imports.records import OrderRecord
from portal.imports.settle import Bill, Settlement, paid_by
from portal.imports.state import COLUMNS, LINE, columns, lateness, line_rows, merged
from portal.imports.work import Work
from portal.lib.text import _
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import Payment, Refund

ORDER = ("id", "shop", "number", "member", *COLUMNS, "content_hash", "batch_id", "created_at")


class Purchases:
    """The orders of one chunk on their way in."""

    def __init__(self, work: Work, records: Sequence[OrderRecord]) -> None:
        self.work = work
        self.records = list(records)
        self.known: dict[str, tuple[Any, ...]] = {}
        self.digests: dict[str, tuple[str, str]] = {}
        self.new: list[tuple[OrderRecord, int]] = []
        self.updated: list[tuple[OrderRecord, int, dict[str, Any]]] = []
        self.lines: list[tuple[Any, ...]] = []
        self.parcels: list[tuple[Any, ...]] = []
        self.bills: list[Bill] = []

    def take(self) -> None:
        """Write all of them, each exactly once, and count what happened."""
        for record in self.records:
            self.digests[record.number] = digest(record.rows, self.work.seed)
        names = ("number", "id", "external_id", "content_hash", "member")
        for row in lookup(Order, names, "number", self.digests, shop=self.work.shop):
            self.known[row[0]] = row
        records = self._checked()
        same = [r for r in records if self._is_known_content(r)]
        moved = [r for r in records if r.number in self.known and not self._is_known_content(r)]
        fresh = [r for r in records if not self._is_known_content(r) and r.number not in self.known]
        self.goods = Goods(self.work, {line.sku for r in records for line in r.lines})
        self.people = People(self.work, [contact(r) for r in records])
        self._unchanged(same)
        self._create(fresh)
        self._update(moved)
        self.goods.write()
        self.people.write()
        self._write()

    def _is_known_content(self, record: OrderRecord) -> bool:
        if self.work.imagined and record.number in self.work.imagined.orders:
            return True
        known = self.known.get(record.number)
        return known is not None and known[3] == self.digests[record.number][0]

    def _checked(self) -> list[OrderRecord]:
        """The records whose numeric Id does not contradict what is known."""
        asked = {
            r.external_id
            for r in self.records
            if r.external_id and (r.number not in self.known or self.known[r.number][2] is None)
        }
        names = ("external_id", "number")
        owners = dict(lookup(Order, names, "external_id", asked, shop=self.work.shop))
        fine = []
        for record in self.records:
            external = record.external_id
            known = self.known.get(record.number)
            if known and known[2] and external and known[2] != external:
                reason = _(
                    "Order %(number)s is known with the Id %(known)s, this row says %(id)s.",
                    number=record.number, known=known[2], id=external,
                )  # fmt: skip
                self.work.put_aside(record, reason)
            elif external and owners.get(external, record.number) != record.number:
                reason = _(
                    "The Id %(id)s belongs to order %(known)s.", id=external, known=owners[external]
                )
                self.work.put_aside(record, reason)
            else:
                if external:
                    owners[external] = record.number
                fine.append(record)
        return fine

    def _unchanged(self, records: Sequence[OrderRecord]) -> None:
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
            if known and known[4]:
                self.work.meet("members", known[4])

    def _create(self, records: Sequence[OrderRecord]) -> None:
        work = self.work
        ids = work.writer.ids(Order, len(records))
        rows = []
        for record in records:
            order_id, member = next(ids), self.people.find_or_make(contact(record))
            values = columns(record)
            mark = self.digests[record.number][0]
            rows.append((order_id, work.shop, record.number, member, *values.values(), mark,
                         work.batch_id, work.at))  # fmt: skip
            for position, line in enumerate(line_rows(record)):
                self.lines.append((order_id, position, self._product(record, position), *line))
            self._parcels(record, order_id)
            self._touch(record, order_id, member)
            bill = _bill(order_id, record.number, member, values, record)
            bill.new = True
            self.bills.append(bill)
            work.tally.created["orders"] += 1
            work.tally.created["lines"] += len(record.lines)
            if work.imagined:
                work.imagined.orders.add(record.number)
        self.rows = rows

    def _product(self, record: OrderRecord, position: int) -> int | None:
        assert record.placed_at is not None
        return self.goods.find_or_make(record.lines[position], record.placed_at, record.currency)

    def _parcels(self, record: OrderRecord, order_id: int) -> None:
        by = carrier(record.attributes)
        for number in record.tracking:
            row = (order_id, number, by, "import", record.fulfilled_at, self.work.at)
            self.parcels.append(row)

    def _touch(self, record: OrderRecord, order_id: int, member: int | None) -> None:
        work = self.work
        work.orders.add(order_id)
        if member:
            work.touched.add(member)
        mark, text = self.digests[record.number]
        work.raw.append((record.number, mark, record.lines_of_file[0], text))

    def _update(self, records: Sequence[OrderRecord]) -> None:
        if not records:
            return
        ids = [self.known[r.number][1] for r in records]
        fields = [getattr(Order, name) for name in ("id", *COLUMNS)]
        query = Order.select(*fields).where(Order.id.in_(ids)).dicts()
        stored = {row["id"]: row for row in query}
        lines = self._stored_lines(ids)
        parcels: dict[int, set[str]] = defaultdict(set)
        names = ("order", "tracking_number")
        for order_id, number in lookup(Fulfilment, names, "order", ids, source="import"):
            parcels[order_id].add(number)
        for record in records:
            order_id = self.known[record.number][1]
            self._move_on(record, stored[order_id], lines[order_id], parcels[order_id])

    def _stored_lines(self, ids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        names = ("order", "position", "id", *LINE)
        for order_id, *line in sorted(lookup(OrderLine, names, "order", ids), key=lambda r: r[:2]):
            found[order_id].append(tuple(line))
        return found

    def _move_on(
        self,
        record: OrderRecord,
        stored: dict[str, Any],
        lines: list[tuple[Any, ...]],
        parcels: set[str],
    ) -> None:
        work, order_id, member = self.work, stored["id"], self.known[record.number][4]
        old = {name: stored[name] for name in COLUMNS}
        values = merged(columns(record), old, work.absent)
        keep_lines = bool({"price", "sku", "title"} & work.absent) and bool(lines)
        new_lines = [line[3:] for line in lines] if keep_lines else line_rows(record)
        old_lines = [line[3:] for line in lines]
        was = member
        member = member or self.people.find_or_make(contact(record))
        same = values == old and new_lines == old_lines and member == was
        same = same and (not record.tracking or set(record.tracking) <= parcels)
        if same or lateness(values) < lateness(old):
            self._unchanged([record])
            return
        values["refunded"] = max(values["refunded"], self._moved_refunds(order_id))
        work.tally.updated["orders"] += 1
        self.updated.append((record, order_id, values | {"member": member}))
        if keep_lines:
            work.tally.unchanged["lines"] += len(lines)
        else:
            self._change_lines(record, order_id, lines, new_lines)
        if record.tracking and set(record.tracking) != parcels:
            self._drop_parcels(order_id, parcels - set(record.tracking))
            self._parcels(record, order_id)
        self._touch(record, order_id, member)
        self.bills.append(_bill(order_id, record.number, member, values, record))

    def _moved_refunds(self, order_id: int) -> int:
        rows = lookup(Refund, ("amount",), "order", [order_id], summary=False)
        return sum(amount for (amount,) in rows)

    def _drop_parcels(self, order_id: int, numbers: set[str]) -> None:
        rows = lookup(Fulfilment, ("id", "tracking_number"), "order", [order_id], source="import")
        self.work.writer.delete(Fulfilment, [id_ for id_, number in rows if number in numbers])

    def _change_lines(
        self,
        record: OrderRecord,
        order_id: int,
        old: list[tuple[Any, ...]],
        new: list[tuple[Any, ...]],
    ) -> None:
        tally, changed = self.work.tally, []
        for position, line in enumerate(new):
            product = self._product(record, position)
            if position >= len(old):
                self.lines.append((order_id, position, product, *line))
                tally.created["lines"] += 1
            elif old[position][3:] != line:
                changed.append((product, *line, old[position][1]))
                tally.updated["lines"] += 1
            else:
                tally.unchanged["lines"] += 1
        self.work.writer.update(OrderLine, LINE, changed)
        self.work.writer.delete(OrderLine, [line[1] for line in old[len(new) :]])

    def _write(self) -> None:
        writer, work = self.work.writer, self.work
        writer.insert(Order, ORDER, self.rows)
        names = (*COLUMNS, "member", "content_hash", "batch_id")
        changes = [
            (*values.values(), self.digests[record.number][0], work.batch_id, order_id)
            for record, order_id, values in self.updated
        ]
        writer.update(Order, names, changes)
        writer.insert(OrderLine, ("order", "position", *LINE), self.lines)
        columns_ = ("order", "tracking_number", "carrier", "source", "shipped_at", "created_at")
        writer.insert(Fulfilment, columns_, self.parcels, ignore=True)
        self._give_payments_a_member()
        settlement = Settlement(work, self.bills)
        settlement.attach_waiting()
        settlement.settle()

    def _give_payments_a_member(self) -> None:
        """An order that had no contact before has a member now; so has its money."""
        for record, order_id, values in self.updated:
            if values["member"] and not self.known[record.number][4]:
                for model in (Payment, Refund):
                    ids = [row[0] for row in lookup(model, ("id",), "order", [order_id])]
                    rows = [(values["member"], id_) for id_ in ids]
                    self.work.writer.update(model, ("member",), rows)


def contact(record: OrderRecord) -> Contact:
    """How an order can be matched to a person: its e-mail and phone, or the payer's phone."""
    return Contact(record.email, record.phone or record.billing.phone[:40], record.name)


def _bill(
    order_id: int, number: str, member: int | None, values: dict[str, Any], record: OrderRecord
) -> Bill:
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
    )
