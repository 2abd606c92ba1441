"""Rows of money that has no order: a person's, or waiting; what is stored and what changes."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from peewee import SQL

from portal.imports.loading.bulk import AT_ONCE, as_moment, lookup
from portal.imports.loading.work import Work
from portal.imports.models import WaitingTransaction
from portal.imports.money.belonging import ALONE, alone_row
from portal.imports.money.waiting import WAITS, order_words, waiting_row
from portal.imports.reading.providers import (
    TOLD,
    Table,
    Told,
    joined,
    keys_of,
    retold,
    table_of,
    told,
)
from portal.imports.records import LooseRecord, TransactionRecord
from portal.loyalty.bulk import among
from portal.payments.models import Payment, Refund


class Stored(NamedTuple):
    """A provider's movement that is known: of an order, or of a person alone."""

    id: int
    order: int | None
    member: int | None
    told: Told


class Waits(NamedTuple):
    """A provider's movement that waits, and what for."""

    id: int
    number: str
    customer_id: str
    email: str
    told: Told


class Rows:
    """What is stored of one chunk's movements, and what becomes of it."""

    def __init__(self, work: Work, records: Sequence[LooseRecord]) -> None:
        self.work = work
        keys = {move.key for record in records for move in record.transactions}
        self.attached: dict[tuple[Table, str], Stored] = {}
        self.alone: dict[tuple[Table, str], Stored] = {}
        for model in (Payment, Refund):
            for key, stored in _stored(model, keys):
                (self.attached if stored.order else self.alone)[model, key] = stored
        self.waiting = self._waiting(keys)
        self.gone: dict[Any, set[int]] = {Payment: set(), Refund: set(), WaitingTransaction: set()}
        self.made: dict[Table, dict[str, tuple[Any, ...]]] = {Payment: {}, Refund: {}}
        self.changed: dict[Table, list[tuple[Any, ...]]] = {Payment: [], Refund: []}
        self.new_waits: dict[str, tuple[Any, ...]] = {}
        self._owners = self._owners_by_reference(records)
        for record in records:
            self._fill_in(record)

    def _waiting(self, keys: Iterable[str]) -> dict[str, Waits]:
        names = ("key", "id", "number", "customer_id", "email", *TOLD)
        found = {}
        rows = lookup(WaitingTransaction, names, "key", keys, shop=self.work.shop)
        for key, id_, number, customer_id, email, *tells in rows:
            tells[2] = as_moment(tells[2])
            found[key] = Waits(id_, number, customer_id, email, Told(*tells))
        return found

    def _fill_in(self, record: LooseRecord) -> None:
        """What an earlier file said of a movement that waits still holds."""
        for move in record.transactions:
            waits = self.waiting.get(move.key)
            if waits is None:
                continue
            explicit = waits.number and waits.told.description != order_words(waits.number)
            if explicit and not record.names_order:
                record.number, record.names_order = waits.number, True
            record.number = record.number or waits.number
            record.customer_id = record.customer_id or waits.customer_id
            record.email = record.email or waits.email
            if waits.told.reference not in record.references:
                record.references.append(waits.told.reference)
            retold(move, joined(move.key, waits.told, told(move)))

    def _owners_by_reference(self, records: Sequence[LooseRecord]) -> dict[str, int]:
        keys = {
            key: reference
            for record in records
            for reference in record.references
            for key in keys_of(reference)
        }
        found = {}
        for key, stored in _stored(Payment, keys):
            if stored.member and not stored.order:
                found[keys[key]] = stored.member
        return found

    def owner_of(self, record: LooseRecord) -> int | None:
        """The member whose the movement is already, or the payment that it refers to."""
        for move in record.transactions:
            if stored := self.alone.get((table_of(move.kind), move.key)):
                return stored.member
        return next((self._owners[r] for r in record.references if r in self._owners), None)

    def orders_of(self, references: Iterable[str]) -> dict[str, int]:
        """By reference, the order that was paid under it."""
        wanted = sorted(references)
        keys = {key: reference for reference in wanted for key in keys_of(reference)}
        rows = lookup(Payment, ("reference", "order"), "reference", wanted)
        found = {reference: order for reference, order in sorted(rows, key=str) if order}
        for key, stored in _stored(Payment, keys):
            if stored.order:
                found[keys[key]] = stored.order
        return found

    def no_longer_wait(self, keys: Iterable[str]) -> None:
        """Movements that found where they belong."""
        for key in keys:
            self.new_waits.pop(key, None)
            if key in self.waiting:
                self.gone[WaitingTransaction].add(self.waiting[key].id)

    def take_away_pending(self, move: TransactionRecord) -> None:
        """A payment that was pending came to nothing."""
        model = table_of(move.kind)
        stored = self.attached.get((model, move.key)) or self.alone.get((model, move.key))
        if stored and stored.told.status == "pending":
            self.gone[model].add(stored.id)
            self._touch(stored.member)
        waits = self.waiting.get(move.key)
        if waits and waits.told.status == "pending":
            self.gone[WaitingTransaction].add(waits.id)

    def wait(self, record: LooseRecord, move: TransactionRecord) -> None:
        """Keep a movement until what it names comes."""
        model = table_of(move.kind)
        if stored := self.alone.get((model, move.key)):
            retold(move, joined(move.key, stored.told, told(move)))
            self.gone[model].add(stored.id)
            self._touch(stored.member)
        row = waiting_row(
            self.work,
            move.key,
            move,
            number=record.number,
            customer_id=record.customer_id,
            email=record.email,
        )
        waits = self.waiting.get(move.key)
        if waits:
            now = (record.number, record.customer_id, record.email, told(move))
            if now == waits[1:]:
                return
            self.gone[WaitingTransaction].add(waits.id)
        self.new_waits[move.key] = row

    def give(self, member: int, move: TransactionRecord) -> None:
        """A movement is a person's; what is known of it already moves on."""
        model, work = table_of(move.kind), self.work
        thing = "refunds" if model is Refund else "payments"
        self.no_longer_wait([move.key])
        stored = self.alone.get((model, move.key))
        if stored is None:
            work.tally.created[thing] += move.key not in self.made[model]
            self.made[model][move.key] = alone_row(work, member, move)
            self._touch(member)
            return
        now = joined(move.key, stored.told, told(move))
        if now == stored.told:
            work.tally.unchanged[thing] += 1
            return
        work.tally.updated[thing] += 1
        self.changed[model].append((*now, stored.id))
        self._touch(stored.member)

    def _touch(self, member: int | None) -> None:
        if member:
            self.work.touched.add(member)

    def write(self) -> None:
        """Write what changed."""
        writer = self.work.writer
        for model in (Payment, Refund, WaitingTransaction):
            writer.delete(model, sorted(self.gone[model]))
        for model in (Payment, Refund):
            names = ALONE if model is Refund else (*ALONE, "kind")
            writer.insert(model, names, list(self.made[model].values()))
            writer.update(model, TOLD, self.changed[model])
        writer.insert(WaitingTransaction, WAITS, list(self.new_waits.values()))


def _stored(model: Table, keys: Iterable[str]) -> Iterable[tuple[str, Stored]]:
    """Providers' movements by key; the index on them holds only what has a reference."""
    wanted = sorted(keys)
    fields = [getattr(model, name) for name in ("key", "id", "order_id", "member_id", *TOLD)]
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        query = model.select(*fields).where(among(model.key, part) & SQL("\"reference\" <> ''"))
        for key, id_, order, member, *tells in query.tuples():
            yield key, Stored(id_, order, member, Told(*tells))
