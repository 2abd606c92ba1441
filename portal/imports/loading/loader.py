"""The one way in: records of any reader go into the database in chunks, each whole or not at all.

A chunk's rows, what follows from them (search terms, points, versions) and the batch's position
are one transaction: after a crash at any point the same batch goes on behind its last whole chunk.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from peewee import IntegrityError

from portal.imports.loading import raw
from portal.imports.loading.arrivals import take_customers, take_payments
from portal.imports.loading.bulk import DryWriter, Writer
from portal.imports.loading.catalogue import take_products
from portal.imports.loading.goods import Goods
from portal.imports.loading.intake import contact
from portal.imports.loading.own_points import take_points
from portal.imports.loading.pace import Pace
from portal.imports.loading.people import Contact, People
from portal.imports.loading.purchases import take_orders
from portal.imports.loading.strays import rejoin
from portal.imports.loading.work import Imagined, Work, no_sets
from portal.imports.models import Batch
from portal.imports.money.belonging import attach_people
from portal.imports.money.books import take_balance, take_payouts
from portal.imports.money.loose import take_loose
from portal.imports.readers import Context, Reader
from portal.imports.records import (
    Bad,
    BalanceRecord,
    CustomerRecord,
    LooseRecord,
    Nothing,
    OrderRecord,
    PaymentsRecord,
    PayoutRecord,
    PointsRecord,
    ProductRecord,
    Record,
)
from portal.imports.tally import Tally
from portal.lib.db import db, is_sqlite, write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import SearchTerm
from portal.orders.events import orders_changed

ROWS_AT_ONCE = 2_500  # at most
TRIES = 3
ONE_IMPORT = 7_365_117  # PostgreSQL's advisory lock: chunks of two imports take turns


def take_turn() -> None:
    """Wait, inside a transaction, until no other import or undo writes; SQLite has one writer."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (ONE_IMPORT,))


class Loader:
    """Puts the records of one batch into the database; `batch` is None in a dry run."""

    def __init__(
        self,
        batch: Batch | None,
        tally: Tally,
        context: Context,
        reader: Reader,
        *,
        shop: str,
        seed: str,
    ) -> None:
        self.batch = batch
        self.tally = tally
        self.context = context
        self.reader, self.kind = reader, reader.KIND
        self.shop, self.seed = shop, seed
        self.position = batch.position if batch else 0
        self.writer = Writer(batch.id) if batch else DryWriter()
        self.imagined = None if batch else Imagined()
        self.met = no_sets()
        self.pace = Pace(ROWS_AT_ONCE, takes_turns=batch is not None)
        self.bad: list[tuple[int, str]] = []  # of a dry run

    def load(self, records: Iterable[Record]) -> None:
        """Take in every record, chunk by chunk."""
        chunk: list[Record] = []
        keys: set[str] = set()
        rows = 0
        for record in records:
            key = record.number if isinstance(record, OrderRecord | PaymentsRecord) else ""
            came_away = isinstance(record, Bad) and record.came_away and self.batch
            if chunk and (self.pace.enough or key in keys or came_away):
                self._write(chunk, rows)
                chunk, keys, rows = [], set(), 0
            if came_away and self.batch and isinstance(record, Bad):
                record = rejoin(record, self.batch, self.reader.read, self.context)
            chunk.append(record)
            if key:
                keys.add(key)
            rows += len(record.rows if isinstance(record, Bad) else record.lines_of_file)
            self.pace.add(record)
        if chunk:
            self._write(chunk, rows)

    def remember(self, records: Iterable[Record]) -> None:
        """Meet again whom the part that is done already met, so that nobody is counted twice."""
        work = Work(self.shop, self.kind, 0, DryWriter(), self.tally.copy())
        for record in records:
            if isinstance(record, OrderRecord):
                people = People(work, [contact(record)])
                found = people.match(contact(record))
                Goods(work, record.lines).meet(record.lines)
            elif isinstance(record, CustomerRecord):
                named = Contact(record.email, record.phone, record.name, record.external_id)
                found = People(work, [named]).match(named)
            else:
                continue
            if found:
                work.newly["members"].add(found)
        for thing, ids in work.newly.items():
            self.met[thing] |= ids

    def _write(self, chunk: list[Record], rows: int) -> None:
        self.pace.rest()
        for attempt in range(TRIES):
            try:
                work = self._in_one_transaction(chunk, rows)
                break
            except IntegrityError:
                # Somebody signed up with an address of this chunk meanwhile: look again.
                self.writer.forget()
                if attempt == TRIES - 1:
                    raise
        self.pace.begin()
        self.tally = work.tally
        self.position += rows
        for thing, ids in work.newly.items():
            self.met[thing] |= ids
        if not self.batch:
            self.bad += [(line, reason) for bad in work.bad for line, reason, _cells in bad.rows]
            del self.bad[1000:]

    def _in_one_transaction(self, chunk: list[Record], rows: int) -> Work:
        with self._transaction():
            work = Work(
                self.shop, self.kind, self.batch.id if self.batch else 0, self.writer,
                self.tally.copy(), self.context.absent, self.seed, self.imagined, met=self.met,
            )  # fmt: skip
            work.tally.rows += rows
            self._take(work, chunk)
            self._follow(work)
            if self.batch:
                self._move_on(self.batch.id, rows, work)
        return work

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if not self.batch:
            yield
            return
        with write_tx():
            take_turn()
            began = time.monotonic()
            yield
        self.pace.held(time.monotonic() - began)

    def _take(self, work: Work, chunk: list[Record]) -> None:
        work.bad = [record for record in chunk if isinstance(record, Bad)]
        for record in chunk:
            if isinstance(record, Nothing):
                work.tally.skip(len(record.lines_of_file), record.why)
        if orders := [record for record in chunk if isinstance(record, OrderRecord)]:
            before = len(work.bad)
            take_orders(work, orders)
            refused = {bad.key for bad in work.bad[before:]}
            for order in orders:
                if order.number not in refused and not order.rejoined:
                    work.tally.add_total(order.currency, order.total, order.refunded)
        if customers := [record for record in chunk if isinstance(record, CustomerRecord)]:
            take_customers(work, customers)
        if payments := [record for record in chunk if isinstance(record, PaymentsRecord)]:
            take_payments(work, payments)
        if products := [record for record in chunk if isinstance(record, ProductRecord)]:
            take_products(work, products)
        if loose := [record for record in chunk if isinstance(record, LooseRecord)]:
            take_loose(work, loose)
        if payouts := [record for record in chunk if isinstance(record, PayoutRecord)]:
            take_payouts(work, payouts)
        if books := [record for record in chunk if isinstance(record, BalanceRecord)]:
            take_balance(work, books)
        if points := [record for record in chunk if isinstance(record, PointsRecord)]:
            take_points(work, points)
        attach_people(work, work.came_by_email, work.came_by_id)
        work.tally.quarantined += sum(len(bad.rows) for bad in work.bad)
        self._count_unchanged(work)

    def _count_unchanged(self, work: Work) -> None:
        for thing in ("members", "products"):
            for id_ in work.newly[thing]:
                if not work.tally.made_here(thing, id_):
                    work.tally.unchanged[thing] += 1
            work.tally.unchanged[thing] -= len(work.newly[f"changed_{thing}"])

    def _follow(self, work: Work) -> None:
        """What follows from a chunk, in its transaction and in sets."""
        self.writer.insert(SearchTerm, ("member", "term"), sorted(work.terms), ignore=True)
        self.writer.raise_versions(work.touched)
        if self.batch:
            raw.keep(work)
            if work.orders:
                orders_changed.send(None, order_ids=sorted(work.orders))

    def _move_on(self, batch_id: int, rows: int, work: Work) -> None:
        moved = Batch.update(position=self.position + rows, tally=work.tally.as_json()).where(
            (Batch.id == batch_id)
            & (Batch.position == self.position)
            & (Batch.state == "running")
            & Batch.finished_at.is_null()
        )
        if not moved.execute():
            raise Refused(_("This file is being imported by somebody else at this moment."))
