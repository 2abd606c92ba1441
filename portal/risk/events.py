"""How warnings, restrictions and suspensions read in the timelines of members and staff."""

from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.standing import off
from portal.shop.models import settings


def _until(said: str, values: Values) -> str:
    """`said`, with its end where it has one."""
    if values["until"]:
        return _("%(said)s until %(day)s", said=said, day=values["until"])
    return said


def _warned_member(values: Values) -> str:
    return _("%(shop)s warned you: “%(text)s”", shop=settings().name, text=values["text"])


def _restricted_member(values: Values) -> str:
    said = _("%(shop)s restricted your account", shop=settings().name)
    return _(
        "%(said)s: “%(text)s” What you can’t do: %(what)s.",
        said=_until(said, values),
        text=values["text"],
        what=off(values["what"]),
    )


def _restricted_staff(values: Values) -> str:
    said = _("%(who)s restricted the account", who=values["who"])
    return _(
        "%(said)s: %(why)s They can’t: %(what)s.",
        said=_until(said, values),
        why=values["why"],
        what=off(values["what"]),
    )


def _suspended_member(values: Values) -> str:
    said = _("%(shop)s suspended your account", shop=settings().name)
    return f"{_until(said, values)}: “{values['text']}”"


def _suspended_staff(values: Values) -> str:
    if values["proposer"]:
        said = _(
            "%(who)s agreed with %(proposer)s and suspended the account",
            who=values["who"],
            proposer=values["proposer"],
        )
    else:
        said = _("%(who)s suspended the account", who=values["who"])
    return f"{_until(said, values)}: {values['why']}"


LIFTED = {
    "warn": ("%(shop)s took a warning back.", "%(who)s took a warning back: %(why)s"),
    "restrict": (
        "%(shop)s lifted a restriction. Everything works again.",
        "%(who)s lifted a restriction: %(why)s",
    ),
    "suspend": (
        "%(shop)s lifted the suspension. You can sign in again.",
        "%(who)s lifted the suspension: %(why)s",
    ),
}
ENDED = {
    "warn": ("A warning ended.", "A warning ended."),
    "restrict": ("A restriction of your account ended.", "A restriction ended."),
    "suspend": ("The suspension of your account ended.", "The suspension ended."),
}

register(
    "standing.warned",
    group="account",
    staff="%(who)s warned the member: %(why)s",
    member=_warned_member,
)
register("standing.restricted", group="account", staff=_restricted_staff, member=_restricted_member)
register(
    "standing.suspend_proposed",
    group="account",
    staff="%(who)s wants to suspend the account; somebody else has to agree: %(why)s",
    member=None,
)
register("standing.suspended", group="account", staff=_suspended_staff, member=_suspended_member)
register(
    "standing.withdrawn",
    group="account",
    staff="%(who)s turned down that the account be suspended: %(why)s",
    member=None,
)
register(
    "standing.lifted",
    group="account",
    staff=lambda values: _(LIFTED[values["act"]][1]) % values,
    member=lambda values: _(LIFTED[values["act"]][0], shop=settings().name),
)
register(
    "standing.ended",
    group="account",
    staff=lambda values: _(ENDED[values["act"]][1]),
    member=lambda values: _(ENDED[values["act"]][0]),
)
