"""What orders announce. Receivers run in the sender's transaction and work on sets."""

from blinker import signal

from portal.members.kinds import register

#: Sent after a batch of orders was written: `orders_changed.send(None, order_ids=[…])`.
orders_changed = signal("orders.changed")

register(
    "orders.imported",
    group="orders",
    staff="%(count)s orders came in from %(file)s.",
    member="%(count)s of your orders came in from the shop.",
)
register(
    "orders.tracking_set",
    group="orders",
    staff="%(who)s set the tracking number of order %(subject)s to %(number)s.",
    member="Order %(subject)s has a tracking number: %(number)s.",
)
