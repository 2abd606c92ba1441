"""Import one file: look at it, recognise it, take it in or say plainly why not."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from portal.catalog.models import Product
from portal.imports.events import people_came
from portal.imports.formats.files import Source, Unreadable, look_at, rows
from portal.imports.loading.loader import Loader, take_turn
from portal.imports.loading.pace import REST
from portal.imports.maps.opening import Paths, open_mapped, whole_source
from portal.imports.maps.parse import parse
from portal.imports.models import Batch, QuarantinedRow
from portal.imports.readers import Context, Reader, formats, readers, recognise
from portal.imports.reading.dayorder import day_first
from portal.imports.reading.secrecy import scrubber
from portal.imports.records import Row
from portal.imports.refusal import lacks, unfit
from portal.imports.result import LISTED, Result
from portal.imports.tally import Tally
from portal.imports.timeline import tell_next
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.money import currencies
from portal.lib.text import _
from portal.members.models import Member
from portal.shop.models import settings

Progress = Callable[[int, int], None]
Begun = Callable[[Batch], None]


def import_file(
    path: str | Path,
    *,
    kind: str | None = None,
    shop: str = "default",
    currency: str | None = None,
    dry_run: bool = False,
    by: Member | None = None,
    progress: Progress | None = None,
    name: str = "",
    begun: Begun | None = None,
    map_text: str | None = None,
    files: Paths | None = None,
) -> Result:
    """Take one file in, or go on with it where an earlier run was cut off.

    `currency` is for files that name none (else the shop's own); `progress(bytes done, bytes in
    all)` is called now and then; `name` is the file's own where the path has another; `begun` gets
    the batch before its first row. `map_text` is the TOML of a map to read it with, `files` the
    paths by the map's names where it joins several. A file that can't be read is refused: `error`
    in the result says why, and nothing was written. Raises Refused when another process imports the
    same file.
    """
    began = time.monotonic()
    result = Result(str(path), shop=shop)
    with ExitStack() as stack:
        try:
            _check_shop(shop)
            opened = (
                _plain(path, kind, currency)
                if map_text is None
                else _mapped(stack, map_text, path, files, currency, progress)
            )
        except Unreadable as why:
            result.error, result.missing = why.sentence, why.missing
            result.nearest = why.nearest
            return result
        source, reader, context = opened.source, opened.reader, opened.context
        result.kind = reader.KIND
        result.sheet = source.sheet if source.sheets > 1 else ""
        batch = None if dry_run else _batch(opened, shop, by, name)
        if batch and begun:
            begun(batch)
        tally = Tally(**batch.tally) if batch else Tally(floors=_floors())
        tally.reading, tally.beside = context.reading(), opened.beside
        loader = Loader(batch, tally, context, reader, shop=shop, seed=opened.seed)
        with _few_collections():
            _load(loader, opened, progress)
    result.tally = loader.tally
    if batch:
        result.batch = batch.id
        _finish(batch, loader.tally)
    result.quarantined = _quarantined(batch) if batch else sorted(loader.bad)
    result.seconds = time.monotonic() - began
    return result


@dataclass(slots=True)
class _Opened:
    """A file, or several that a map joins, ready to be read."""

    source: Source
    reader: Reader
    context: Context
    seed: str
    stream: Callable[[Callable[[int], None] | None], Iterator[Row]]
    map_text: str = ""
    beside: dict[str, list[int]] = field(default_factory=dict)


def _plain(path: str | Path, kind: str | None, currency: str | None) -> _Opened:
    source = look_at(path)
    reader = _reader(source, kind)
    context = _context(source, reader, currency)
    return _Opened(source, reader, context, _seed(context), partial(rows, source))


def _mapped(
    stack: ExitStack,
    map_text: str,
    path: str | Path,
    files: Paths | None,
    currency: str | None,
    progress: Progress | None,
) -> _Opened:
    map = parse(map_text)
    joined, reader = open_mapped(map, path, files, currency=currency)
    context, source = joined.context, whole_source(map, joined)
    _check_currency(context.currency)

    def gathering(done: int) -> None:
        if progress:
            progress(done // 2, source.size)

    stack.enter_context(joined).gather(gathering)
    reader.where = joined.where
    seed = _seed(context) + "\0" + map.sha256
    return _Opened(source, reader, context, seed, joined.rows, map_text, joined.beside())


def _reader(source: Source, kind: str | None) -> Reader:
    if kind is not None:
        if kind not in readers():
            known = ", ".join(sorted(readers()))
            raise Unreadable(_("There is no kind “%(kind)s”; known are %(known)s.", kind=kind,
                               known=known))  # fmt: skip
        if source.format not in formats(readers()[kind]):
            named = " / ".join(formats(readers()[kind])).upper()
            raise Unreadable(_("%(kind)s is read from %(wanted)s; this file is %(format)s.",
                               kind=kind, wanted=named, format=source.format.upper()))  # fmt: skip
        missing = readers()[kind].recognise(source.columns)
        if missing:
            raise lacks(kind, missing)
        return readers()[kind]
    reader, _nearest, _missing = recognise(source.columns, source.format)
    if reader is None:
        raise unfit(source)
    return reader


def _context(source: Source, reader: Reader, currency: str | None) -> Context:
    chosen = (currency or settings().currency).upper()
    _check_currency(chosen)
    return Context(
        header=source.header,
        columns={name: place for place, name in enumerate(source.columns)},
        currency=chosen,
        zone=ZoneInfo(settings().timezone),
        day_first=day_first(source, reader.DATES),
        comma=source.delimiter == ";",
        scrub=scrubber(source.header) if source.format != "json" else None,
        objects=source.format == "json",
    )


def _check_currency(currency: str) -> None:
    if currency not in currencies():
        raise Unreadable(_("“%(currency)s” is not a currency.", currency=currency))


def _check_shop(shop: str) -> None:
    if not shop.strip() or len(shop) > 60 or not shop.isprintable():
        raise Unreadable(_("A shop's name has 1 to 60 characters."))


def _seed(context: Context) -> str:
    """What else decides how a row reads: the header and how its values are understood."""
    return context.seed()


def _floors() -> dict[str, int]:
    return {
        "members": Member.select(fn.COALESCE(fn.MAX(Member.id), 0)).scalar(),
        "products": Product.select(fn.COALESCE(fn.MAX(Product.id), 0)).scalar(),
    }


def _batch(opened: _Opened, shop: str, by: Member | None, name: str) -> Batch:
    """The batch of this file that was cut off, or a new one."""
    source, kind = opened.source, opened.reader.KIND
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
            file=(name or source.path.name)[-255:],
            sha256=source.sha256,
            kind=kind,
            shop=shop,
            currency=opened.context.currency,
            header=source.header,
            size=source.size,
            map=opened.map_text,
            tally=Tally(floors=_floors()).as_json(),
            by=by,
        )


def _load(loader: Loader, opened: _Opened, progress: Progress | None) -> None:
    reader, context, size = opened.reader, opened.context, opened.source.size

    def told(done: int) -> None:
        if progress:
            progress(done, size)

    def left() -> Iterator[Any]:
        return islice(opened.stream(told), loader.position, None)

    if loader.position:
        before = islice(opened.stream(None), loader.position)
        loader.remember(reader.read(before, context))
    loader.load(reader.read(left(), context))
    told(size)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Python looks for garbage rarely: an import makes much, none of it in circles."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _finish(batch: Batch, tally: Tally) -> None:
    if tally.created["orders"] + tally.updated["orders"]:
        while _tell_some(batch, tally):
            time.sleep(REST)
    with write_tx():
        done = Batch.update(finished_at=now(), state="done", tally=tally.as_json()).where(
            (Batch.id == batch.id) & Batch.finished_at.is_null()
        )
        if not done.execute():
            return
        if tally.created["members"] + tally.updated["members"]:
            people_came.send(None, batch_id=batch.id)


def _tell_some(batch: Batch, tally: Tally) -> bool:
    """Let the timelines of some members tell of the batch; False when all do, or it is finished.

    Thousands of them at once would hold the write lock for long.
    """
    with write_tx():
        take_turn()
        now_stored = Batch.get_by_id(batch.id)
        tally.told = now_stored.tally.get("told", 0)
        last = 0 if now_stored.finished_at else tell_next(batch, tally.told)
        if last:
            tally.told = last
            Batch.update(tally=tally.as_json()).where(Batch.id == batch.id).execute()
    return bool(last)


def _quarantined(batch: Batch) -> list[tuple[int, str]]:
    query = (
        QuarantinedRow.select(QuarantinedRow.line, QuarantinedRow.reason)
        .where(QuarantinedRow.batch == batch)
        .order_by(QuarantinedRow.line)
        .limit(LISTED)
    )
    return [(row.line, row.reason) for row in query]
