"""How joining and parting people reads in their timelines."""

from portal.members.kinds import register

register(
    "members.merged",
    group="account",
    staff="%(who)s merged %(subject)s into this member: %(why)s",
    member="%(shop)s found that %(subject)s is you too; what stood there is here now.",
)
register(
    "members.merged_away",
    group="account",
    staff="%(who)s made %(number)s a part of %(subject)s: %(why)s",
    member="%(number)s became a part of %(subject)s.",
)
register(
    "members.split",
    group="account",
    staff="%(who)s parted something off, to the new member %(subject)s: %(why)s",
    member="%(shop)s found that some of what stood here belongs to somebody else, and moved it.",
)
register(
    "members.split_off",
    group="account",
    staff="%(who)s made this member of what stood with %(subject)s: %(why)s",
    member="%(shop)s gave you an account of your own.",
)
register(
    "members.move_undone",
    group="account",
    staff="%(who)s took back the merging or parting with %(subject)s.",
    member="%(shop)s took back what it had changed between this account and another.",
)
