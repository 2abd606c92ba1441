"""Rows as Shopify exports them, to change cells of, and questions about what came of them."""

from portal.imports.result import Result
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment, Refund

ORDER = {
    "Name": "#1001", "Email": "ana@example.com", "Financial Status": "paid",
    "Paid at": "2025-03-01 10:00:00 +0100", "Fulfillment Status": "fulfilled",
    "Fulfilled at": "2025-03-02 09:00:00 +0100", "Currency": "EUR", "Subtotal": "20.00",
    "Shipping": "4.50", "Taxes": "0.00", "Total": "24.50", "Discount Code": "",
    "Discount Amount": "0.00", "Shipping Method": "Post", "Created at": "2025-03-01 09:58:12 +0100",
    "Lineitem quantity": "2", "Lineitem name": "Sencha", "Lineitem price": "10.00",
    "Lineitem sku": "TEA-1", "Lineitem fulfillment status": "fulfilled",
    "Billing Name": "Ana Pérez", "Billing Phone": "", "Notes": "", "Note Attributes": "",
    "Cancelled at": "", "Payment Method": "Card", "Refunded Amount": "0.00", "Vendor": "Fern",
    "Outstanding Balance": "0.00", "Id": "4500000000001", "Tags": "", "Lineitem discount": "0.00",
    "Phone": "",
}  # fmt: skip
CUSTOMER = {
    "Customer ID": "'111", "First Name": "Ana", "Last Name": "Pérez", "Email": "ana@example.com",
    "Accepts Email Marketing": "yes", "Default Address Address1": "Calle 1", "Phone": "",
    "Total Spent": "24.50", "Total Orders": "1", "Note": "", "Tags": "",
}  # fmt: skip
TRANSACTION = {
    "Order": "4500000000001", "Name": "#1001", "Payment Method": "Card", "Kind": "sale",
    "Gateway": "shopify_payments", "Created At": "2025-03-01 10:00:00 +0100", "Status": "success",
    "Amount": "24.50", "Currency": "EUR", "Card Type": "visa",
}  # fmt: skip


def order(number: str, **cells: str) -> dict[str, str]:
    """The row that opens an order; `lineitem_price="3"` sets the column “Lineitem price”."""
    own = {"Name": f"#{number}", "Id": str(4_500_000_000_000 + int(number))}
    return ORDER | own | _named(ORDER, cells)


def line(number: str, **cells: str) -> dict[str, str]:
    """A further row of an order: its name and one line."""
    own = {name: value for name, value in ORDER.items() if name.startswith("Lineitem")}
    return dict.fromkeys(ORDER, "") | own | {"Name": f"#{number}"} | _named(ORDER, cells)


def customer(**cells: str) -> dict[str, str]:
    """A row of the customers file."""
    return CUSTOMER | _named(CUSTOMER, cells)


def transaction(number: str, **cells: str) -> dict[str, str]:
    """A row of the transactions file."""
    own = {"Name": f"#{number}", "Order": str(4_500_000_000_000 + int(number))}
    return TRANSACTION | own | _named(TRANSACTION, cells)


def _named(columns: dict[str, str], cells: dict[str, str]) -> dict[str, str]:
    names = {name.casefold().replace(" ", "_"): name for name in columns}
    return {names[key]: value for key, value in cells.items()}


def counts(result: Result, what: str) -> dict[str, int]:
    """The figures of a result that are not zero."""
    return {name: number for name, number in getattr(result.tally, what).items() if number}


def adds_up(order: Order) -> bool:
    """Whether an order's parts come to its total, and its lines to its items."""
    lines = list(OrderLine.select().where(OrderLine.order == order))
    parts = order.items - order.discount + order.shipping + order.tax + order.not_itemised
    return parts == order.total and sum(line.total for line in lines) == order.items


def paid(number: str) -> list[tuple[str, int, bool]]:
    """An order's payments: key, amount, whether it is only a summary."""
    rows = Payment.select().join(Order).where(Order.number == number).order_by(Payment.at)
    return [(row.key, row.amount, row.summary) for row in rows]


def refunded(number: str) -> list[tuple[int, bool]]:
    """An order's refunds: amount, whether it is only a summary."""
    rows = Refund.select().join(Order).where(Order.number == number).order_by(Refund.amount)
    return [(row.amount, row.summary) for row in rows]
