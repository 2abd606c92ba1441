"""What points do about news from other domains, in the sender's transaction."""

from collections.abc import Iterable

from portal.loyalty import events as _events  # noqa: F401
from portal.loyalty import jobs as _jobs  # noqa: F401
from portal.loyalty import timeline as _timeline  # noqa: F401
from portal.loyalty.points import book_orders
from portal.orders.events import orders_changed


@orders_changed.connect
def on_orders_changed(_sender: object, order_ids: Iterable[int] = ()) -> None:
    """Book the points of a batch of orders."""
    book_orders(order_ids)
