"""A member's orders as a list: rows for pages and cards, searched, filtered, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from peewee import SQL, Value, fn

from portal.lib.clock import now
from portal.lib.dates import local, to_utc
from portal.lib.db import Compiled
from portal.lib.forms import whole_number
from portal.lib.keyset import Page, read_cursor, slice_after
from portal.lib.text import _
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.orders.status import SENT, WAITING, brief

SIZE = 20
STATES = ("open", "sent", "back", "cancelled")

_Other = Order.alias()
#: Whether two shops share the number among this member's orders: the address names the shop then.
shared_number = fn.EXISTS(
    _Other.select(SQL("1")).where(
        (_Other.number == Order.number)
        # As a sum, so that the few of that number are looked up, not all of that member.
        & (_Other.member + 0 == Order.member)
        & (_Other.shop != Order.shop)
    )
).alias("shared")
#: Whether staff gave it a tracking number, which says that it was sent before the shop's file does.
_tracked = fn.EXISTS(
    Fulfilment.select(SQL("1")).where(
        (Fulfilment.order == Order.id) & (Fulfilment.source == "staff")
    )
).alias("tracked")
COLUMNS = (
    Order.id,
    Order.shop,
    Order.number,
    Order.placed_at,
    Order.currency,
    Order.items,
    Order.discount,
    Order.discount_code,
    Order.shipping,
    Order.shipping_method,
    Order.tax,
    Order.not_itemised,
    Order.total,
    Order.refunded,
    Order.outstanding,
    Order.pay_status,
    Order.pay_method,
    Order.ship_status,
    Order.paid_at,
    Order.fulfilled_at,
    Order.cancelled_at,
    Order.summary,
    Order.line_count,
    shared_number,
    _tracked,
)


def key_of(order: Any) -> str:
    """What names the order in addresses: its number, behind the shop only where two share it."""
    key = f"{order.shop}-{order.number}" if order.shared else order.number
    return key if key.isascii() and key.isalnum() else quote(key, safe="")


@dataclass(frozen=True)
class OrderRow:
    """One order in a list: all that its template prints."""

    key: str
    words: str
    number: str
    placed_at: datetime
    total: int
    currency: str
    state: str
    tone: str


def row_of(order: Any, moment: datetime) -> OrderRow:
    """A fetched order as a row of a list."""
    state, tone = brief(order, moment)
    return OrderRow(
        key=key_of(order),
        words=order.summary or _("Order %(number)s", number=order.number),
        number=order.number,
        placed_at=order.placed_at,
        total=order.total,
        currency=order.currency,
        state=state,
        tone=tone,
    )


@dataclass(frozen=True)
class Wanted:
    """What the address of the list asks for; anything garbled counts as not asked."""

    q: str = ""
    year: int | None = None
    state: str = ""

    @classmethod
    def read(cls, args: Any) -> "Wanted":
        """From the query string."""
        year = whole_number(args.get("year"))
        state = args.get("state", "")
        return cls(
            q=" ".join(args.get("q", "").split())[:100],
            year=year if year and 1970 <= year < 9999 else None,
            state=state if state in STATES else "",
        )

    def __bool__(self) -> bool:
        return bool(self.q or self.year or self.state)

    def query(self, **more: str) -> str:
        """The same wish as a query string, with more added."""
        asked = {"q": self.q, "year": str(self.year or ""), "state": self.state, **more}
        return urlencode({name: value for name, value in asked.items() if value})


def first_year(member_id: int) -> int | None:
    """The year of the member's oldest order, in the shop's zone."""
    row = _OLDEST.first(member=member_id)
    return local(row.oldest).year if row and row.oldest else None


def page_of(member_id: int, wanted: Wanted, after: str | None) -> Page:
    """One page of the member's orders, newest first, with one statement."""
    cursor = read_cursor(after)
    if wanted:
        rows = _filtered(member_id, wanted, cursor)
    elif cursor:
        rows = _NEXT.all(member=member_id, at=cursor[0], row=cursor[1])
    else:
        rows = _FIRST.all(member=member_id)
    found, moment = slice_after(rows, SIZE, "placed_at"), now()
    return Page([row_of(order, moment) for order in found.rows], found.next)


def _newest(member: Any) -> Any:
    return (
        Order.select(*COLUMNS)
        .where(Order.member == member)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(SIZE + 1)
    )


def _later(at: Any, row: Any) -> Any:
    # Written so that both databases walk the index from `at` on, at page 900 as at page 1.
    return (Order.placed_at <= at) & ((Order.placed_at < at) | (Order.id < row))


_OLDEST = Compiled(
    lambda p: Order.select(fn.MIN(Order.placed_at).alias("oldest")).where(
        Order.member == p("member")
    )
)
_FIRST = Compiled(lambda p: _newest(p("member")))
_NEXT = Compiled(lambda p: _newest(p("member")).where(_later(p("at"), p("row"))))


def _filtered(member_id: int, wanted: Wanted, cursor: tuple[datetime, int] | None) -> list[Any]:
    query = _newest(Value(member_id, converter=False))
    if cursor:
        query = query.where(_later(*cursor))
    if wanted.year:
        start, end = datetime(wanted.year, 1, 1), datetime(wanted.year + 1, 1, 1)
        query = query.where((Order.placed_at >= to_utc(start)) & (Order.placed_at < to_utc(end)))
    if wanted.state:
        query = query.where(_in_state(wanted.state))
    if wanted.q:
        query = query.where(_mentions(wanted.q))
    return list(query.namedtuples())


def _in_state(state: str) -> Any:
    kept = Order.cancelled_at.is_null() & ((Order.refunded < Order.total) | (Order.refunded == 0))
    if state == "open":
        waits = (Order.ship_status != SENT) & (Order.placed_at > now() - WAITING) & ~_is_tracked()
        return kept & ((Order.outstanding > 0) | waits)
    if state == "sent":
        return kept & ((Order.ship_status == SENT) | _is_tracked())
    if state == "back":
        return Order.refunded > 0
    return Order.cancelled_at.is_null(False)


def _is_tracked() -> Any:
    return fn.EXISTS(
        Fulfilment.select(SQL("1")).where(
            (Fulfilment.order == Order.id) & (Fulfilment.source == "staff")
        )
    )


def _mentions(q: str) -> Any:
    """The number begins so, or a line's title or SKU holds it."""
    line = OrderLine.select(SQL("1")).where(
        (OrderLine.order == Order.id) & (OrderLine.title.contains(q) | OrderLine.sku.contains(q))
    )
    return Order.number.startswith(q.removeprefix("#")) | fn.EXISTS(line)
