"""The limits as the owner reads them: what is counted, how often it may be, and for whom each."""

from typing import NamedTuple

from portal.lib.limits import (
    ADDRESS,
    CLIENT,
    LIMITS,
    MEMBER,
    NEVER,
    NUMBER,
    ORDER,
    PAIR,
    SHOP,
    Limit,
)
from portal.lib.text import _, ngettext

_PER = {
    CLIENT: "each network address",
    MEMBER: "each member",
    ADDRESS: "each e-mail address",
    PAIR: "each address or number, from one network",
    NUMBER: "each phone number",
    ORDER: "each order",
    SHOP: "the whole shop",
}


class Row(NamedTuple):
    """A line of the table."""

    what: str
    often: str
    per: str
    step: str


def table() -> list[Row]:
    """Every limit, in the order of the table in portal/lib/limits.py."""
    return [_row(limit) for limit in LIMITS.values()]


def _row(limit: Limit) -> Row:
    often = _("any number") if limit.times == NEVER else _often(limit.times, limit.seconds)
    step = _("from %(times)s", times=_often(limit.step, limit.seconds)) if limit.step else ""
    return Row(_(limit.what), often, _(_PER.get(limit.per, limit.per)), step)


def _often(times: int, seconds: int) -> str:
    """`20 in 15 minutes`."""
    minutes = seconds // 60
    if minutes < 60:
        return ngettext(
            "%(times)s in a minute", "%(times)s in %(count)s minutes", minutes, times=times
        )
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(times)s in an hour", "%(times)s in %(count)s hours", hours, times=times)
    return _("%(times)s in a day", times=times)
