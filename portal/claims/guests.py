"""Who bought without an account looks one order up: by a mailed link, or by all of three facts.

A link works once, for an hour; what it opens is that one order, read-only, in one browser. No
session comes of it: nobody is signed in.
"""

from datetime import timedelta

from portal.claims import events as _events  # noqa: F401
from portal.claims.facts import has_postcode, has_total, numbered, order_number
from portal.duplicates.leave import used
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import job
from portal.lib.mail import post
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import digest, new_token
from portal.members import keys, proofs
from portal.members.incidents import Known, add_finder
from portal.members.models import EmailAddress, ProofCode, fold_email
from portal.orders.models import Order
from portal.shop.models import settings

LIVES = timedelta(hours=1)
LINK, VIEW = "order-link", "order-view"  # purposes: the mailed link, the browser that may look


class NoSuchOrder(Refused):
    """No order fits what was typed."""

    status = 422


class InAnAccount(Refused):
    """The order is in somebody's account, where it is to be seen."""


class DeadLink(Refused):
    """The link was used, is too old, or never was; the sentence says which, and what to do."""

    status = 410


def ask(number: str, address: str) -> None:
    """Answer by mail alone, from a job: known or not, the person in front sees the same."""
    with write_tx():
        answer_by_mail(order_number(number), address)


@job()
def answer_by_mail(number: str, address: str) -> None:
    """Mail a link to the order, or that there is none with this number and address."""
    with write_tx():
        order = by_address(number, address)
        if order:
            _mail_link(order, address)
        else:
            _mail_unknown(address)


def by_address(number: str, address: str) -> Order | None:
    """The order of that number which mail to this address may show, the newest of several."""
    folded = fold_email(address)
    return next((order for order in numbered(number) if _may_read(order, folded)), None)


def by_facts(number: str, postcode: str, total: str) -> Order:
    """The order that all three fit. Raises NoSuchOrder, or InAnAccount where one has it."""
    fitting = [
        order
        for order in numbered(number)
        if has_postcode(order, postcode) and has_total(order, total)
    ]
    if not fitting:
        raise NoSuchOrder(
            _("No order fits these three. Look at the confirmation, or ask for a link by mail.")
        )
    free = [order for order in fitting if not (order.member and used(order.member))]
    if not free:
        raise InAnAccount(_("This order is in an account. Sign in to see it."))
    return free[0]


def show(order: Order, *, whole: bool) -> str:
    """Let one browser look at an order for an hour; returns the secret that it keeps.

    `whole` where the address was proved: else names, addresses and notes stay out.
    """
    browser, moment = new_token(), now()
    with write_tx():
        ProofCode.create(
            browser_hash=digest(browser),
            purpose=VIEW,
            channel="mail" if whole else "fact",
            target="",
            code_hash="",
            data={"order": order.id},
            created_at=moment,
            used_at=moment,
            expires_at=moment + LIVES,
        )
    return browser


def shown(browser: str | None) -> tuple[Order, bool] | None:
    """The order that this browser may look at just now, and whether as a whole."""
    row = proofs.waiting(browser, VIEW)
    if row is None or row.expires_at <= now():
        return None
    order = Order.get_or_none(Order.id == row.data["order"])
    return (order, row.channel == "mail") if order else None


def link(token: str) -> ProofCode:
    """The link while it can be used; raises DeadLink."""
    row = proofs.waiting(token, LINK)
    if row is None:
        raise DeadLink(
            _("This is no link of ours. Copy it whole from the mail, or ask for a new one.")
        )
    if row.used_at:
        raise DeadLink(_("This link was used already. Ask for a new one to look again."))
    if row.expires_at <= now():
        raise DeadLink(_("This link is older than an hour. Ask for a new one."))
    return row


def open_link(token: str) -> str:
    """Use a link up: the secret of the browser that may look, for exactly one caller."""
    row = link(token)
    with write_tx():
        taken = ProofCode.update(used_at=now()).where(
            (ProofCode.id == row.id) & ProofCode.used_at.is_null() & (ProofCode.expires_at > now())
        )
        if not taken.execute():
            raise DeadLink(_("This link was used already. Ask for a new one to look again."))
        order = Order.get_or_none(Order.id == row.data["order"])
        if order is None or not _may_read(order, row.target):
            raise DeadLink(
                _("This order can’t be shown this way any more. Sign in and look there.")
            )
        if order.member:
            order.member.record("orders.seen_by_link", subject=order.number, order=order.number)
        return show(order, whole=True)


def _may_read(order: Order, folded: str) -> bool:
    """An order in an account goes to the account's own addresses; else the order's own counts.

    Where the account asks for two steps, a mailbox alone shows nothing of it.
    """
    email = EmailAddress.find(folded)
    own = bool(email and email.opens and order.member and email.member_id == order.member_id)
    if order.member and used(order.member):
        return own and not keys.steps(order.member)
    return own or fold_email(order.email) == folded


def _mail_link(order: Order, address: str) -> None:
    token, shop = new_token(), settings().name
    ProofCode.create(
        browser_hash=digest(token),
        purpose=LINK,
        channel="mail",
        target=fold_email(address),
        code_hash="",
        data={"order": order.id},
        expires_at=now() + LIVES,
    )
    post(
        address,
        "order_link",
        subject=_("Your order %(number)s at %(shop)s", number=order.number, shop=shop),
        why=_("Somebody looked for an order at %(shop)s and gave this address.", shop=shop),
        secret=token,
        member_id=order.member_id,
        lives=LIVES,
        number=order.number,
    )


def _mail_unknown(address: str) -> None:
    shop = settings().name
    post(
        address,
        "order_unknown",
        subject=_("No such order at %(shop)s", shop=shop),
        why=_("Somebody looked for an order at %(shop)s and gave this address.", shop=shop),
        lives=LIVES,
    )


def _known(token: str) -> Known | None:
    """A link to one order is nobody's account's."""
    return Known(None) if proofs.waiting(token, LINK) else None


add_finder(_known)
