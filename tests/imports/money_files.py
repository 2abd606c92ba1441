"""Rows as Stripe and PayPal export them, to change cells of, and what all money comes to."""

from typing import Any

from peewee import JOIN

from portal.imports.models import WaitingTransaction
from portal.members.models import CustomerId, EmailAddress
from portal.orders.models import Order
from portal.payments.models import Payment, Refund
from portal.payments.movements import page_of
from portal.payments.spending import spending

NEW = {
    "id": "ch_1", "Created date (UTC)": "2025-03-01 09:00:00", "Amount": "24.50",
    "Amount Refunded": "0.00", "Currency": "eur", "Captured": "true", "Converted Amount": "24.50",
    "Converted Amount Refunded": "0.00", "Converted Currency": "eur", "Decline Reason": "",
    "Description": "", "Fee": "0.66", "Refunded date (UTC)": "", "Statement Descriptor": "",
    "Status": "Paid", "Seller Message": "Payment complete.", "Taxes On Fee": "0.00",
    "Card ID": "card_1", "Customer ID": "", "Customer Description": "", "Customer Email": "",
    "Invoice ID": "", "Transfer": "",
}  # fmt: skip
OLD = {
    "id": "ch_1", "Description": "", "Seller Message": "", "Created (UTC)": "2025-03-01 09:00",
    "Amount": "24.50", "Amount Refunded": "0.00", "Currency": "eur", "Fee": "0.66", "Tax": "0.00",
    "Mode": "Live", "Status": "Paid", "Customer ID": "", "Customer Email": "", "Captured": "true",
    "Card ID": "card_1", "Card Last4": "4242", "Card Brand": "Visa", "Card Name": "",
    "Card Fingerprint": "x", "Card CVC Status": "pass", "Invoice ID": "",
    "Payment Source Type": "card", "PaymentIntent ID": "",
}  # fmt: skip
PAYPAL = {
    "Date": "2025-03-01", "Time": "10:00:00", "TimeZone": "CET", "Name": "Ana Pérez",
    "Type": "Express Checkout Payment", "Status": "Completed", "Currency": "EUR",
    "Gross": "24.50", "Fee": "-1.20", "Net": "23.30", "From Email Address": "ana@example.com",
    "To Email Address": "shop@example.com", "Transaction ID": "TX000001", "Reference Txn ID": "",
    "Invoice Number": "", "Balance": "100.00",
}  # fmt: skip


def charge(id_: str = "ch_1", *, old: bool = False, **cells: str) -> dict[str, str]:
    """A row of Stripe's payments; `amount_refunded="3"` sets that column."""
    row = OLD if old else NEW
    names = {name.casefold().replace(" ", "_"): name for name in row}
    return row | {"id": id_} | {names[key]: value for key, value in cells.items()}


def paypal(id_: str = "TX000001", **cells: str) -> dict[str, str]:
    """A row of PayPal's activity."""
    names = {name.casefold().replace(" ", "_"): name for name in PAYPAL}
    return PAYPAL | {"Transaction ID": id_} | {names[key]: value for key, value in cells.items()}


def back(id_: str, of: str, gross: str, **cells: str) -> dict[str, str]:
    """A row of PayPal's activity for money that went back to the customer."""
    refund = {"type": "Payment Refund", "gross": gross, "net": gross, "fee": "0.00",
              "reference_txn_id": of, "from_email_address": "shop@example.com",
              "to_email_address": "ana@example.com"}  # fmt: skip
    return paypal(id_, **(refund | cells))


def money() -> list[tuple[Any, ...]]:
    """Every payment and refund, by what they are rather than by their ids."""
    found = []
    for model in (Payment, Refund):
        query = (
            model.select(
                Order.number, EmailAddress.folded, model.key, model.at, model.amount,
                model.currency, model.method, model.gateway, model.card_brand, model.card_last4,
                model.status, model.summary, model.reference, model.description,
            )
            .join(Order, JOIN.LEFT_OUTER)
            .join(EmailAddress, JOIN.LEFT_OUTER, on=(EmailAddress.member == model.member))
        )  # fmt: skip
        found += [(model.__name__, *row) for row in query.tuples()]
    return sorted(found, key=str)


def waits() -> list[tuple[Any, ...]]:
    """What waits, and what for."""
    w = WaitingTransaction
    query = w.select(w.key, w.number, w.kind, w.amount, w.status, w.customer_id, w.email,
                     w.reference, w.description, w.card_last4)  # fmt: skip
    return sorted(query.tuples(), key=str)


def everything() -> list[Any]:
    """All money, what waits, who is known by which id, and what orders say."""
    ids = CustomerId.select(CustomerId.external_id, EmailAddress.folded).join(
        EmailAddress, on=(EmailAddress.member == CustomerId.member)
    )
    orders = Order.select(Order.number, Order.refunded, Order.total).order_by(Order.number)
    return [money(), waits(), sorted(ids.tuples()), list(orders.tuples())]


def short() -> list[tuple[Any, ...]]:
    """Order, key and amount of every payment and refund."""
    return [(row[1], row[3], row[5]) for row in money()]


def seen() -> list[tuple[Any, ...]]:
    """What each person sees of their money: sums by currency, and the rows with what counts."""
    found = []
    for email, member in EmailAddress.select(EmailAddress.folded, EmailAddress.member).tuples():
        sums = [(one.currency, one.paid, one.back) for one in spending(member, 2025)[0]]
        rows = [(row.number, row.amount, row.counted) for row in page_of(member, None).rows]
        found.append((email, sums, sorted(rows)))
    return sorted(found)
