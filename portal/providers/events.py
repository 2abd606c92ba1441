"""How other people's keys read in the timeline."""

from portal.members.kinds import register

register(
    "provider.joined",
    group="account",
    staff="Opened the account with %(provider)s (%(shown)s).",
    member="You opened your account with %(provider)s.",
    own=True,
)
register(
    "provider.linked",
    group="account",
    staff="Linked %(provider)s (%(shown)s): it opens the account now.",
    member="You linked %(provider)s (%(shown)s): it opens your account now.",
    own=True,
)
register(
    "provider.unlinked",
    group="account",
    staff="Unlinked %(provider)s (%(shown)s).",
    member="You unlinked %(provider)s (%(shown)s).",
    own=True,
)
register(
    "provider.kept",
    group="account",
    staff="%(who)s set up %(provider)s as a way in.",
    member="You set up %(provider)s as a way in.",
    own=True,
)
register(
    "provider.switched_on",
    group="account",
    staff="%(who)s switched %(provider)s on as a way in.",
    member="You switched %(provider)s on as a way in.",
    own=True,
)
register(
    "provider.switched_off",
    group="account",
    staff="%(who)s switched %(provider)s off as a way in.",
    member="You switched %(provider)s off as a way in.",
    own=True,
)
register(
    "provider.removed",
    group="account",
    staff="%(who)s removed %(provider)s from the ways in.",
    member="You removed %(provider)s from the ways in.",
    own=True,
)
