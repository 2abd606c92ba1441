"""WooCommerce's refunds as its REST interface (version 3) answers them: one object, one refund.

A refund names its order by the shop's id, often in its links alone, and never names a currency: it
is in that of its order.
"""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, empty
from portal.imports.reading.woocommerce_json import Thing, records
from portal.imports.records import PaymentsRecord, Record, Row, TransactionRecord
from portal.lib.text import _

KIND = "woocommerce-refunds"
FORMATS = ("json",)
REQUIRED = (
    ("id",),
    ("amount",),
    ("reason",),
    ("refunded_by", "refunded_payment"),
    ("date_created_gmt", "date_created"),
    ("_links", "parent_id"),
)
DATES: tuple[str, ...] = ()
ORDER = re.compile(r"/orders/([0-9]{1,20})(?:/refunds(?:/[0-9]+)?)?/?(?:\?.*)?")


def recognise(header: Iterable[str]) -> list[str]:
    """The fields that an object lacks for a refund."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Objects to refunds, one at a time, in the order of the file."""

    def make(line: int, cells: list[str], thing: Thing) -> Record:
        return _refund(line, cells, thing, context)

    yield from records(rows, make, "id")


def _refund(line: int, cells: list[str], thing: Thing, context: Context) -> PaymentsRecord:
    id_, at = thing.key("id"), thing.moment("date_created", context.zone)
    amount = thing.exact("amount", 4)
    if not id_:
        raise empty("id")
    if at is None:
        raise empty("date_created")
    if amount is None:
        raise empty("amount")
    record = PaymentsRecord("", [line], [cells], external_id=_order(thing))
    if not amount:
        record.skipped = 1
        return record
    words = thing.words("reason")
    record.transactions.append(
        TransactionRecord("refund", abs(amount), at, key=f"refund:{id_}", description=words)
    )
    return record


def _order(thing: Thing) -> str:
    """The shop's id of the order that a refund belongs to."""
    if parent := thing.key("parent_id"):
        return parent
    links = thing.inside("_links")
    for link in ("up", "collection", "self"):
        for one in links.things(link):
            if found := ORDER.search(one.text("href", 2000)):
                return found[1]
    raise Trouble(_("The refund names no order, neither in “parent_id” nor in its links."))
