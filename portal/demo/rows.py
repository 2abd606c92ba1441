"""Rows of Shopify's orders, customers and transactions exports, column by column."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from portal.demo.people import Person
from portal.demo.sale import Order


def _columns(header: str) -> list[str]:
    return header.split(",")


ORDER_COLUMNS = _columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,"
    "Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping "
    "Address1,"
    "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,"
    "Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,"
    "Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,"
    "Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,"
    "Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,"
    "Next Payment Due At,Payment References"
)
CUSTOMER_COLUMNS = _columns(
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
    "Default Address Address1,Default Address Address2,Default Address City,"
    "Default Address Province Code,Default Address Country Code,Default Address Zip,"
    "Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,"
    "Tags"
)
TRANSACTION_COLUMNS = _columns(
    "Order,Name,Payment Method,Kind,Gateway,Created At,Status,Amount,Currency,Card Type"
)

BRUSSELS = ZoneInfo("Europe/Brussels")
# How the orders file names a way to pay, how the transactions file does, and what card it was.
METHODS = {
    "visa": ("Shopify Payments", "shopify_payments", "Visa"),
    "mastercard": ("Shopify Payments", "shopify_payments", "Mastercard"),
    "amex": ("Shopify Payments", "shopify_payments", "American Express"),
    "bancontact": ("Shopify Payments", "shopify_payments", "Bancontact"),
    "ideal": ("Shopify Payments", "shopify_payments", "iDEAL"),
    "paypal": ("PayPal Express Checkout", "paypal", ""),
    "bank": ("Bank Deposit", "Bank Deposit", ""),
    "cash": ("Cash", "cash", ""),
}
SHIPPING_METHODS = {"GB": "Royal Mail Tracked 48", "BE": "Home delivery", "NL": "Home delivery"}
NOTES = (
    "Please leave it with the neighbours at number 14, they know.",
    "The bell is broken:\nplease knock, twice.",
    "It's a present, so no invoice in the box please!",
    'Write "Happy birthday, Mam" on the card.',
    "Merci beaucoup, à bientôt !",
)
GIFT = "Gift message: For a long winter, and a short visit."


def money(cents: int) -> str:
    """Minor units as the export writes them: 1234.50."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def moment(at: datetime | None) -> str:
    """A time on the wall in Ghent with its offset, 2026-03-01 09:15:00 +0100; empty for none."""
    return f"{at:%Y-%m-%d %H:%M:%S} {_offset(at.date())}" if at else ""


@lru_cache(maxsize=4000)
def _offset(day: date) -> str:
    # Nothing happens in the shop in the night hours in which the clocks change.
    return f"{datetime(day.year, day.month, day.day, 12, tzinfo=BRUSSELS):%z}"


def guarded(text: str) -> str:
    """Figures that a spreadsheet would spoil are exported behind an apostrophe."""
    return f"'{text}" if text[:1].isdigit() or text.startswith("+") else text


def order_rows(order: Order, rng: Random) -> Iterator[list[str]]:
    """One row for each line; the order's own cells stand on the first only."""
    name = f"#{order.number}"
    email = order.person.email if order.person else ""
    # People type their address as they please.
    if rng.random() < 0.02:
        email = email.title()
    base = {"Name": name, "Email": email, "Created at": moment(order.placed_at)}
    cells = _order_cells(order, rng)
    for line in order.lines:
        row = base | cells
        row["Lineitem quantity"] = str(line.quantity)
        row["Lineitem name"] = line.product.title
        row["Lineitem price"] = money(line.price)
        row["Lineitem sku"] = line.product.sku
        row["Lineitem requires shipping"] = "true"
        row["Lineitem taxable"] = "true" if line.product.standard_rated else "false"
        row["Lineitem fulfillment status"] = "fulfilled" if line.fulfilled else "pending"
        row["Lineitem discount"] = "0.00"
        row["Vendor"] = line.product.vendor
        yield [row.get(column, "") for column in ORDER_COLUMNS]
        cells = {}


def _order_cells(order: Order, rng: Random) -> dict[str, str]:
    person = order.person
    reference = f"c{order.order_id % 100_000_000_000}.1" if order.paid_at else ""
    outstanding = order.total if order.financial == "pending" else 0
    cells = {
        "Financial Status": order.financial,
        "Paid at": moment(order.paid_at),
        "Fulfillment Status": order.fulfilment,
        "Fulfilled at": moment(order.fulfilled_at),
        "Accepts Marketing": "yes" if person and person.accepts_email else "no",
        "Currency": order.currency,
        "Subtotal": money(order.subtotal),
        "Shipping": money(order.shipping),
        "Taxes": money(order.taxes),
        "Total": money(order.total),
        "Discount Code": order.discount_code,
        "Discount Amount": money(order.discount),
        "Notes": rng.choice(NOTES) if person and rng.random() < 0.05 else "",
        "Note Attributes": _note_attributes(order, rng),
        "Cancelled at": moment(order.cancelled_at),
        "Payment Method": METHODS[order.method][0],
        "Payment Reference": reference,
        "Refunded Amount": money(order.refunded),
        "Outstanding Balance": money(outstanding),
        "Location": "" if person else "Fern & Kettle, Onderbergen",
        "Employee": "" if person else "Ines Peeters",
        "Id": str(order.order_id),
        "Tags": "gift" if rng.random() < 0.04 else "",
        "Risk Level": "Low",
        "Source": "web" if person else "pos",
        "Payment ID": f"r{order.order_id:x}{order.number:x}" if order.paid_at else "",
        "Payment References": reference,
    }
    if order.taxes:
        cells |= {"Tax 1 Name": "GB VAT 20%", "Tax 1 Value": money(order.taxes)}
    if person:
        cells |= {"Shipping Method": SHIPPING_METHODS.get(person.country, "Home delivery abroad")}
        cells |= {"Phone": guarded(person.phone)} if not person.email else {}
        cells |= _address("Billing", person) | _address("Shipping", person)
    return cells


def _note_attributes(order: Order, rng: Random) -> str:
    attributes = []
    if order.person and rng.random() < 0.03:
        attributes.append(GIFT)
    if order.tracking:
        attributes.append(f"Tracking number: {order.tracking}")
        attributes.append(f"Tracking company: {order.carrier}")
    return "\n".join(attributes)


def _address(kind: str, person: Person) -> dict[str, str]:
    street = ", ".join(part for part in (person.address1, person.address2) if part)
    return {
        f"{kind} Name": person.name,
        f"{kind} Street": street,
        f"{kind} Address1": person.address1,
        f"{kind} Address2": person.address2,
        f"{kind} Company": person.company,
        f"{kind} City": person.city,
        f"{kind} Zip": guarded(person.zip),
        f"{kind} Province": person.province_code,
        f"{kind} Country": person.country,
        f"{kind} Phone": guarded(person.phone),
        f"{kind} Province Name": person.province,
    }


def transaction_rows(order: Order, rng: Random) -> Iterator[list[str]]:
    """Every movement of money of one order, a card that was refused at first included."""
    method, gateway, card = METHODS[order.method]

    def row(kind: str, at: datetime, amount: int, status: str = "success") -> list[str]:
        times_and_money = [moment(at), status, money(amount), order.currency, card]
        return [str(order.order_id), f"#{order.number}", method, kind, gateway, *times_and_money]

    if order.paid_at is None:
        if order.cancelled_at and order.method != "bank":
            yield row("authorization", order.placed_at, order.total)
            yield row("void", order.cancelled_at, order.total)
        return
    if card and order.person and rng.random() < 0.02:
        yield row("sale", order.placed_at, order.total, "failure")
    if order.method == "paypal":
        yield row("authorization", order.paid_at, order.total)
        yield row("capture", order.paid_at + timedelta(seconds=2), order.total)
    else:
        yield row("sale", order.paid_at, order.total)
    for at, amount in order.refunds:
        yield row("refund", at, amount)


def customer_row(person: Person, spent: int, orders: int) -> list[str]:
    """One customer with the sum and number of the orders that were not cancelled."""
    return [
        f"'{person.customer_id}",
        person.first_name,
        person.last_name,
        person.email,
        "yes" if person.accepts_email else "no",
        person.company,
        person.address1,
        person.address2,
        person.city,
        person.province_code,
        person.country,
        guarded(person.zip),
        guarded(person.phone),
        guarded(person.phone),
        "yes" if person.accepts_sms else "no",
        money(spent),
        str(orders),
        person.note,
        "no",
        person.tags,
    ]
