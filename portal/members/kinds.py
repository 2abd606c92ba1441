"""How each kind of event reads: plain for the member, complete for the agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.lib.text import _

Values = Mapping[str, Any]
Words = str | Callable[[Values], str]


@dataclass(frozen=True)
class Kind:
    """One kind of event. `member` is None where the member is not shown it. `group` filters.

    `own`: what the member did, which is no news to them. `outcome` of somebody at the door: `in`,
    `out` (a proof failed), or nothing. `asks`: the member is asked whether it was them.
    """

    name: str
    group: str
    staff: Words
    member: Words | None
    own: bool = False
    outcome: str = ""
    asks: bool = False


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    *,
    group: str,
    staff: Words,
    member: Words | None,
    own: bool = False,
    outcome: str = "",
    asks: bool = False,
) -> None:
    """Teach the timeline a kind: `%(name)s` places are filled from data, `subject` and `who`.

    `group` is one of orders, payments, points, sign-ins, account, mails, looks. A security event
    needs its line in docs/security.md.
    """
    if name in _kinds:
        raise ValueError(f"the event kind {name} is registered twice")
    _kinds[name] = Kind(name, group, staff, member, own, outcome, asks)


def kind(name: str) -> Kind:
    """The kind by name; KeyError for one that nobody registered."""
    return _kinds[name]


def everything() -> list[Kind]:
    """Every registered kind."""
    return list(_kinds.values())


def names(group: str | None = None, *, for_member: bool = False, news: bool = False) -> list[str]:
    """The registered kinds, of one group or all; those that a member may see; those not `own`."""
    return [
        k.name
        for k in _kinds.values()
        if (group is None or k.group == group)
        and (k.member is not None or not for_member)
        and not (news and k.own)
    ]


def read(words: Words, values: Values) -> str:
    """Words with their places filled, translated."""
    return words(values) if callable(words) else _(words) % values
