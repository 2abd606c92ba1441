"""Signing up: a mail with a code and a link goes out, and one of the two confirms the address.

Known and unknown addresses get the same page, the same work and one mail; only the mail says
which it is. An attempt is a chain of proofs, one for each mail: sending again or changing the
address ends the one before.
"""

import hmac
from typing import Any, NamedTuple

from portal.joining import by_phone
from portal.joining.arrival import who_has
from portal.joining.known import HELD, IMPORTED, MEMBER, STAFF, Known
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.mail import Mail, post
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import proofs
from portal.members.models import ProofCode, fold_email, fold_phone
from portal.members.texting import check_again
from portal.shop.models import settings

PURPOSE = "join"
SENDS = 5  # mails of one attempt, whatever address they go to


class Link(NamedTuple):
    """What a link from a mail is worth: its proof, or why it does nothing and what to do next."""

    row: ProofCode | None
    refusal: str


def ask(
    address: str,
    name: str,
    previous: str | None = None,
    then: str = "",
    invited: bool = False,
    channel: str = "mail",
) -> str:
    """Mail a code and a link to an address; returns the secret that the browser keeps.

    `previous` is the browser's earlier secret, whose mail ends. `then` is where the person goes.
    `invited`: the shop asked this very address in. By the channel `sms` the address is a number
    (E.164), and a code goes there.
    """
    with write_tx():
        earlier = proofs.waiting(previous, PURPOSE)
        if earlier:
            proofs.retire(earlier)
        data = {"name": name, "sends": 1, "next": then, "invited": invited}
        return _send(channel, address, data)


def again(browser: str | None, address: str = "") -> str:
    """Send another mail, to the same address or another one; raises Refused."""
    row = proofs.waiting(browser, PURPOSE)
    if row is None:
        raise Refused(_("Nothing waits in this browser. Please begin again."))
    if row.channel == "sms":
        check_again(row)
    if row.used_at:
        raise Refused(_("You confirmed your address already. Sign in with it."))
    if left(row) == 0:
        raise Refused(_no_more())
    with write_tx():
        if not proofs.retire(row):
            raise Refused(_("Another mail is on its way already. Look at the newest one."))
        kept = {key: row.data[key] for key in ("name", "next", "invited", "address", "sends")}
        if address:  # nobody invited that one
            kept |= {"address": address, "invited": False}
        return _send(row.channel, kept["address"], {**kept, "sends": kept["sends"] + 1})


def left(row: ProofCode) -> int:
    """How many mails this attempt still has."""
    return max(0, SENDS - int(row.data["sends"]))


def confirm(browser: str | None, typed: str) -> ProofCode:
    """The proof whose code was typed; the caller takes it. Raises WrongCode or DeadCode."""
    return proofs.check(browser, PURPOSE, typed)


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


def _send(channel: str, address: str, data: dict[str, Any]) -> str:
    begun = _text(address, data) if channel == "sms" else _mail(address, data)
    note_asked(begun.row.id)
    return begun.browser


def _text(number: str, data: dict[str, Any]) -> proofs.Begun:
    kind, member = by_phone.who_has(fold_phone(number))
    begun = proofs.begin(
        PURPOSE,
        "sms",
        fold_phone(number),
        member=member if kind == MEMBER else None,
        data={**data, "address": number, "link": ""},
    )
    proofs.attach(begun.row, by_phone.write(number, kind, begun.code, member))
    return begun


def _mail(address: str, data: dict[str, Any]) -> proofs.Begun:
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
    proofs.attach(begun.row, mail.id)
    return begun


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
