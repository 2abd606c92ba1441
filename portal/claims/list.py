"""What was claimed by a member, and from them, as pages list it: one line for each claiming."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from portal.claims.models import Claim
from portal.claims.taking import UNDO, can_undo
from portal.lib.text import _
from portal.members.models import Member

SHOWN = 200  # claims; those of one moment are one line


@dataclass(frozen=True)
class Line:
    """Orders claimed at once. `open`: the member can give them back until `until`."""

    id: int
    numbers: list[str]
    at: datetime
    until: datetime
    proofs: str
    open: bool
    other: Member | None  # for staff: whose they were, or whose they are now


def claims_of(member: Member) -> list[Line]:
    """What a member claimed and did not give back, newest first."""
    return _lines(Claim.member == member, lambda claim: claim.from_member_id)


def claimed_from(member: Member) -> list[Line]:
    """What others claimed that was a member's, newest first."""
    return _lines(Claim.from_member_id == member.id, lambda claim: claim.member_id)


def in_words(proofs: list[str]) -> str:
    """What proved a claim: “their address and the total”."""
    words = {
        "address": _("the address of the order"),
        "phone": _("the phone number of the order"),
        "none": _("an address of their own"),
        "postcode": _("the postcode"),
        "total": _("the total"),
    }
    return ", ".join(words[proof] for proof in proofs if proof in words)


def _lines(where: Any, other: Any) -> list[Line]:
    query = Claim.select().where(where & Claim.undone_at.is_null())
    claims = list(query.order_by(Claim.at.desc(), Claim.id).limit(SHOWN))
    people = {m.id: m for m in Member.select().where(Member.id.in_({other(c) for c in claims}))}
    lines = []
    for _key, group in groupby(claims, lambda claim: (claim.at, claim.member_id)):
        same = list(group)
        first = same[0]
        lines.append(
            Line(
                id=first.id,
                numbers=[claim.number for claim in same],
                at=first.at,
                until=first.at + UNDO,
                proofs=in_words(first.proofs),
                open=can_undo(first),
                other=people.get(other(first)),
            )
        )
    return lines
