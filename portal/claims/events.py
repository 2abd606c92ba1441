"""How claimed orders, and those that guests look up, read in the timeline."""

from portal.members.kinds import register

register(
    "orders.seen_by_link",
    group="orders",
    staff="Order %(subject)s was opened without an account, by a mailed link.",
    member="Order %(subject)s was opened without signing in, by the link that we mailed.",
)
