"""Invitations: the shop asks one person in, or everybody whose orders came with an address.

The link proves the mailbox, once. For a day it lets somebody in by itself; after that it asks
for a fresh code first.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from peewee import fn

from portal.joining.arrival import HELD, MEMBER, STAFF, Arrived, welcome_in, who_has
from portal.joining.models import Invitation
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job, periodic
from portal.lib.mail import post
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members.models import EmailAddress, Member, fold_email
from portal.members.models.contact import BY_MERGE, GIVEN_UP
from portal.shop.models import Setting, change_settings, settings

LIVES = timedelta(hours=24)  # how long the link alone is enough
KEPT = timedelta(days=60)  # how long the mail itself may wait and the link asks for a code
CHUNK = 50  # people invited in one transaction


class Opened(NamedTuple):
    """What an invitation's link is worth: `late` when it asks for a fresh code first."""

    invitation: Invitation | None
    late: bool
    refusal: str


def invite(address: str, by: Member, text: str = "") -> None:
    """Mail an invitation to one address; an earlier link to it dies. Raises Refused."""
    folded = fold_email(address)
    with write_tx():
        known = who_has(address, invited=True)
        if known.kind in (MEMBER, STAFF):
            raise Refused(_("%(address)s is a member already.", address=address))
        if known.kind == HELD:
            raise Refused(_("%(address)s was given up or never proved.", address=address))
        if known.email is None and folded != address.strip().lower():
            raise Refused(_("An address with such letters joins by itself, at /join."))
        _send(known.email, folded, by, text)


def again(invitation: Invitation, by: Member, text: str = "") -> bool:
    """Invite somebody once more with a few words; False for the second of two clicks."""
    with write_tx():
        unchanged = Invitation.update(sent_at=now()).where(
            (Invitation.id == invitation.id)
            & (Invitation.token_hash == invitation.token_hash)
            & Invitation.used_at.is_null()
        )
        if not unchanged.execute():
            return False
        email = EmailAddress.get_or_none(EmailAddress.folded == invitation.address)
        _send(email, invitation.address, by, text)
    return True


def open_invitation(token: str) -> Opened:
    """What the token of a link is worth now; each way to be worth nothing has its sentence."""
    found = Invitation.get_or_none(Invitation.token_hash == digest(token))
    if found is None:
        refusal = _("This link is not whole, or a newer mail followed it. Use the newest one.")
        return Opened(None, False, refusal)
    if found.used_at:
        refusal = _("This invitation did its work already. Sign in with your address.")
        return Opened(None, False, refusal)
    return Opened(found, found.expires_at <= now(), "")


def accept(invitation: Invitation, name: str) -> Arrived:
    """Use an invitation up and say who it lets in, once; raises Refused."""
    moment = now()
    with write_tx():
        used = Invitation.update(used_at=moment).where(
            (Invitation.id == invitation.id)
            & (Invitation.token_hash == invitation.token_hash)
            & Invitation.used_at.is_null()
            & (Invitation.expires_at > moment)
        )
        if not used.execute():
            raise Refused(_("This invitation did its work already. Sign in with your address."))
        arrived = welcome_in(invitation.address, name, invited=True)
        if not arrived.first:  # a link of a day must not open an account in use
            raise Refused(_("You are a member already. Sign in with your address."))
        return arrived


def note_opened(token: str) -> None:
    """Somebody (no mail scanner) has the page of an invitation before them."""
    with write_tx():
        Invitation.update(opened_at=now()).where(
            (Invitation.token_hash == digest(token))
            & Invitation.opened_at.is_null()
            & Invitation.used_at.is_null()
        ).execute()


def to_invite() -> int:
    """How many people the shop knows by an address and has not invited, and who never came."""
    found: Any = _strangers(0).select(fn.COUNT(fn.DISTINCT(Member.id)))
    return int(found.scalar() or 0)


def invite_everybody(by: Member) -> None:
    """Begin to invite all of `to_invite`; raises Refused while that is going on."""
    with write_tx():
        if settings().inviting:
            raise Refused(_("They are being invited already."))
        change_settings(inviting=f"{by.id}:0")
        go_on()


def stop_inviting() -> None:
    """Invite nobody more; who has a mail keeps it."""
    change_settings(inviting="")


@job()
def go_on() -> None:
    """Invite the next people until none is left; taken up again after a kill, without doubles."""
    while _next():
        pass


@periodic("joining.invite")
def sweep() -> None:
    """Go on where a worker died."""
    if settings().inviting:
        go_on.call_local()


def _next() -> bool:
    """Invite one chunk; two workers take turns, since each holds the row that says how far."""
    with write_tx():
        Setting.update(key=Setting.key).where(Setting.key == "inviting").execute()
        row = Setting.get_or_none(Setting.key == "inviting")
        if row is None or not row.value:
            return False
        by, after = (int(part) for part in row.value.split(":"))
        emails = list(_strangers(after).order_by(Member.id, EmailAddress.id).limit(CHUNK))
        who = Member.get_or_none(Member.id == by)
        for email in emails:
            if not _invited(email):
                _send(email, email.folded, who)
        last = emails[-1].member_id if emails else 0
        change_settings(inviting=f"{by}:{last}" if emails else "")
        return bool(emails)


def _strangers(after: int) -> Any:
    """Addresses of people that the shop knows from a file and that never came or were invited."""
    invited = Invitation.select(Invitation.member).where(Invitation.member.is_null(False))
    return (
        EmailAddress.select(EmailAddress, Member)
        .join(Member)
        .where(
            (Member.id > after)
            & Member.joined_at.is_null()
            & Member.role.is_null()
            & Member.merged_into.is_null()
            & Member.withdrawn_at.is_null()
            & Member.closed_at.is_null()
            & EmailAddress.source.not_in((BY_MERGE, *GIVEN_UP))
            & Member.id.not_in(invited)
        )
    )


def _invited(email: EmailAddress) -> bool:
    """Whether this person or address has an invitation (of this chunk, too)."""
    mine = (Invitation.address == email.folded) | (Invitation.member == email.member_id)
    return bool(Invitation.select().where(mine).exists())


def _send(email: EmailAddress | None, folded: str, by: Member | None, text: str = "") -> None:
    token, moment, shop = new_token(), now(), settings().name
    member = email.member if email else None
    mail = post(
        email.address if email else folded,
        "invitation",
        subject=_("%(shop)s invites you", shop=shop),
        why=_("%(shop)s wrote to you, because you bought there.", shop=shop)
        if member
        else _("Somebody at %(shop)s typed your address to invite you.", shop=shop),
        secret=token,
        member_id=member.id if member else None,
        lives=KEPT,
        text=text,
        known=member is not None,
    )
    values: dict[Any, Any] = {
        Invitation.member: member,
        Invitation.token_hash: digest(token),
        Invitation.by: by,
        Invitation.sent_at: moment,
        Invitation.expires_at: moment + LIVES,
        Invitation.opened_at: None,
        Invitation.used_at: None,
        Invitation.mail_id: mail.id,
    }
    Invitation.insert({Invitation.address: folded, **values}).on_conflict(
        conflict_target=[Invitation.address], update=values
    ).execute()
    if member:
        member.record("joining.invited", actor=by, subject=folded)
