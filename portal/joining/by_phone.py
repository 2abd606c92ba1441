"""Joining with a phone number: a fresh account, whose way in it is; known orders are claimed then.

Files bring numbers that families share, so a number alone makes nobody the person of a file.
"""

from portal.joining.known import HELD, MEMBER, NEW, STAFF, Arrived
from portal.lib.mail import SECRET_PLACE
from portal.lib.phones import masked
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import phones
from portal.members.models import Member, ProofCode
from portal.members.models.search import index_member
from portal.members.texting import write_text
from portal.shop.models import settings


def who_has(folded: str) -> tuple[str, Member | None]:
    """What a folded number is to the shop now, and whose it is: new, member, staff or held."""
    member = phones.behind(folded)
    if member is None:
        return (NEW if settings().sign_up else HELD), None
    if member.is_staff:
        return STAFF, member
    return (MEMBER if phones.may_enter(member) else HELD), member


def write(number: str, kind: str, code: str, member: Member | None) -> int:
    """Text somebody who typed a number to join; returns the id of the message."""
    shop = settings().name
    words = {
        NEW: _(
            "%(code)s is your code to join %(shop)s. It works once, for ten minutes. Nobody will "
            "ask you for it.",
            code=SECRET_PLACE,
            shop=shop,
        ),
        MEMBER: _(
            "%(code)s signs you in to %(shop)s, where your number has an account already. It works "
            "once, for ten minutes. Nobody will ask you for it.",
            code=SECRET_PLACE,
            shop=shop,
        ),
    }
    closed = _(
        "Somebody typed your number to join %(shop)s. It opens nothing there. Sign in by e-mail or "
        "with a passkey.",
        shop=shop,
    )
    mine = member if kind == MEMBER else None
    return write_text(number, words.get(kind, closed), code if kind in words else None, mine)


def come_in(row: ProofCode) -> Arrived:
    """Somebody proved the number of this proof: who they are, made where it opens no account.

    Only inside the transaction that used the proof up. Raises Refused; IntegrityError where
    somebody else proved the same number at this very moment.
    """
    kind, member = who_has(row.target)
    if kind == MEMBER and member:
        return Arrived(member, False)
    if kind != NEW:
        raise Refused(_("This number can’t come in this way any more. Sign in another way."))
    made = Member.make(name=row.data["name"], source="sign-up")
    phones.put_door(made, row.data["address"])
    index_member(made)
    made.record("joining.joined_phone", subject=masked(row.target))
    return Arrived(Member.get_by_id(made.id), True)
