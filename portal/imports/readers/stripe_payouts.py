"""Stripe's payouts export: what was sent to the shop's bank, kept for the reconciliation."""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.readers.stripe_payments import ID
from portal.imports.reading.cells import wrong
from portal.imports.reading.single_rows import Cells, single_rows
from portal.imports.records import Nothing, PayoutRecord, Record, Row
from portal.lib.text import _

KIND = "stripe-payouts"
REQUIRED = (
    ("id",),
    ("Amount",),
    ("Created (UTC)", "Created date (UTC)"),
    ("Currency",),
    ("Arrival Date (UTC)", "Arrival Date"),
    ("Status", "State"),
)
DATES = ("created(utc)", "createddate(utc)", "arrivaldate(utc)", "arrivaldate")
USED = ("id", "amount", "created(utc)", "createddate(utc)", "currency", "arrivaldate(utc)",
        "arrivaldate", "status", "state", "method", "description", "livemode")  # fmt: skip
NO = frozenset({"false", "no", "0"})


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of payouts."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to payouts, one at a time, in the order of the file."""
    return single_rows(rows, context, _payout)


def _payout(cells: Cells) -> Record:
    id_ = cells.code("id")
    if not ID.fullmatch(id_):
        raise wrong(cells.column("id"), id_, _("which is not an id of Stripe"))
    currency = cells.currency("currency")
    arrives = cells.moment("arrivaldate(utc)", "arrivaldate")
    record = PayoutRecord(id_, [cells.line], [cells.cells])
    record.values = {
        "amount": cells.needed_money(currency, "amount"),
        "currency": currency,
        "status": cells.text("status", "state", most=20).casefold(),
        "method": cells.text("method", most=40),
        "description": cells.text("description"),
        "at": cells.needed_moment("created(utc)", "createddate(utc)"),
        "arrives_on": arrives.date() if arrives else None,
        "details": cells.rest(USED),
    }
    if cells.text("livemode").casefold() in NO:
        return Nothing([cells.line], _("a payout in Stripe’s test mode"))
    return record
