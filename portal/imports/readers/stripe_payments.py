"""Stripe's payments export: one row for each charge, with what was refunded of it so far.

Amounts are in major units, times in UTC, as the header says. Stripe has never seen the shop's
orders: metadata or the description may name one. Source of the columns: Payments, Export.
"""

import re
from collections.abc import Iterable, Iterator

from portal.imports.money.waiting import order_words
from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import EMAIL, Trouble, wrong
from portal.imports.reading.grouping import number
from portal.imports.reading.order_hints import number_in
from portal.imports.reading.single_rows import Cells, single_rows
from portal.imports.records import LooseRecord, Nothing, Record, Row, TransactionRecord
from portal.lib.text import _

KIND = "stripe-payments"
REQUIRED = (
    ("id",),
    ("Created date (UTC)", "Created (UTC)"),
    ("Amount",),
    ("Amount Refunded",),
    ("Currency",),
    ("Status",),
)
DATES = ("createddate(utc)", "created(utc)", "refundeddate(utc)")
ID = re.compile(r"[a-z]{2,6}_[A-Za-z0-9_]{1,60}")
MOVED = frozenset({"paid", "refunded", "succeeded", "partiallyrefunded", "disputed"})
PENDING = frozenset({"pending", "processing"})
FAILED = frozenset({"failed", "canceled", "cancelled", "blocked", "incomplete", "expired",
                    "abandoned", "uncaptured"})  # fmt: skip
NAMED = ("order_number(metadata)", "ordernumber(metadata)", "order_id(metadata)",
         "orderid(metadata)", "order(metadata)")  # fmt: skip


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for a file of payments."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to payments, one at a time, in the order of the file."""
    return single_rows(rows, context, _payment)


def _payment(cells: Cells) -> Record:
    id_ = cells.code("id", most=67)
    if not ID.fullmatch(id_):
        raise wrong(cells.column("id"), id_, _("which is not an id of Stripe"))
    status = _status(cells)
    currency = cells.currency("currency")
    amount = cells.needed_money(currency, "amount")
    refunded = cells.money(currency, "amountrefunded") or 0
    at = cells.needed_moment("createddate(utc)", "created(utc)")
    if amount < 0 or not 0 <= refunded <= amount:
        raise Trouble(_("More was refunded than was paid, or an amount is below zero."))
    if cells.text("mode").casefold() == "test":
        return Nothing([cells.line], _("a payment in Stripe’s test mode"))
    if not status or not amount:
        return Nothing([cells.line], _("no money moved"))
    record = LooseRecord(id_, [cells.line], [cells.cells])
    move = TransactionRecord("sale", amount, at, "stripe", currency=currency, status=status)
    move.key = f"stripe:{id_}"
    _tell(record, move, cells)
    record.transactions.append(move)
    if refunded and status == "success":
        back = TransactionRecord(
            "refund", refunded, cells.moment("refundeddate(utc)") or at, "stripe", move.method,
            move.card, currency, key=f"{move.key}:refund", last4=move.last4,
            reference=move.reference, description=move.description,
        )  # fmt: skip
        record.transactions.append(back)
    return record


def _status(cells: Cells) -> str:
    """success, pending or failure; blank where a charge is only authorised."""
    status = cells.text("status").casefold().replace(" ", "").replace("_", "")
    if cells.text("captured").casefold() == "false" and status not in PENDING | FAILED:
        return ""
    if status in MOVED:
        return "success"
    if status in PENDING:
        return "pending"
    if status in FAILED or status.startswith("requires"):
        return "failure"
    raise wrong(cells.column("status"), status, _("which is not a state of a payment"))


def _tell(record: LooseRecord, move: TransactionRecord, cells: Cells) -> None:
    """How it was paid, by whom, and what for."""
    move.card = cells.text("cardbrand", most=40)
    digits = re.sub(r"[^0-9]", "", cells.text("cardlast4"))
    move.last4 = digits[-4:].zfill(4) if digits else ""
    move.method = cells.text("paymentsourcetype", most=200) or ("card" if move.card else "")
    move.reference = cells.code("paymentintentid", most=120)
    move.description = cells.text("description")
    record.references = [
        text for text in (record.key, move.reference, cells.code("invoiceid", most=120)) if text
    ]
    record.customer_id = cells.code("customerid")
    record.email = cells.email("customeremail") or cells.email("customer_email(metadata)")
    named = cells.text("cardname", most=320)
    if not record.email and EMAIL.fullmatch(named):
        record.email = named
    for name in NAMED:
        if found := number(cells.text(name, most=200)):
            record.number, record.names_order = found[:60], True
            break
    words = number_in(move.description)
    if record.names_order and move.description == order_words(words):
        move.description = ""
    elif words and not record.names_order:
        record.number, move.description = words, order_words(words)
