"""Our own export of orders without their lines, which stand in a file of their own."""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.own_orders import order_of
from portal.imports.reading.own_rows import FORMATS as FORMATS
from portal.imports.reading.own_rows import own_records
from portal.imports.records import Record, Row

KIND = "regulars-orders"
REQUIRED = (("Order number",), ("Ordered by member",), ("Placed at",), ("Currency",), ("Total",),
            ("Last changed at",))  # fmt: skip
DATES: tuple[str, ...] = ()


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for our orders."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to orders, one at a time; what is known of their lines stays."""
    context.absent = frozenset({"title", "sku", "price"})
    return own_records(rows, context, lambda row: row.needed("ordernumber"), order_of)
