"""What WooCommerce's words and figures mean here, whichever of its exports they stand in."""

from collections.abc import Mapping
from typing import NamedTuple

from portal.imports.records import Address, LineRecord, OrderRecord

#: Its own states of an order: (of payment, of sending) in our words.
STATES = {
    "pending": ("pending", "unfulfilled"),
    "on-hold": ("pending", "unfulfilled"),
    "processing": ("paid", "unfulfilled"),
    "completed": ("paid", "fulfilled"),
    "cancelled": ("voided", "unfulfilled"),
    "failed": ("voided", "unfulfilled"),
    "refunded": ("refunded", ""),
}
#: States that plug-ins add; any other one tells nothing of sending.
PLUGINS = {
    "shipped": "fulfilled",
    "dispatched": "fulfilled",
    "delivered": "fulfilled",
    "partial-shipped": "partial",
    "partially-shipped": "partial",
    "partially-completed": "partial",
}
#: Baskets and bins: no order was placed, or somebody threw it away.
NO_ORDERS = frozenset({"trash", "auto-draft", "draft", "checkout-draft"})
#: Roles of people who work for the shop: they do not come in as members.
STAFF = frozenset({"administrator", "shop_manager", "editor"})
ADDRESS = {
    "company": "company",
    "street1": "address_1",
    "street2": "address_2",
    "city": "city",
    "zip": "postcode",
    "province": "state",
    "country": "country",
    "phone": "phone",
}


class State(NamedTuple):
    """An order's states in our words."""

    pay: str
    ship: str


def bare(status: str) -> str:
    """A status without its prefix, as `wc-on-hold` or `On hold` have it."""
    return status.strip().casefold().removeprefix("wc-").replace(" ", "-").replace("_", "-")


def known(status: str) -> bool:
    """Whether a status is WooCommerce's own, or one whose meaning for sending is known."""
    return bare(status) in STATES or bare(status) in PLUGINS


def state(status: str, paid: bool | None, total: int, refunded: int) -> State:
    """What a status, a time of payment (None: the file can't tell) and refunds come to.

    Goods paid at the door are `processing` before anybody has paid.
    """
    pay, ship = STATES.get(bare(status), ("", PLUGINS.get(bare(status), "")))
    if pay == "paid" and bare(status) == "processing" and paid is False:
        pay = "pending"
    elif not pay and paid is not None:
        pay = "paid" if paid else "pending"
    elif not pay and ship:
        pay = "paid"
    if pay in ("voided", "pending") and paid:
        pay = "paid"  # the money came, whatever became of the order
    if refunded and pay != "pending":
        pay = "refunded" if refunded >= total else "partially_refunded"
    return State(pay, ship)


def priced(line: LineRecord, subtotal: int, total: int) -> LineRecord:
    """Set price and discount of a line from WooCommerce's sums for all its pieces, in minor units.

    Pieces times price less discount is `total` exactly; where the subtotal does not divide by the
    pieces the price is rounded up, and the discount holds the rest.
    """
    if not line.quantity:
        line.price, line.discount = 0, -total
        return line
    subtotal = subtotal or total
    line.price = -(-subtotal // line.quantity)
    line.discount = line.quantity * line.price - total
    return line


def fee(title: str, total: int) -> LineRecord:
    """A fee is a line without a product."""
    return LineRecord(title[:400], 1, total)


def settle_states(order: OrderRecord, status: str, tells_paid: bool) -> None:
    """Set an order's states, once its sums and times are known."""
    paid = bool(order.paid_at) if tells_paid else None
    if bare(status) == "refunded" and not order.refunded:
        order.refunded = order.total
    order.financial_status, order.fulfilment_status = state(
        status, paid, order.total, order.refunded
    )


def address(told: Mapping[str, str]) -> Address:
    """A postal address from WooCommerce's fields, without their `billing_` or `shipping_`."""
    name = " ".join(filter(None, (told.get("first_name", ""), told.get("last_name", ""))))
    found = {"name": name} | {ours: told.get(theirs, "") for ours, theirs in ADDRESS.items()}
    return {field: text[:300] for field, text in found.items() if text}
