"""How passwords, second factors and recovery codes read in the timeline."""

from portal.members.kinds import register

register(
    "password.set",
    group="account",
    staff="Set a password.",
    member="You set a password.",
    own=True,
)
register(
    "password.changed",
    group="account",
    staff="Changed the password.",
    member="You changed your password.",
    own=True,
)
register(
    "password.removed",
    group="account",
    staff="Removed the password.",
    member="You removed your password.",
    own=True,
)
register(
    "password.wrong",
    group="sign-ins",
    staff="A wrong password was typed.",
    member="A wrong password was typed for your account.",
)
register(
    "password.reminded",
    group="account",
    staff="Was reminded that the password is a year old.",
    member=None,
)
