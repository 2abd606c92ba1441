"""Shopify's transaction histories: one row for each movement of money of an order.

Source of the columns: the order export screen, "Export transaction histories".
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, clean, code, empty, moment, money, wrong
from portal.imports.reading.grouping import records
from portal.imports.records import PaymentsRecord, Record, Row, TransactionRecord
from portal.lib.money import currencies, minor_digits
from portal.lib.text import _

KIND = "shopify-transactions"
REQUIRED = (
    ("Order",),
    ("Name",),
    ("Kind",),
    ("Gateway", "Payment Method"),
    ("Created At",),
    ("Status",),
    ("Amount",),
)
DATES = ("createdat",)
MOVES = frozenset({"sale", "capture", "refund"})
KINDS = MOVES | {"authorization", "void", "change", "emv_authorization", "suggested_refund"}
STATUSES = frozenset({"success", "failure", "pending", "error", "awaiting_response", "unknown"})


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of transactions."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to payments, one record for an order's rows that stand together."""

    def make(number: str, group: list[Row]) -> PaymentsRecord:
        return _payments(number, group, context)

    yield from records(rows, context.columns["name"], make, context.scrub)


def _payments(number: str, group: list[Row], context: Context) -> PaymentsRecord:
    record = PaymentsRecord(number, [row[0] for row in group], [row[1] for row in group])
    external = code(group[0][1][context.columns["order"]])
    if external.isdecimal() and external.isascii() and len(external) <= 20:
        record.external_id = external
    alike: Counter[tuple[object, ...]] = Counter()
    for line, cells, _problem in group:
        try:
            found = _transaction(cells, context)
        except Trouble as trouble:
            trouble.line = line
            raise
        if found is None:
            record.skipped += 1
            continue
        same = (found.kind, found.at, found.amount, found.currency, found.gateway)
        found.ordinal = alike[same]
        alike[same] += 1
        record.transactions.append(found)
    return record


def _transaction(cells: list[str], context: Context) -> TransactionRecord | None:
    """The movement of money in a row; None when none moved: authorised, failed, voided, blank."""

    def cell(name: str) -> str:
        return clean(cells[context.columns[name]]) if name in context.columns else ""

    def column(name: str) -> str:
        return context.header[context.columns[name]]

    if not any(cells):
        return None
    kind, status = cell("kind").casefold(), cell("status").casefold()
    if kind not in KINDS:
        raise wrong(column("kind"), kind, _("which is not a kind of transaction"))
    if status not in STATUSES:
        raise wrong(column("status"), status, _("which is not a state of a transaction"))
    currency = cell("currency").upper() or context.currency
    if currency not in currencies():
        raise wrong(column("currency"), currency, _("which is not a currency"))
    place = context.columns["amount"]
    amount = money(cells[place], column("amount"), minor_digits(currency), context.comma)
    at = moment(
        cells[context.columns["createdat"]], column("createdat"), context.zone, context.day_first
    )
    if kind not in MOVES or status != "success":
        return None
    if amount is None:
        raise empty(column("amount"))
    if at is None:
        raise empty(column("createdat"))
    return TransactionRecord(
        kind,
        abs(amount),
        at[0],
        gateway=(cell("gateway") or cell("paymentmethod"))[:60],
        method=cell("paymentmethod")[:200],
        card=cell("cardtype")[:40],
        currency=currency,
    )
