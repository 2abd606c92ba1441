"""Signing up: a mail with a code and a link goes out, and one of the two confirms the address.

Known and unknown addresses get the same page, the same work and one mail; only the mail says
which it is. An attempt is a chain of proofs, one for each mail: sending again or changing the
address ends the one before.
"""

import hmac
from typing import Any, NamedTuple

from portal.joining.arrival import HELD, IMPORTED, MEMBER, STAFF, Known, who_has
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.mail import Mail, post
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import proofs
from portal.members.letters import tell_change
from portal.members.models import Member, ProofCode, fold_email
from portal.shop.models import settings

PURPOSE = "join"
SENDS = 5  # mails of one attempt, whatever address they go to


class Link(NamedTuple):
    """What a link from a mail is worth: its proof, or why it does nothing and what to do next."""

    row: ProofCode | None
    refusal: str


def ask(
    address: str, name: str, previous: str | None = None, then: str = "", invited: bool = False
) -> str:
    """Mail a code and a link to an address; returns the secret that the browser keeps.

    `previous` is the browser's earlier secret, whose mail ends. `then` is where the person goes.
    `invited`: the shop asked this very address in.
    """
    with write_tx():
        earlier = proofs.waiting(previous, PURPOSE)
        if earlier:
            _retire(earlier)
        return _send(address, {"name": name, "sends": 1, "next": then, "invited": invited})


def again(browser: str | None, address: str = "") -> str:
    """Send another mail, to the same address or another one; raises Refused."""
    row = proofs.waiting(browser, PURPOSE)
    if row is None:
        raise Refused(_("Nothing waits in this browser. Please begin again."))
    if row.used_at:
        raise Refused(_("You confirmed your address already. Sign in with it."))
    if left(row) == 0:
        raise Refused(_no_more())
    with write_tx():
        if row.data.get("newer") or not _retire(row):
            raise Refused(_("Another mail is on its way already. Look at the newest one."))
        kept = {key: row.data[key] for key in ("name", "next", "invited", "address", "sends")}
        if address:  # nobody invited that one
            kept |= {"address": address, "invited": False}
        return _send(kept["address"], {**kept, "sends": kept["sends"] + 1})


def left(row: ProofCode) -> int:
    """How many mails this attempt still has."""
    return max(0, SENDS - int(row.data["sends"]))


def confirm(browser: str | None, typed: str) -> ProofCode:
    """The proof whose code was typed; the caller takes it. Raises WrongCode or DeadCode."""
    try:
        return proofs.check(browser, PURPOSE, typed)
    except proofs.WrongCode as wrong:
        row = proofs.waiting(browser, PURPOSE)
        if row:
            note_wrong(row.id, wrong.last)
        raise


def open_link(text: str) -> Link:
    """What a link's text is worth now; each way in which it is worth nothing has its sentence."""
    row_id, _hyphen, token = text.partition("-")
    row = None
    if row_id.isascii() and row_id.isdigit() and len(row_id) <= 18:
        row = ProofCode.get_or_none((ProofCode.id == int(row_id)) & (ProofCode.purpose == PURPOSE))
    if row is None or not hmac.compare_digest(row.data["link"], digest(token)):
        return Link(None, _("This link is not whole. Copy all of it, or type the code instead."))
    if row.data.get("newer"):
        return Link(None, _("We sent you a newer mail since. Use the link in that one."))
    if row.used_at:
        return Link(None, _("This link did its work already. Sign in with your address."))
    if row.expires_at <= now():
        return Link(None, _("This link is older than ten minutes. Ask for a new mail."))
    return Link(row, "")


def _send(address: str, data: dict[str, Any]) -> str:
    known, link = who_has(address, data["invited"]), new_token()
    member = known.email.member if known.email and known.kind in (MEMBER, IMPORTED) else None
    begun = proofs.begin(
        PURPOSE,
        "mail",
        fold_email(address),
        member=member,
        data={**data, "address": address, "link": digest(link)},
    )
    mail = _write(address, known, begun.code, f"{begun.row.id}-{link}")
    ProofCode.update(mail_id=mail.id).where(ProofCode.id == begun.row.id).execute()
    note_asked(begun.row.id)
    return begun.browser


def _retire(row: ProofCode) -> bool:
    """End a proof because a newer mail follows; True for exactly one caller."""
    ended = ProofCode.update(expires_at=now(), data={**row.data, "newer": True}).where(
        (ProofCode.id == row.id)
        & ProofCode.used_at.is_null()
        & (ProofCode.expires_at == row.expires_at)
    )
    return bool(ended.execute())


def _write(address: str, known: Known, code: str, link: str) -> Mail:
    shop = settings().name
    templates = {MEMBER: "join_known", STAFF: "join_other", HELD: "join_other"}
    subjects = {
        MEMBER: _("You have an account at %(shop)s", shop=shop),
        STAFF: _("Sign in to %(shop)s with your passkey", shop=shop),
        HELD: _("Joining %(shop)s with this address", shop=shop),
    }
    template = templates.get(known.kind, "join_confirm")
    return post(
        address,
        template,
        subject=subjects.get(known.kind, _("Confirm your address for %(shop)s", shop=shop)),
        why=_("Somebody typed this address to join %(shop)s.", shop=shop),
        secret=code if template != "join_other" else None,
        link=link,
        lives=proofs.LIVES,
        kind=known.kind,
        known=known.email is not None,
    )


def _no_more() -> str:
    return _(
        "All %(count)s mails of this attempt are sent. Look into your spam folder, or write to "
        "%(shop)s.",
        count=SENDS,
        shop=settings().contact or settings().name,
    )


@job()
def note_asked(row_id: int) -> None:
    """Write into a member's timeline that their address was typed to join."""
    row = ProofCode.get_or_none(ProofCode.id == row_id)
    if row and row.member and row.member.joined_at:
        row.member.record("joining.asked", at=row.created_at)


@job()
def note_wrong(row_id: int, last: bool) -> None:
    """Write down a wrong code; after the last try a member gets one mail about it."""
    row = ProofCode.get_or_none(ProofCode.id == row_id)
    if row is None or row.member is None:
        return
    with write_tx():
        row.member.record("sign_in.code_wrong")
        if last:
            _tell_guessing(row.member)


def _tell_guessing(member: Member) -> None:
    shop = settings().name
    tell_change(
        member,
        subject=_("Ten wrong codes were typed for your account at %(shop)s", shop=shop),
        sentence=_("Somebody typed ten wrong codes for your address. Nobody got in."),
        advice=_("You need not do anything. A passkey would make guessing pointless."),
    )
