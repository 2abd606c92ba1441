"""How claimed orders, and those that guests look up, read in the timeline."""

from collections.abc import Callable

from portal.lib.text import ngettext
from portal.members.kinds import Values, register


def _told(one: str, many: str) -> Callable[[Values], str]:
    def words(values: Values) -> str:
        names = {name: values[name] for name in ("numbers", "by") if name in values}
        return ngettext(one, many, int(values["count"]), **names)

    return words


register(
    "orders.seen_by_link",
    group="orders",
    staff="Order %(subject)s was opened without an account, by a mailed link.",
    member="Order %(subject)s was opened without signing in, by the link that we mailed.",
)
register(
    "orders.claimed",
    group="orders",
    staff=_told("Claimed order %(numbers)s.", "Claimed orders %(numbers)s."),
    member=_told(
        "You brought order %(numbers)s into your account.",
        "You brought orders %(numbers)s into your account.",
    ),
    own=True,
)
register(
    "orders.claimed_away",
    group="orders",
    staff=_told(
        "Member %(by)s proved that order %(numbers)s is theirs, and took it along.",
        "Member %(by)s proved that orders %(numbers)s are theirs, and took them along.",
    ),
    member=_told(
        "Somebody proved that order %(numbers)s is theirs, and took it along.",
        "Somebody proved that orders %(numbers)s are theirs, and took them along.",
    ),
)
register(
    "orders.claim_undone",
    group="orders",
    staff=_told(
        "The claim of order %(numbers)s was taken back.",
        "The claim of orders %(numbers)s was taken back.",
    ),
    member=_told(
        "The claim of order %(numbers)s was taken back.",
        "The claim of orders %(numbers)s was taken back.",
    ),
)
register(
    "orders.claim_code_missed",
    group="orders",
    staff="Typed a code to claim an order that was wrong or too old.",
    member="A code to claim an order was typed that was wrong or too old. Nothing was claimed.",
    own=True,
)
register(
    "orders.claim_missed",
    group="orders",
    staff="Tried to claim an order, and what they said did not fit.",
    member="You tried to claim an order, and what you said did not fit.",
    own=True,
)
