"""Orders that are known already: they change where a file tells of a later state."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from portal.imports.loading.bulk import lookup
from portal.imports.loading.intake import Intake, bill, contact
from portal.imports.loading.state import COLUMNS, LINE, columns, lateness, line_rows, merged
from portal.imports.records import OrderRecord
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import Payment, Refund


class Revisions:
    """Known orders of one chunk whose rows are not the ones that are stored."""

    def __init__(self, intake: Intake) -> None:
        self.intake, self.work = intake, intake.work
        self.updated: list[tuple[OrderRecord, int, dict[str, Any]]] = []
        self.changed_lines: list[tuple[Any, ...]] = []
        self.gone_lines: list[int] = []

    def take(self, records: Sequence[OrderRecord]) -> None:
        """Compare each with what is stored, and note what has to be written."""
        if not records:
            return
        ids = [self.intake.known[r.number].id for r in records]
        fields = [getattr(Order, name) for name in ("id", *COLUMNS)]
        query = Order.select(*fields).where(Order.id.in_(ids)).dicts()
        stored: dict[int, dict[str, Any]] = {row["id"]: row for row in cast(Any, query)}
        lines = self._stored_lines(ids)
        parcels: dict[int, set[str]] = defaultdict(set)
        names = ("order", "tracking_number")
        for order_id, number in lookup(Fulfilment, names, "order", ids, source="import"):
            parcels[order_id].add(number)
        for record in records:
            order_id = self.intake.known[record.number].id
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
        work, order_id, known = self.work, stored["id"], self.intake.known[record.number]
        member = known.member
        old = {name: stored[name] for name in COLUMNS}
        keep_lines = self._richer(lines)
        values = merged(columns(record), old, work.absent, keep_lines)
        new_lines = [line[3:] for line in lines] if keep_lines else line_rows(record)
        old_lines = [line[3:] for line in lines]
        was = member
        member = member or self.intake.people.find_or_make(contact(record))
        same = values == old and new_lines == old_lines and member == was
        same = same and (not record.tracking or set(record.tracking) <= parcels)
        if same or lateness(values) < lateness(old):
            self.intake.unchanged([record])
            return
        values["refunded"] = max(values["refunded"], self._moved_refunds(order_id))
        if known.batch_id != work.batch_id:  # else this very file made it
            work.tally.updated["orders"] += 1
        self.updated.append((record, order_id, values | {"member": member}))
        if keep_lines:
            work.tally.unchanged["lines"] += len(lines)
        else:
            self._change_lines(record, order_id, lines, new_lines)
        if record.tracking and set(record.tracking) != parcels:
            self._drop_parcels(order_id, parcels - set(record.tracking))
            self.intake.add_parcels(record, order_id)
        self.intake.touch(record, order_id, member)
        self.intake.bills.append(bill(order_id, record.number, member, values, record))

    def _richer(self, lines: list[tuple[Any, ...]]) -> bool:
        """Whether the stored lines tell what this file's layout can't."""
        tells = {"sku": 3, "title": 4, "price": 7}
        return any(line[tells[name]] for name in tells.keys() & self.work.absent for line in lines)

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
        tally = self.work.tally
        for position, line in enumerate(new):
            product = self.intake.product(record, position)
            if position >= len(old):
                self.intake.lines.append((order_id, position, product, *line))
                tally.created["lines"] += 1
            elif old[position][3:] != line:
                self.changed_lines.append((product, *line, old[position][1]))
                tally.updated["lines"] += 1
            else:
                tally.unchanged["lines"] += 1
        self.gone_lines += [line[1] for line in old[len(new) :]]

    def write(self) -> None:
        """Write the orders that moved on, behind the people and products that they name."""
        names = (*COLUMNS, "member", "content_hash", "batch_id")
        changes = [
            (*values.values(), self.intake.digests[record.number][0], self.work.batch_id, order_id)
            for record, order_id, values in self.updated
        ]
        self.work.writer.update(Order, names, changes)
        self.work.writer.update(OrderLine, LINE, self.changed_lines)
        self.work.writer.delete(OrderLine, self.gone_lines)
        self._give_payments_a_member()

    def _give_payments_a_member(self) -> None:
        """An order that had no contact before has a member now; so has its money."""
        for record, order_id, values in self.updated:
            if values["member"] and not self.intake.known[record.number].member:
                for model in (Payment, Refund):
                    ids = [row[0] for row in lookup(model, ("id",), "order", [order_id])]
                    rows = [(values["member"], id_) for id_ in ids]
                    self.work.writer.update(model, ("member",), rows)
