"""Import one file: look at it, recognise it, take it in or say plainly why not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from portal.catalog.models import Product
from portal.imports.cells import scrubber
from portal.imports.dayorder import day_first
from portal.imports.files import Source, Unreadable, look_at, rows
from portal.imports.loader import Loader
from portal.imports.models import Batch, QuarantinedRow
from portal.imports.readers import Context, Reader, readers, recognise
from portal.imports.tally import THINGS, Tally
from portal.imports.timeline import tell_members
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.money import currencies, decimal_text
from portal.lib.text import _
from portal.members.models import Member
from portal.shop.models import settings

LISTED = 1_000  # quarantined rows in a result; all of them are in the table
Progress = Callable[[int, int], None]


@dataclass
class Result:
    """What became of one file."""

    file: str
    kind: str | None = None
    shop: str = "default"
    batch: int | None = None
    tally: Tally = field(default_factory=Tally)
    quarantined: list[tuple[int, str]] = field(default_factory=list)
    error: str = ""
    missing: list[str] = field(default_factory=list)
    resumed: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0: all in; 1: rows were quarantined; 2: refused."""
        if self.error:
            return 2
        return 1 if self.tally.quarantined else 0

    def as_json(self) -> dict[str, Any]:
        """For machines; money as decimal strings."""
        if self.error:
            return {"file": self.file, "kind": None, "error": self.error, "missing": self.missing}
        tally = self.tally
        return {
            "file": self.file,
            "kind": self.kind,
            "shop": self.shop,
            "batch": self.batch,
            "rows": tally.rows,
            "created": {thing: tally.created[thing] for thing in THINGS},
            "updated": {thing: tally.updated[thing] for thing in THINGS},
            "unchanged": {thing: tally.unchanged[thing] for thing in THINGS},
            "skipped": tally.skipped,
            "quarantined_count": tally.quarantined,
            "quarantined": [
                {"line": line, "reason": reason} for line, reason in self.quarantined[:LISTED]
            ],
            "totals": {
                currency: {
                    "orders": decimal_text(orders, currency),
                    "refunded": decimal_text(refunded, currency),
                }
                for currency, (orders, refunded) in sorted(tally.totals.items())
            },
        }


def import_file(
    path: str | Path,
    *,
    kind: str | None = None,
    shop: str = "default",
    currency: str | None = None,
    dry_run: bool = False,
    by: Member | None = None,
    progress: Progress | None = None,
) -> Result:
    """Take one file in, or go on with it where an earlier run was cut off.

    `currency` is for files that name none (else the shop's own); `progress(bytes done, bytes in
    all)` is called now and then. A file that can't be read is refused: `error` in the result says
    why, and nothing was written. Raises Refused when another process imports the same file.
    """
    began = time.monotonic()
    result = Result(str(path), shop=shop)
    try:
        source = look_at(path)
        reader = _reader(source, kind)
        context = _context(source, reader, currency)
        _check_shop(shop)
    except Unreadable as why:
        result.error, result.missing = why.sentence, why.missing
        return result
    result.kind = reader.KIND
    batch = None if dry_run else _batch(source, reader.KIND, shop, context.currency, by)
    tally = Tally(**batch.tally) if batch else Tally(floors=_floors())
    loader = Loader(batch, tally, context, kind=reader.KIND, shop=shop, seed=_seed(context))
    _load(loader, reader, source, context, progress)
    result.tally = loader.tally
    if batch:
        result.batch = batch.id
        _finish(batch, loader.tally)
    result.quarantined = _quarantined(batch) if batch else sorted(loader.bad)
    result.seconds = time.monotonic() - began
    return result


def _reader(source: Source, kind: str | None) -> Reader:
    if kind is not None:
        if kind not in readers():
            known = ", ".join(sorted(readers()))
            raise Unreadable(_("There is no kind “%(kind)s”; known are %(known)s.", kind=kind,
                               known=known))  # fmt: skip
        missing = readers()[kind].recognise(source.columns)
        if missing:
            raise _lacks(kind, missing)
        return readers()[kind]
    reader, nearest, missing = recognise(source.columns)
    if reader is None:
        raise _lacks(nearest.KIND, missing)
    return reader


def _lacks(kind: str, missing: list[str]) -> Unreadable:
    sentence = _(
        "This file can't be imported. For %(kind)s, the nearest kind, it lacks: %(columns)s.",
        kind=kind,
        columns=", ".join(missing),
    )
    return Unreadable(sentence, missing)


def _context(source: Source, reader: Reader, currency: str | None) -> Context:
    chosen = (currency or settings().currency).upper()
    if chosen not in currencies():
        raise Unreadable(_("“%(currency)s” is not a currency.", currency=chosen))
    return Context(
        header=source.header,
        columns={name: place for place, name in enumerate(source.columns)},
        currency=chosen,
        zone=ZoneInfo(settings().timezone),
        day_first=day_first(source, reader.DATES),
        comma=source.delimiter == ";",
        scrub=scrubber(source.header),
    )


def _check_shop(shop: str) -> None:
    if not shop.strip() or len(shop) > 60 or not shop.isprintable():
        raise Unreadable(_("A shop's name has 1 to 60 characters."))


def _seed(context: Context) -> str:
    """What else decides how a row reads: the header and how its values are understood."""
    return "\0".join([*context.header, context.currency, str(context.zone), str(context.day_first)])


def _floors() -> dict[str, int]:
    return {
        "members": Member.select(fn.COALESCE(fn.MAX(Member.id), 0)).scalar(),
        "products": Product.select(fn.COALESCE(fn.MAX(Product.id), 0)).scalar(),
    }


def _batch(source: Source, kind: str, shop: str, currency: str, by: Member | None) -> Batch:
    """The batch of this file that was cut off, or a new one."""
    with write_tx():
        found = (
            Batch.select()
            .where(
                (Batch.sha256 == source.sha256)
                & (Batch.kind == kind)
                & (Batch.shop == shop)
                & Batch.finished_at.is_null()
            )
            .order_by(Batch.id.desc())
            .first()
        )
        if found:
            return found
        return Batch.create(
            file=source.path.name[-255:],
            sha256=source.sha256,
            kind=kind,
            shop=shop,
            currency=currency,
            header=source.header,
            size=source.size,
            tally=Tally(floors=_floors()).as_json(),
            by=by,
        )


def _load(
    loader: Loader, reader: Reader, source: Source, context: Context, progress: Progress | None
) -> None:
    def told(done: int) -> None:
        if progress:
            progress(done, source.size)

    def left() -> Iterator[Any]:
        return islice(rows(source, told), loader.position, None)

    if loader.position:
        before = islice(rows(source), loader.position)
        loader.remember(reader.read(before, context))
    loader.load(reader.read(left(), context))
    told(source.size)


def _finish(batch: Batch, tally: Tally) -> None:
    with write_tx():
        done = Batch.update(finished_at=now(), tally=tally.as_json()).where(
            (Batch.id == batch.id) & Batch.finished_at.is_null()
        )
        if done.execute() and tally.created["orders"] + tally.updated["orders"]:
            tell_members(batch)


def _quarantined(batch: Batch) -> list[tuple[int, str]]:
    query = (
        QuarantinedRow.select(QuarantinedRow.line, QuarantinedRow.reason)
        .where(QuarantinedRow.batch == batch)
        .order_by(QuarantinedRow.line)
        .limit(LISTED)
    )
    return list(query.tuples())
