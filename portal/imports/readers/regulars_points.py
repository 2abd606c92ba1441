"""Our own export of the points ledger, for another database of ours."""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import empty, whole, wrong
from portal.imports.reading.own_rows import FORMATS as FORMATS
from portal.imports.reading.own_rows import Own, own_records, raw_of
from portal.imports.records import PointsRecord, Record, Row
from portal.lib.text import _

KIND = "regulars-points"
REQUIRED = (("Points of member",), ("Entry key",), ("Entry kind",), ("Available",), ("Why",),
            ("Booked at",))  # fmt: skip
DATES: tuple[str, ...] = ()
KEY = re.compile(r"[A-Za-z0-9:_.\-]{1,112}")
MOST = 1_000_000_000


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for our points."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to entries of the ledger, in the order of the file."""
    return own_records(rows, context, lambda _row: "", _entry)


def _entry(_key: str, held: list[Own]) -> Record:
    cells = held[0]
    key = cells.needed("entrykey", most=120)
    if not KEY.fullmatch(key):
        raise wrong(cells.column("entrykey"), key, _("which is not a key of the ledger"))
    cells.needed("pointsofmember")
    points = whole(cells.text("available"), cells.column("available"))
    if points is None:
        raise empty(cells.column("available"))
    if abs(points) > MOST:
        raise wrong(cells.column("available"), str(points), _("which is too many points"))
    lines, rows = raw_of(held)
    return PointsRecord(
        key,
        lines,
        rows,
        cells.member("pointsofmember"),
        points,
        cells.text("why", most=300),
        cells.needed_moment("bookedat"),
        cells.code("orderofentry"),
    )
