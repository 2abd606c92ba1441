"""People, payments and products of a mapped file."""

from collections import Counter
from collections.abc import Sequence

from portal.imports.maps.sheet import Sheet
from portal.imports.reading.cells import Trouble, code, empty
from portal.imports.records import (
    CustomerRecord,
    PaymentsRecord,
    ProductRecord,
    Row,
    TransactionRecord,
)
from portal.lib.text import _


def customer(sheet: Sheet, row: Row) -> CustomerRecord:
    """The person of a row; Trouble where nothing tells them from others."""
    group = [row]
    person = CustomerRecord([row[0]], [row[1]])
    person.external_id = sheet.code("customer_id", group)
    person.email = sheet.email("email", group)
    person.phone = code(sheet.text("phone", group))[:40]
    person.address = sheet.address("address", group)
    person.name = (sheet.text("name", group) or person.address.get("name", ""))[:200]
    person.company = sheet.text("company", group) or person.address.get("company", "")
    person.note, person.tags = sheet.text("note", group), sheet.text("tags", group)
    person.accepts_email = sheet.yes("accepts_email", group)
    person.accepts_sms = sheet.yes("accepts_sms", group)
    if not (person.external_id or person.email or person.phone):
        raise Trouble(_("The row has no customer id, no e-mail address and no phone number."))
    return person


def payments(sheet: Sheet, key: str, group: Sequence[Row]) -> PaymentsRecord:
    """The movements of one order's money, one for each row."""
    record = PaymentsRecord(key, [row[0] for row in group], [row[1] for row in group])
    record.external_id = sheet.code("order_id", group)
    alike: Counter[tuple[object, ...]] = Counter()
    for row in group:
        try:
            move = _movement(sheet, [row])
        except Trouble as trouble:
            trouble.line = row[0]
            raise
        same = (move.kind, move.at, move.amount, move.currency, move.gateway)
        move.ordinal = alike[same]
        alike[same] += 1
        record.transactions.append(move)
    return record


def _movement(sheet: Sheet, row: Sequence[Row]) -> TransactionRecord:
    currency = sheet.currency(row)
    amount = sheet.whole_amount("amount", row, currency)
    if amount is None:
        raise empty(sheet.column(sheet.map.fields["amount"]))
    at, _offset = sheet.needed_moment("at", row)
    kind = sheet.state("kind", row) or ("refund" if amount < 0 else "sale")
    return TransactionRecord(
        kind,
        abs(amount),
        at,
        gateway=sheet.text("gateway", row),
        method=sheet.text("method", row),
        card=sheet.text("card", row),
        currency=currency,
        key=sheet.code("key", row, 100),
        last4=sheet.code("last4", row, 30)[-4:],
        reference=sheet.text("reference", row),
        description=sheet.text("description", row),
    )


def product(sheet: Sheet, row: Row) -> ProductRecord:
    """The product of a row."""
    group = [row]
    currency = sheet.currency(group)
    made = ProductRecord(sheet.code("sku", group, 200), [row[0]], [row[1]], currency=currency)
    if not made.sku:
        raise empty(sheet.column(sheet.map.fields["sku"]))
    made.title = sheet.text("title", group, 400)
    made.external_id = sheet.code("product_id", group)
    made.vendor = sheet.text("vendor", group)
    made.price = sheet.whole_amount("price", group, currency)
    at = sheet.moment("at", group)
    made.at = at[0] if at else None
    return made
