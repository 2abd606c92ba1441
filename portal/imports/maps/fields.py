"""What a map can fill in: our fields for each kind of record, and the words for them."""

from dataclasses import dataclass

from portal.lib.text import _

KINDS = ("orders", "customers", "payments", "products")


@dataclass(frozen=True, slots=True)
class Field:
    """One of our fields. `type`: text, code (an id), email, money, date, yes, currency or state."""

    name: str
    group: str  # order, person, money, line
    type: str
    label: str
    required: bool = False


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


def _address(prefix: str, group: str, whose: tuple[str, ...]) -> tuple[Field, ...]:
    parts = ("name", "company", "street1", "street2", "city", "zip", "province", "country", "phone")
    return tuple(
        Field(f"{prefix}.{part}", group, "code" if part in ("zip", "phone") else "text", label)
        for part, label in zip(parts, whose, strict=True)
    )


BILLING = (
    _("Billing name"), _("Billing company"), _("Billing street"), _("Billing street, 2nd line"),
    _("Billing town"), _("Billing postcode"), _("Billing province"), _("Billing country"),
    _("Billing phone"),
)  # fmt: skip
DELIVERY = (
    _("Delivery name"), _("Delivery company"), _("Delivery street"),
    _("Delivery street, 2nd line"), _("Delivery town"), _("Delivery postcode"),
    _("Delivery province"), _("Delivery country"), _("Delivery phone"),
)  # fmt: skip
HOME = (
    _("Name in the address"), _("Company in the address"), _("Street"), _("Street, 2nd line"),
    _("Town"), _("Postcode"), _("Province"), _("Country"), _("Phone in the address"),
)  # fmt: skip

ORDERS = _fields(
    Field("number", "order", "code", _("Order number"), True),
    Field("placed_at", "order", "date", _("Placed on"), True),
    Field("external_id", "order", "code", _("The shop's own id")),
    Field("fulfilment_status", "order", "state", _("State of delivery")),
    Field("fulfilled_at", "order", "date", _("Sent on")),
    Field("cancelled_at", "order", "date", _("Called off on")),
    Field("shipping_method", "order", "text", _("Sent by")),
    Field("tracking", "order", "code", _("Tracking number")),
    Field("discount_code", "order", "text", _("Voucher code")),
    Field("source", "order", "text", _("Where it was placed")),
    Field("tags", "order", "text", _("Tags")),
    Field("note", "order", "text", _("Note")),
    Field("customer_id", "person", "code", _("Customer id")),
    Field("email", "person", "email", _("E-mail address")),
    Field("phone", "person", "code", _("Phone")),
    Field("name", "person", "text", _("Name")),
    *_address("billing", "person", BILLING),
    *_address("delivery", "person", DELIVERY),
    Field("total", "money", "money", _("Total")),
    Field("currency", "money", "currency", _("Currency")),
    Field("shipping", "money", "money", _("Shipping")),
    Field("tax", "money", "money", _("Tax")),
    Field("discount", "money", "money", _("Discount")),
    Field("refunded", "money", "money", _("Refunded")),
    Field("outstanding", "money", "money", _("Still to be paid")),
    Field("financial_status", "money", "state", _("State of payment")),
    Field("paid_at", "money", "date", _("Paid on")),
    Field("payment_method", "money", "text", _("Paid by")),
    Field("payment_reference", "money", "code", _("Payment reference")),
)
LINES = _fields(
    Field("title", "line", "text", _("Product")),
    Field("sku", "line", "code", _("SKU")),
    Field("product_id", "line", "code", _("Product id")),
    Field("vendor", "line", "text", _("Maker")),
    Field("quantity", "line", "count", _("Quantity")),
    Field("price", "line", "money", _("Price of one")),
    Field("discount", "line", "money", _("Discount of the line")),
    Field("discount_fraction", "line", "fraction", _("Discount, as a fraction (0.15)")),
    Field("discount_percent", "line", "fraction", _("Discount, in per cent (15)")),
    Field("total", "line", "money", _("Total of the line")),
)
CUSTOMERS = _fields(
    Field("customer_id", "person", "code", _("Customer id")),
    Field("email", "person", "email", _("E-mail address")),
    Field("phone", "person", "code", _("Phone")),
    Field("name", "person", "text", _("Name")),
    Field("company", "person", "text", _("Company")),
    Field("note", "person", "text", _("Note")),
    Field("tags", "person", "text", _("Tags")),
    Field("accepts_email", "person", "yes", _("May be mailed")),
    Field("accepts_sms", "person", "yes", _("May be texted")),
    *_address("address", "person", HOME),
)
PAYMENTS = _fields(
    Field("number", "order", "code", _("Order number"), True),
    Field("order_id", "order", "code", _("The shop's own id of the order")),
    Field("at", "money", "date", _("Paid on"), True),
    Field("amount", "money", "money", _("Amount"), True),
    Field("kind", "money", "state", _("Sale or refund")),
    Field("currency", "money", "currency", _("Currency")),
    Field("key", "money", "code", _("Payment id")),
    Field("reference", "money", "code", _("Payment reference")),
    Field("gateway", "money", "text", _("Provider")),
    Field("method", "money", "text", _("Paid by")),
    Field("card", "money", "text", _("Kind of card")),
    Field("last4", "money", "code", _("Last four digits of the card")),
    Field("description", "money", "text", _("Description")),
)
PRODUCTS = _fields(
    Field("sku", "line", "code", _("SKU"), True),
    Field("title", "line", "text", _("Product"), True),
    Field("product_id", "line", "code", _("Product id")),
    Field("vendor", "line", "text", _("Maker")),
    Field("price", "line", "money", _("Price")),
    Field("currency", "money", "currency", _("Currency")),
    Field("at", "order", "date", _("As it was on")),
)
FIELDS = {
    "orders": ORDERS,
    "customers": CUSTOMERS,
    "payments": PAYMENTS,
    "products": PRODUCTS,
}

#: The words that a state may come to, after translation.
STATES = {
    "financial_status": (
        "authorized", "expired", "paid", "partially_paid", "partially_refunded", "pending",
        "refunded", "voided",
    ),
    "fulfilment_status": ("fulfilled", "partial", "unfulfilled", "restocked"),
    "kind": ("sale", "capture", "refund"),
}  # fmt: skip
