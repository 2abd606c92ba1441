"""Our own export of payments and refunds. A sum that only an order tells comes with the order."""

import re
from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import wrong
from portal.imports.reading.own_rows import FORMATS as FORMATS
from portal.imports.reading.own_rows import Own, own_records, raw_of
from portal.imports.records import (
    LooseRecord,
    Nothing,
    PaymentsRecord,
    Record,
    Row,
    TransactionRecord,
)
from portal.lib.text import _

KIND = "regulars-payments"
REQUIRED = (("Payment of order",), ("Payment of member",), ("Movement",), ("Key",), ("Moved at",),
            ("Amount",), ("Currency",), ("Sum only",))  # fmt: skip
DATES: tuple[str, ...] = ()
KINDS = ("sale", "capture", "refund")
STATES = ("success", "pending", "failure")


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for our payments."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to movements of money: an order's together, a person's one by one."""
    return own_records(rows, context, lambda row: row.code("paymentoforder"), _movements)


def _movements(number: str, held: list[Own]) -> Record:
    moves = [(cells, _move(cells)) for cells in held if cells.text("sumonly") != "yes"]
    if not moves:
        return Nothing([cells.line for cells in held], _("a sum that the order tells"))
    if number:
        record = PaymentsRecord(number, *raw_of(held))
        record.transactions = [move for _cells, move in moves]
        record.skipped = len(held) - len(moves)
        return record
    cells, move = moves[0]
    loose = LooseRecord(move.key, *raw_of(held))
    loose.transactions = [move]
    loose.references = [move.reference] if move.reference else []
    loose.member_number = cells.member("paymentofmember")
    return loose


def _move(cells: Own) -> TransactionRecord:
    kind, state = cells.text("movement"), cells.text("state") or "success"
    if kind not in KINDS:
        raise wrong(cells.column("movement"), kind, _("which is not a kind of transaction"))
    if state not in STATES:
        raise wrong(cells.column("state"), state, _("which is not a state of a payment"))
    currency = cells.currency("currency")
    last4 = cells.text("cardlast4", most=40)
    if last4 and not re.fullmatch("[0-9]{1,4}", last4):
        raise wrong(cells.column("cardlast4"), last4, _("which is more than a card’s last digits"))
    return TransactionRecord(
        kind,
        cells.needed_money(currency, "amount"),
        cells.needed_moment("movedat"),
        cells.text("gateway", most=60),
        cells.text("method", most=200),
        cells.text("cardbrand", most=40),
        currency,
        key=cells.needed("key", most=120),
        last4=last4,
        reference=cells.text("reference", most=200),
        description=cells.text("description", most=300),
        status=state,
    )
