"""How changes of a wishlist read in the timeline."""

from portal.members.kinds import register

register(
    "wishlist.saved",
    group="account",
    staff="Saved %(title)s for later.",
    member="You saved %(title)s for later.",
    own=True,
)
register(
    "wishlist.removed",
    group="account",
    staff="Took %(title)s off the list.",
    member="You took %(title)s off your list.",
    own=True,
)
register(
    "wishlist.restored",
    group="account",
    staff="Put %(title)s back on the list.",
    member="You put %(title)s back on your list.",
    own=True,
)
