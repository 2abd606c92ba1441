"""What a file says, free of its layout: readers make these records, the loader keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = tuple[int, list[str], "str | None"]
"""One row of a file: its first physical line (1 = the header), its cells, what is wrong with it."""


#: A postal address as the shop wrote it, only what is known: name, company, street1, street2,
#: city, zip, province, country, phone.
Address = dict[str, str]


@dataclass(slots=True)
class LineRecord:
    """One line of an order; money in minor units, `price` per piece, None when there is none."""

    title: str
    quantity: int
    price: int | None
    sku: str = ""
    vendor: str = ""
    discount: int = 0
    fulfilment_status: str = ""
    product_id: str = ""  # the shop's own id: names the product where there is no SKU
    asked: int | None = None  # what the shop asks for a piece, where its prices hold the tax


@dataclass(slots=True)
class TransactionRecord:
    """One movement of money. `kind`: sale, capture or refund; only successful ones get here.

    `key`: the source's own id of it (`re_…`, a refund's id), where it has one; else what makes it
    the same in every file is computed. Without a currency it is in that of its order, and the
    amount in ten-thousandths of it.
    """

    kind: str
    amount: int
    at: datetime
    gateway: str = ""
    method: str = ""
    card: str = ""
    currency: str = ""
    ordinal: int = 0
    key: str = ""
    last4: str = ""
    reference: str = ""
    description: str = ""
    status: str = "success"  # pending where a provider says so; failure only of what was pending


@dataclass(slots=True)
class OrderRecord:
    """One order; money in minor units of `currency`, times naive UTC, `offset` in minutes.

    `captured`: what the file says was paid, where it says more than the state of payment.
    `rejoined`: `rows` begin with some that came in before, which `lines_of_file` leaves out.
    """

    number: str
    lines_of_file: list[int]
    rows: list[list[str]]
    external_id: str = ""
    customer_id: str = ""
    member_number: str = ""  # only our own export has it
    email: str = ""
    phone: str = ""
    name: str = ""
    currency: str = ""
    placed_at: datetime | None = None
    offset: int = 0
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    cancelled_at: datetime | None = None
    modified_at: datetime | None = None  # when the shop last changed it, where the file says so
    financial_status: str = ""
    fulfilment_status: str = ""
    subtotal: int | None = None
    discount: int = 0
    shipping: int = 0
    taxes: int = 0
    total: int = 0
    refunded: int = 0
    outstanding: int = 0
    captured: int | None = None
    rejoined: bool = False
    discount_code: str = ""
    shipping_method: str = ""
    payment_method: str = ""
    payment_reference: str = ""
    note: str = ""
    tags: str = ""
    source: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    billing: Address = field(default_factory=dict)
    delivery: Address = field(default_factory=dict)
    tracking: list[str] = field(default_factory=list)
    lines: list[LineRecord] = field(default_factory=list)


@dataclass(slots=True)
class CustomerRecord:
    """One person as the shop's customer list knows them; consent is kept as it was said."""

    lines_of_file: list[int]
    rows: list[list[str]]
    external_id: str = ""
    number: str = ""  # the member number, which only our own export has
    more: list[tuple[str, str, str]] = field(default_factory=list)  # email, phone, customer id
    email: str = ""
    phone: str = ""
    name: str = ""
    company: str = ""
    note: str = ""
    tags: str = ""
    accepts_email: bool | None = None
    accepts_sms: bool | None = None
    address: Address = field(default_factory=dict)


@dataclass(slots=True)
class PaymentsRecord:
    """All movements of one order's money that stand together in a file.

    `number` may be blank where `external_id` (the shop's id of the order) names it.
    """

    number: str
    lines_of_file: list[int]
    rows: list[list[str]]
    external_id: str = ""
    transactions: list[TransactionRecord] = field(default_factory=list)
    skipped: int = 0


@dataclass(slots=True)
class LooseRecord:
    """Movements of money as a payment provider knows them: it has never seen the shop's orders.

    The order is the one with `number`, else one that was paid under one of the `references` (all
    of the movement's ids); else the money belongs to the person with `email` or `customer_id`;
    else it waits. Money that `names_order` by number waits for that order alone.
    """

    key: str  # ch_…, pi_…, a PayPal transaction id
    lines_of_file: list[int]
    rows: list[list[str]]
    transactions: list[TransactionRecord] = field(default_factory=list)
    number: str = ""
    names_order: bool = False
    references: list[str] = field(default_factory=list)
    customer_id: str = ""
    email: str = ""
    name: str = ""
    member_number: str = ""
    skipped: int = 0


@dataclass(slots=True)
class ProductRecord:
    """One product of the shop's catalogue; `price` in minor units of `currency`."""

    sku: str
    lines_of_file: list[int]
    rows: list[list[str]]
    title: str = ""
    external_id: str = ""
    vendor: str = ""
    price: int | None = None
    currency: str = ""
    at: datetime | None = None  # when it was like this


@dataclass(slots=True)
class PayoutRecord:
    """Money that a provider sent to the bank, kept for the reconciliation; `values` are columns."""

    external_id: str
    lines_of_file: list[int]
    rows: list[list[str]]
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class BalanceRecord:
    """A line of a provider's own books, kept for the reconciliation; `values` are columns."""

    external_id: str
    lines_of_file: list[int]
    rows: list[list[str]]
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PointsRecord:
    """One row of the points ledger as another database of ours had it; `points` can be spent."""

    key: str
    lines_of_file: list[int]
    rows: list[list[str]]
    member_number: str
    points: int
    why: str
    at: datetime
    number: str = ""  # of the order that brought them


@dataclass(slots=True)
class Bad:
    """Rows that belong together and can't be imported: (physical line, reason, cells) of each.

    `came_away`: they are fine, but their order's first row stands elsewhere in the file.
    """

    key: str
    rows: list[tuple[int, str, list[str]]]
    came_away: bool = False


@dataclass(slots=True)
class Nothing:
    """Rows that say nothing: blank ones, and those that a map leaves out, with its reason."""

    lines_of_file: list[int]
    why: str = ""


Record = (
    OrderRecord
    | CustomerRecord
    | PaymentsRecord
    | LooseRecord
    | ProductRecord
    | PayoutRecord
    | BalanceRecord
    | PointsRecord
    | Bad
    | Nothing
)
