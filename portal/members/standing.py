"""What an account may do just now: the one switch that every domain asks before a deed.

An account is frozen after "this was not me", closed by its member, or restricted by staff.
"""

from portal.lib.clock import now
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member, Restriction
from portal.shop.models import settings

#: What can be taken away: by staff one by one, by a freeze all that FREEZES names.
DEEDS = ("sign_in", "points", "addresses", "profile", "wishlist", "claims", "messages")
FREEZES = frozenset({"points", "addresses", "claims"})


class NotNow(Refused):
    """The account may not do this at the moment; the sentence says why and what to do next."""

    status = 403


def ensure(member: Member, deed: str) -> None:
    """Raise NotNow when the account may not do `deed` (one of DEEDS) at the moment."""
    if deed not in DEEDS:
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
    for restriction in in_force(fresh):
        if restriction.kind == "suspend" or (
            restriction.kind == "restrict" and deed in restriction.what
        ):
            raise NotNow(restriction.text or _("%(shop)s has switched this off.", shop=shop))


def in_force(member: Member) -> list[Restriction]:
    """The warnings, restrictions and suspensions of an account that hold now, newest first."""
    moment = now()
    return list(
        Restriction.select()
        .where(
            (Restriction.member == member)
            & Restriction.lifted_at.is_null()
            & (Restriction.ends_at.is_null() | (Restriction.ends_at > moment))
        )
        .order_by(Restriction.id.desc())
    )
