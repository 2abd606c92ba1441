"""Rows that stand alone when a batch is undone: products, payouts, money without an order or
waiting for one.
"""

from collections.abc import Sequence
from typing import Any

from portal.catalog.models import Product
from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import Row, lookup, whole_rows
from portal.imports.models import WaitingTransaction
from portal.imports.undoing.deeds import Decision, Deed, Stay, do
from portal.imports.undoing.notes import Notes, Past
from portal.lib.db import Base
from portal.members.models import Member
from portal.orders.models import OrderLine
from portal.payments.models import BalanceTransaction, Payment, Payout, Refund

LABELS = ("sku", "external_id", "number", "key")


class Singles:
    """Rows of one table that nothing else belongs to."""

    def __init__(self, notes: Notes, model: type[Base], gone: dict[str, set[int]]) -> None:
        self.notes, self.model, self.gone = notes, model, gone
        self.held: dict[int, int] = {}  # what another batch's undo names again: by id, that batch
        self.table: str = model._meta.table_name
        self.NAME = self.table

    def units(self) -> list[int]:
        """Ids of rows that the batch made, changed or deleted."""
        found = self.notes.existing(self.model) | self.notes.changed(self.model)
        return sorted(found | {row["id"] for _notes, row in self.notes.gone(self.model)})

    def decide(self, ids: Sequence[int]) -> Decision:
        """What goes, what gets earlier values, what stays."""
        decision = Decision()
        pasts, made = self.notes.pasts(self.model, ids), self.notes.made(self.model)
        rows = self.rows(ids)
        used = self.used([row["id"] for row in rows])
        for row in rows:
            past = pasts.get(row["id"], Past())
            why, batch = self._against(row, past, used, row["id"] in made)
            if why:
                decision.stays.append(Stay(self.table, row["id"], _label(row), why, batch))
            elif row["id"] in made or past.notes:
                decision.deeds.append(self._deed(row, past, row["id"] in made))
        self._return_gone(decision, set(ids))
        return decision

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """The rows that are there and stand alone."""
        return whole_rows(self.model, "id", ids)

    def used(self, _ids: Sequence[int]) -> dict[int, str]:
        """Rows that something else holds, and the reason for which they stay."""
        return {}

    def wanted_back(self, rows: list[Row]) -> list[Row]:
        """Of the rows that the batch deleted, those that come back."""
        return rows

    def do(self, deeds: Sequence[Deed]) -> None:
        """The rows, and the members whose they are see it."""
        do(self.notes.batch_id, deeds)
        rows = [row for deed in deeds for row in deed.removed.get(self.table, ())]
        members = {row["member_id"] for row in rows if row.get("member_id")}
        Writer().raise_versions(row[0] for row in lookup(Member, ("id",), "id", members))

    def _against(
        self, row: Row, past: Past, used: dict[int, str], made: bool
    ) -> tuple[str, int | None]:
        if past.later:
            return "later", past.later
        if made:
            if row["id"] in self.held and row["id"] not in used:
                return "held", self.held[row["id"]]
            return used.get(row["id"], ""), None
        return ("" if past.fits(row) else "hand"), None

    def _deed(self, row: Row, past: Past, made: bool) -> Deed:
        deed = Deed(self.table, row["id"], _label(row), notes=list(past.notes))
        if made:
            deed.removed[self.table] = [row]
        elif past.change:
            deed.put_back[self.table][row["id"]] = past.change
        return deed

    def _return_gone(self, decision: Decision, ids: set[int]) -> None:
        gone = {row["id"]: (notes, row) for notes, row in self.notes.gone(self.model)}
        for row in self.wanted_back([row for id_, (_notes, row) in gone.items() if id_ in ids]):
            deed = Deed(self.table, row["id"], _label(row), notes=gone[row["id"]][0])
            deed.returned[self.table] = [row]
            decision.deeds.append(deed)


class Products(Singles):
    """Products: those that an order or somebody's list holds stay."""

    def __init__(self, notes: Notes, gone: dict[str, set[int]]) -> None:
        super().__init__(notes, Product, gone)

    def decide(self, ids: Sequence[int]) -> Decision:
        """Of those that got a SKU, some can't go back to what they were known by."""
        self.held = self.notes.held("product_id")
        decision = super().decide(ids)
        taken = self._taken(decision.deeds)
        decision.stays += [
            Stay(self.table, deed.row, deed.label, "sku")
            for deed in decision.deeds
            if deed.row in taken
        ]
        decision.deeds = [deed for deed in decision.deeds if deed.row not in taken]
        return decision

    def _taken(self, deeds: Sequence[Deed]) -> set[int]:
        """Products whose earlier SKU another one has now."""
        before = {
            deed.row: change["sku"][0]
            for deed in deeds
            if "sku" in (change := deed.put_back[self.table].get(deed.row, {}))
        }
        shops = dict(lookup(Product, ("id", "shop"), "id", before))
        rows = lookup(Product, ("id", "shop", "sku"), "sku", before.values())
        return {
            id_
            for id_, sku in before.items()
            for other, shop, other_sku in rows
            if (shop, other_sku) == (shops[id_], sku) and other != id_
        }

    def used(self, ids: Sequence[int]) -> dict[int, str]:
        """Products that an order line or a list names."""
        found: dict[int, str] = {}
        for key, model in Product._meta.backrefs.items():
            if model is OrderLine:
                rows: Any = lookup(OrderLine, ("id", "product", "order"), "product", ids)
                away = self.gone["order_line"] | self.gone["order_line.product_id"]
                held = {product for id_, product, order in rows
                        if id_ not in away and order not in self.gone["order"]}  # fmt: skip
                held |= self.gone["held.product_id"].intersection(ids)
                found.update(dict.fromkeys(held, "in_orders"))
            else:
                held = {row[0] for row in lookup(model, (key.name,), key.name, ids)}
                found.update(dict.fromkeys(held, "wanted"))
        return found


class Passing(Singles):
    """Rows that a later batch may have deleted, and would bring back: these stay with that one."""

    def units(self) -> list[int]:
        """Those that are there, and those that a later batch deleted."""
        return sorted({*super().units(), *self._taken_since()})

    def decide(self, ids: Sequence[int]) -> Decision:
        """What another import took up or replaced stays with it."""
        decision, wanted = super().decide(ids), set(ids)
        for id_, (batch, row) in self._taken_since().items():
            if id_ in wanted:
                decision.stays.append(Stay(self.table, id_, _label(row), "later", batch))
        return decision

    def _taken_since(self) -> dict[int, tuple[int, Row]]:
        found = self.notes.taken_rows(self.model)
        return {id_: taken for id_, taken in found.items() if not taken[1].get("order_id")}


class Loose(Passing):
    """Payments or refunds that no order is known for."""

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """Those that have no order; the others went or stayed with theirs."""
        return [row for row in whole_rows(self.model, "id", ids) if row["order_id"] is None]

    def wanted_back(self, rows: list[Row]) -> list[Row]:
        """What was deleted of orders came back with them."""
        return [row for row in rows if row["order_id"] is None]


class Waiting(Passing):
    """Money that waits for its order. What the batch attached waits again once it is detached."""

    def __init__(self, notes: Notes, gone: dict[str, set[int]]) -> None:
        super().__init__(notes, WaitingTransaction, gone)

    def decide(self, ids: Sequence[int]) -> Decision:
        """What the batch told anew of money that waited already goes back to what it was."""
        decision = super().decide(ids)
        gone = {_place(row): (notes, row) for notes, row in self.notes.gone(self.model)}
        for deed in decision.deeds:
            for row in deed.removed.get(self.table, ()):
                notes, before = gone.get(_place(row), ([], None))
                if before:
                    deed.notes += notes
                    deed.returned[self.table] = [before]
        return decision

    def wanted_back(self, rows: list[Row]) -> list[Row]:
        """All but what an order that stays still holds, and what has its place taken."""
        kept: set[str] = set()
        for model in (Payment, Refund):
            left = self.notes.existing(model) - self.gone[model._meta.table_name]
            for key, order in lookup(model, ("key", "order"), "id", left):
                if order not in self.gone["order"]:
                    kept.add(key)
        waiting = {
            row[:3]
            for row in lookup(
                WaitingTransaction, ("shop", "number", "key"), "key", [r["key"] for r in rows]
            )
        }
        return [row for row in rows if row["key"] not in kept and _place(row) not in waiting]


def singles(notes: Notes, gone: dict[str, set[int]]) -> list[Singles]:
    """Every table whose rows stand alone, products aside: orders and people come before those."""
    return [
        Loose(notes, Payment, gone),
        Loose(notes, Refund, gone),
        Singles(notes, Payout, gone),
        Singles(notes, BalanceTransaction, gone),
        Waiting(notes, gone),
    ]


def _label(row: Row) -> str:
    return str(next((row[name] for name in LABELS if row.get(name)), row["id"]))


def _place(row: Row) -> tuple[str, str, str]:
    """What is unique of money that waits."""
    return row["shop"], row["number"], row["key"]
