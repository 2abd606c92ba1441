"""The columns of our own exports, for the hand that writes them and for the readers.

Docs: exporting.md says what each holds.
"""

ADDRESS = ("name", "company", "street1", "street2", "city", "zip", "province", "country", "phone")


def _address(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind} {field}" for field in ADDRESS)


MEMBERS = ("Member number", "Member name", "Username", "Emails", "Phones", "Customer ids",
           "Came by", "Member since", "First signed in", "Earlier numbers")  # fmt: skip
ORDERS = (
    "Order number", "Shop's id", "Ordered by member", "Email", "Phone", "Placed at",
    "Placed offset", "Currency", "Items", "Discount", "Shipping", "Tax", "Not itemised", "Total",
    "Refunded", "Outstanding", "Payment state", "Delivery state", "Paid at", "Sent at",
    "Cancelled at", "Last changed at", "Discount code", "Shipped by", "Paid with", "Paid under",
    *_address("Billing"), *_address("Delivery"), "Note", "Tags", "Tracking numbers", "Carrier",
)  # fmt: skip
LINES = (
    *ORDERS, "Line", "SKU", "Product id", "Title", "Vendor", "Quantity", "Unit price",
    "Line discount", "Line total", "Line state",
)  # fmt: skip
PAYMENTS = (
    "Payment of order", "Payment of member", "Movement", "Key", "Moved at", "Amount", "Currency",
    "State", "Method", "Gateway", "Card brand", "Card last4", "Reference", "Description",
    "Sum only",
)  # fmt: skip
POINTS = (
    "Points of member", "Entry key", "Entry kind", "Available", "Pending", "Owed", "Why",
    "Order of entry", "Booked at",
)  # fmt: skip
SHEETS = {
    "members": MEMBERS,
    "orders": ORDERS,
    "lines": LINES,
    "payments": PAYMENTS,
    "points": POINTS,
}
BETWEEN = " | "  # values of one cell: addresses, phones, customer ids
#: A cell that begins so gets a leading apostrophe in CSV; the readers take one away again.
GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
