"""What makes the risk view worth opening: three accounts with something odd, and why."""

from datetime import timedelta

from portal.lib.clock import now, set_back
from portal.lib.db import write_tx
from portal.lib.tokens import digest, new_token
from portal.members.models import EmailAddress, Member, Session
from portal.risk.deciding import Decision, decide, state_of

APART = 17  # members between one odd account and the next
WRONG = 12  # codes typed in vain
PLACES = (
    ("Safari on iPhone", "Ghent, Belgium", timedelta(hours=27)),
    ("Chrome on Windows", "Lima, Peru", timedelta(hours=26, minutes=20)),
)
RESOLD = Decision(
    "restrict",
    "Three of your vouchers were offered for sale. Points wait until we have talked.",
    "Seen on a marketplace, with the codes readable.",
    what=("points",),
)
STOLEN = Decision(
    "suspend",
    "The bank told us that the card behind your last orders was reported stolen.",
    "The bank called on Monday; two parcels are held back.",
)


def look_odd(agent: Member) -> None:
    """Let three members look odd, through the same verbs as in life; again, it adds nothing."""
    travels, resells, stole = _people()
    if not travels.sessions.exists():
        _travel(travels)
    for member, decision, days in ((resells, RESOLD, 3), (stole, STOLEN, 1)):
        with set_back(timedelta(days=days)):
            decide(member, agent, decision, state_of(member))


def _people() -> list[Member]:
    """Members with an address, always the same of one demo shop."""
    known = Member.select().join(EmailAddress).where(Member.role.is_null())
    found = list(known.order_by(Member.id).limit(3 * APART + 1))
    return found[APART::APART][:3]


def _travel(member: Member) -> None:
    """Two countries within the hour, after many codes that were wrong."""
    with write_tx():
        for device, place, ago in PLACES:
            with set_back(ago):
                if place != PLACES[0][1]:
                    for _time in range(WRONG):
                        member.record("sign_in.code_wrong")
                Session.insert(  # one that has ended: nobody ever held its token
                    member=member,
                    token_hash=digest(new_token()),
                    device=device,
                    method="code",
                    place=place,
                    ended_at=now(),
                ).execute()
                member.record("sign_in.new_device", method="code", device=device, place=place)
