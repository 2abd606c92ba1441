"""What an account may do just now: the one switch that every domain asks before a deed.

An account is frozen after "this was not me", closed by its member, or restricted by staff.
"""

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member, Restriction
from portal.shop.models import settings

#: What can be taken away: by staff one by one, by a freeze all that FREEZES names. What takes
#: something away from an account (a picture, a saved thing, a linked account) stays possible.
DEEDS = {
    "points": _("turn points into vouchers"),
    "addresses": _("change e-mail addresses, phone numbers and linked accounts"),
    "keys": _("add passkeys, passwords and second steps"),
    "claims": _("claim orders"),
    "card": _("show the member card"),
    "profile": _("change the profile and its picture"),
    "wishlist": _("save things, and write notes beside them"),
}
SIGN_IN = "sign_in"  # goes with a suspension alone
FREEZES = frozenset({"points", "addresses", "keys", "claims", "card"})


class NotNow(Refused):
    """The account may not do this at the moment; the sentence says why and what to do next."""

    status = 403


def ensure(member: Member, deed: str) -> None:
    """Raise NotNow when the account may not do `deed` (one of DEEDS, or SIGN_IN) at the moment."""
    if deed not in DEEDS and deed != SIGN_IN:
        raise ValueError(f"nobody knows the deed {deed}")
    fresh: Member = Member.get_by_id(member.id)
    shop = settings().name
    if fresh.closed_at:
        raise NotNow(_("This account is closed. Please write to %(shop)s.", shop=shop))
    if fresh.frozen_at and deed in FREEZES:
        raise NotNow(
            _(
                "This account is frozen, because somebody reported that a sign-in was not theirs. "
                "It thaws once you have got it back; %(shop)s can help.",
                shop=shop,
            )
        )
    for held in in_force(fresh):
        if held.kind == "suspend" or (held.kind == "restrict" and deed in held.what):
            raise NotNow(why_not(held))


def in_force(member: Member) -> list[Restriction]:
    """The warnings, restrictions and suspensions of an account that hold now, newest first."""
    mine = (Restriction.member == member) & Restriction.holding_at(now())
    return list(Restriction.select().where(mine).order_by(Restriction.id.desc()))


def why_not(held: Restriction) -> str:
    """To the member: what is not possible, until when, why, and whom to write to."""
    shop = settings()
    if held.kind == "suspend":
        said = _("%(shop)s has suspended this account", shop=shop.name)
    else:
        said = _("%(shop)s has switched this off for your account", shop=shop.name)
    if held.ends_at:
        said = _("%(said)s until %(day)s", said=said, day=day(held.ends_at))
    text = f" “{held.text}”" if held.text else ""
    return f"{said}.{text} {whom_to_ask()}"


def off(what: list[str]) -> str:
    """What these deeds are, in words: “turn points into vouchers; claim orders”."""
    return "; ".join(words for deed, words in DEEDS.items() if deed in what)


def whom_to_ask() -> str:
    """Whom a member writes to who thinks that it is wrong."""
    shop = settings()
    return _("If you think that is wrong, write to %(whom)s.", whom=shop.contact or shop.name)
