"""The reader that a map makes: rows, of one file or of several joined, to records."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from portal.imports.maps import orders
from portal.imports.maps.grammar import Map
from portal.imports.maps.others import customer, payments, product
from portal.imports.maps.parse import parse
from portal.imports.maps.sheet import Sheet, place_of
from portal.imports.readers import Context
from portal.imports.reading.cells import Trouble, show
from portal.imports.reading.grouping import MOST_ROWS, bad
from portal.imports.records import Bad, Nothing, Record, Row
from portal.lib.text import _

SINGLE: dict[str, Callable[[Sheet, Row], Record]] = {"customers": customer, "products": product}


class MappedReader:
    """Reads as a map says; stands where the readers of known kinds do."""

    REQUIRED: tuple[tuple[str, ...], ...] = ()
    DATES: tuple[str, ...] = ()

    def __init__(self, map: Map) -> None:
        self.map = map
        self.KIND = map.record_kind
        self.where: Callable[[int], str] = lambda _line: ""

    def recognise(self, header: Iterable[str]) -> list[str]:
        """The columns that the map names and a folded header lacks."""
        columns = {name: place for place, name in enumerate(header)}
        lacks = [c for _key, c in self.map.columns() if place_of(c, columns, self.map.main) is None]
        return list(dict.fromkeys(lacks))

    def read(self, rows: Iterable[Row], context: Context) -> Iterator[Record]:
        """Rows, those of one order together, to records, in their order."""
        for record in self._records(rows, context):
            if isinstance(record, Bad):
                record.rows = [self._placed(*row) for row in record.rows]
            yield record

    def _placed(self, line: int, reason: str, cells: list[str]) -> tuple[int, str, list[str]]:
        """A reason with the file that the row stands in, where it is not the first one."""
        place = self.where(line)
        return line, f"{place}: {reason}" if place else reason, cells

    def _records(self, rows: Iterable[Row], context: Context) -> Iterator[Record]:
        sheet = Sheet(self.map, context)
        if self.map.kind in SINGLE:
            yield from _singly(sheet, rows, context)
            return
        make: Callable[[str, list[Row]], Record] = partial(payments, sheet)
        if self.map.kind == "orders":
            context.absent = orders.absent(sheet)
            make = partial(orders.order, sheet)
        for group in _groups(sheet, rows, context):
            yield _together(sheet, group, make) if isinstance(group, list) else group


def reader_of(text: str) -> MappedReader:
    """The reader of a map's text. Raises WrongMap."""
    return MappedReader(parse(text))


def out_of_reach(map: Map, header: list[str], cells: list[str]) -> str | None:
    """Why a row of a file that is only looked up stays out: nothing named it."""
    if not map.joined:
        return None
    named = None
    for name, cell in zip(header, cells, strict=False):
        if cell:
            file = name.partition(".")[0]
            if file == map.main:
                return None
            named = named or file
    return _("no row names it in %(file)s", file=named) if named else None


def left_out(sheet: Sheet, row: Row) -> str | None:
    """Why a row is skipped, or None; a row with a problem never is."""
    if row[2]:
        return None
    beyond = out_of_reach(sheet.map, sheet.context.header, row[1])
    return beyond or sheet.left_out(row[1])


def _groups(
    sheet: Sheet, rows: Iterable[Row], context: Context
) -> Iterator[list[Row] | Nothing | Bad]:
    """Neighbouring rows of one number; those that are left out stand by themselves."""
    held: list[Row] = []
    key, endless = "", ""
    for row in rows:
        if context.scrub:
            context.scrub(row[1])
        why = left_out(sheet, row)
        own = "" if why else sheet.own_id(row[1])
        if held and (why or (own and own != key) or (row[2] and not own)):
            yield held
            held = []
        if why:
            yield Nothing([row[0]], why)
            continue
        if not held:
            key = own
        held.append(row)
        if len(held) >= MOST_ROWS or key == endless != "":
            endless = key
            yield bad(key, held, held[0][0], _too_many())
            held = []
    if held:
        yield held


def _too_many() -> str:
    return _("The order has more than %(most)s rows.", most=f"{MOST_ROWS:,}")


def _together(sheet: Sheet, group: list[Row], make: Callable[[str, list[Row]], Record]) -> Record:
    """A group's record; any trouble in any row puts all of them aside."""
    key = sheet.own_id(group[0][1])
    ragged = next((row for row in group if row[2]), None)
    if ragged:
        return bad(key, group, ragged[0], ragged[2] or "")
    if not key or len(key) > 60:
        return bad(key, group, group[0][0], _unfit(key))
    try:
        return make(key, group)
    except Trouble as trouble:
        return bad(key, group, trouble.line or group[0][0], str(trouble))


def _unfit(key: str) -> str:
    if not key:
        return _("The row names no order.")
    return _("“%(name)s” is too long for an order number.", name=show(key))


def _singly(sheet: Sheet, rows: Iterable[Row], context: Context) -> Iterator[Record]:
    for row in rows:
        if context.scrub:
            context.scrub(row[1])
        why = left_out(sheet, row)
        if why:
            yield Nothing([row[0]], why)
            continue
        try:
            if row[2]:
                raise Trouble(row[2])
            yield SINGLE[sheet.map.kind](sheet, row)
        except Trouble as trouble:
            yield Bad("", [(row[0], str(trouble), row[1])])
