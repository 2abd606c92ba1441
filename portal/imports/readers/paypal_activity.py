"""PayPal's activity download with English headers: payments of customers, and what went back.

Everything else in it (holds, conversions, transfers to the bank, what the shop itself bought) moves
no customer's money and is left out. Times are local ones with their zone beside them.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.imports.money.waiting import order_words
from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import empty, moment, wrong
from portal.imports.reading.order_hints import number_of_invoice
from portal.imports.reading.single_rows import Cells, single_rows
from portal.imports.records import LooseRecord, Nothing, Record, Row, TransactionRecord
from portal.lib.text import _

KIND = "paypal-activity"
REQUIRED = (
    ("Date",),
    ("Time",),
    ("TimeZone",),
    ("Name",),
    ("Type",),
    ("Status",),
    ("Currency",),
    ("Gross",),
    ("Fee",),
    ("Net",),
    ("From Email Address",),
    ("Transaction ID",),
)
DATES = ("date",)
ID = re.compile(r"[A-Z0-9][A-Z0-9-]{5,39}")
#: Hours east of UTC; names that stand for several zones, such as IST, are refused.
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "BRT": -3, "EDT": -4, "AST": -4, "EST": -5, "CDT": -5, "CST": -6,
    "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
OFFSET = re.compile(r"(?:GMT|UTC)?([+-])([0-9]{1,2}):?([0-9]{2})?")
NO_CUSTOMER = re.compile(
    r"hold|conversion|withdrawal|deposit|transfer|authori[sz]ation|cancel|fee\b|tax", re.IGNORECASE
)


def recognise(header: Iterable[str]) -> list[str]:
    """The columns that a folded header lacks for PayPal's activity."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Rows to payments and refunds, one at a time, in the order of the file."""
    return single_rows(rows, context, _movement)


def _movement(cells: Cells) -> Record:
    currency = cells.currency("currency")
    gross = cells.needed_money(currency, "gross")
    for name in ("fee", "net"):
        cells.money(currency, name)
    kind = _kind(cells.text("type"), gross)
    if cells.text("status").casefold() != "completed":
        return Nothing([cells.line], _("not completed"))
    if not kind:
        return Nothing([cells.line], _("no customer’s payment"))
    id_ = cells.code("transactionid")
    if not ID.fullmatch(id_):
        raise wrong(cells.column("transactionid"), id_, _("which is not an id of PayPal"))
    record = LooseRecord(id_, [cells.line], [cells.cells])
    paid = cells.code("referencetxnid")
    move = TransactionRecord(
        kind, abs(gross), _moment(cells), "paypal", "PayPal", currency=currency,
        key=f"paypal:{id_}", reference=paid if kind == "refund" else "",
    )  # fmt: skip
    record.references = [text for text in (id_, move.reference) if text]
    whose = "toemailaddress" if kind == "refund" else "fromemailaddress"
    record.email = cells.email(whose)
    record.name = cells.text("name", most=200)
    move.description = cells.text("subject") or cells.text("itemtitle")
    if named := number_of_invoice(cells.text("invoicenumber")):
        record.number, move.description = named, order_words(named)
    record.transactions.append(move)
    return record


def _kind(words: str, gross: int) -> str:
    """sale, refund, or blank where no customer's money moved."""
    words = words.casefold()
    if NO_CUSTOMER.search(words) or not gross:
        return ""
    back = "refund" in words or "reversal" in words or "chargeback" in words
    if gross < 0:
        return "refund" if back else ""
    return "sale" if "payment" in words and not back else ""


def _moment(cells: Cells) -> datetime:
    day, hour = cells.text("date"), cells.text("time")
    if not day:
        raise empty(cells.column("date"))
    name = cells.text("timezone")
    zone = _zone(name)
    if zone is None:
        raise wrong(cells.column("timezone"), name, _("which is not a time zone"))
    found = moment(f"{day} {hour}".strip(), cells.column("date"), zone, cells.context.day_first)
    if found is None:
        raise empty(cells.column("date"))
    return found[0]


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    if name.upper() in ZONES:
        return timezone(timedelta(hours=ZONES[name.upper()]))
    if found := OFFSET.fullmatch(name.upper()):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if "/" in name:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            return None
    return None
