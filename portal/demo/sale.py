"""One sale at Fern & Kettle, before it is written down in anybody's format."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.demo.catalogue import Product
from portal.demo.people import Person


@dataclass(slots=True)
class Line:
    product: Product
    quantity: int
    price: int
    fulfilled: bool = False

    @property
    def total(self) -> int:
        return self.quantity * self.price


@dataclass(slots=True)
class Order:
    """One sale. Amounts in minor units, times as on the shop's wall in Ghent.

    `unexplained` is what the total holds beyond lines, discount, shipping and taxes.
    """

    person: Person | None
    placed_at: datetime
    lines: list[Line]
    currency: str
    method: str
    number: int = 0
    order_id: int = 0
    discount_code: str = ""
    discount: int = 0
    shipping: int = 0
    taxes: int = 0
    unexplained: int = 0
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    cancelled_at: datetime | None = None
    financial: str = "paid"
    fulfilment: str = "unfulfilled"
    carrier: str = ""
    tracking: str = ""
    refunds: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines) - self.discount

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.taxes + self.unexplained

    @property
    def refunded(self) -> int:
        return sum(amount for _, amount in self.refunds)
