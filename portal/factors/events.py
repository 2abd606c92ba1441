"""How passwords, second factors and recovery codes read in the timeline."""

from portal.lib.text import _
from portal.members.kinds import Values, Words, register

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
    outcome="out",
    asks=True,
)
register(
    "password.reminded",
    group="account",
    staff="Was reminded that the password is a year old.",
    member=None,
)
FACTORS = {
    "app": "the authenticator app “%(label)s”",
    "mail": "codes by mail",
    "sms": "codes by text message to %(label)s",
}


def _factor(words: str) -> Words:
    """Words about one factor, by its kind."""

    def read(values: Values) -> str:
        return _(words, factor=_(FACTORS[values["factor"]], label=values.get("label", "")))

    return read


register(
    "factor.added",
    group="account",
    staff=_factor("Added %(factor)s to two-step verification."),
    member=_factor("You added %(factor)s to two-step verification."),
    own=True,
)
register(
    "factor.removed",
    group="account",
    staff=_factor("Removed %(factor)s from two-step verification."),
    member=_factor("You removed %(factor)s from two-step verification."),
    own=True,
)
register(
    "factor.wrong",
    group="sign-ins",
    staff="The second step was answered wrong on %(device)s.",
    member="The second step was answered wrong on %(device)s.",
    outcome="out",
    asks=True,
)
register(
    "recovery_codes.made",
    group="account",
    staff="Made ten recovery codes.",
    member="You made ten recovery codes.",
    own=True,
)
register(
    "recovery_codes.used",
    group="sign-ins",
    staff="A recovery code was used; %(left)s are left.",
    member="A recovery code was used; %(left)s are left.",
)
