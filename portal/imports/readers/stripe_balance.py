"""Lines of Stripe's own books: the balance history, and the itemized reports on it.

Balance, All activity, Export; the reports “balance change from activity” and “payout
reconciliation”, the last of which says which payout a line went out with.
"""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.readers.stripe_payments import ID
from portal.imports.reading.cells import Trouble, wrong
from portal.imports.reading.single_rows import Cells, single_rows
from portal.imports.records import BalanceRecord, Record, Row
from portal.lib.text import _

KIND = "stripe-balance"
REQUIRED = (
    ("balance_transaction_id", "id"),
    ("reporting_category", "Type"),
    ("gross", "Amount"),
    ("fee",),
    ("net",),
    ("Currency",),
    ("created_utc", "created", "Created (UTC)", "Created date (UTC)"),
    ("source_id", "Source", "reporting_category"),
)
DATES = ("created_utc", "created", "created(utc)", "createddate(utc)", "available_on_utc",
         "available_on", "availableon(utc)")  # fmt: skip
UTC_TIMES = ("created_utc", "created(utc)", "createddate(utc)")
USED = (*DATES, "balance_transaction_id", "id", "reporting_category", "type", "gross", "amount",
        "fee", "net", "currency", "source_id", "source", "automatic_payout_id", "status",
        "description", "customer_name", "customer_email")  # fmt: skip


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for lines of Stripe's books."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to lines of the books, one at a time, in the order of the file."""
    return single_rows(rows, context, _line)


def _line(cells: Cells) -> Record:
    key = ("balance_transaction_id", "id")
    id_ = cells.code(*key)
    if not ID.fullmatch(id_):
        raise wrong(cells.column(*key), id_, _("which is not an id of Stripe"))
    currency = cells.currency("currency")
    amount = cells.needed_money(currency, "gross", "amount")
    fee = cells.money(currency, "fee") or 0
    net = cells.needed_money(currency, "net")
    if amount - fee != net:
        raise Trouble(_("The amount less the fee is not the net amount."))
    at = cells.moment(*UTC_TIMES)
    record = BalanceRecord(id_, [cells.line], [cells.cells])
    record.values = {
        "kind": cells.text("reporting_category", "type", most=40),
        "source": cells.code("source_id", "source"),
        "payout": cells.code("automatic_payout_id"),
        "amount": amount,
        "fee": fee,
        "net": net,
        "currency": currency,
        "status": cells.text("status", most=20).casefold(),
        "description": cells.text("description"),
        "at": at or cells.needed_moment("created", zone=cells.context.zone),
        "available_at": cells.moment("available_on_utc", "availableon(utc)")
        or cells.moment("available_on", zone=cells.context.zone),
        "details": cells.rest(USED),
    }
    return record
