"""Our own export of order lines: each row carries all that its order says, so it is both."""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble
from portal.imports.reading.own_orders import line_of, order_of
from portal.imports.reading.own_rows import FORMATS as FORMATS
from portal.imports.reading.own_rows import Own, own_records
from portal.imports.records import Record, Row

KIND = "regulars-lines"
REQUIRED = (("Order number",), ("Ordered by member",), ("Placed at",), ("Currency",), ("Total",),
            ("Last changed at",), ("Line",), ("SKU",), ("Title",), ("Quantity",),
            ("Unit price",))  # fmt: skip
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for our lines."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to orders, one record for an order's rows that stand together."""
    return own_records(rows, context, lambda row: row.needed("ordernumber"), _order)


def _order(number: str, held: list[Own]) -> Record:
    record = order_of(number, held)
    for cells in held:
        try:
            line = line_of(cells, record.currency)
        except Trouble as trouble:
            trouble.line = cells.line
            raise
        if line:
            record.lines.append(line)
    return record
