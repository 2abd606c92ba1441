"""A member as an agent sees them: who it is, the sums, and how they can be reached."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, fn

from portal.lib.dates import local
from portal.lib.money import format_money
from portal.lib.text import _, ngettext
from portal.members.mails import returned
from portal.members.models import EmailAddress, Member, Passkey, PhoneNumber, Session
from portal.orders.models import Order
from portal.staff.models import Note


@dataclass(frozen=True)
class Overview:
    """What stands above and beside the cards."""

    since: str  # a month, in the shop's zone
    sums: str
    emails: list[EmailAddress]
    returned: dict[str, str]  # folded addresses that take no mail, and why
    phones: list[str]
    passkeys: int
    sessions: int
    notes: list[Note]


def overview(member: Member, *, points: int | None, open_orders: int) -> Overview:
    """Everything about a member that is no card; a fixed number of statements."""
    first, sums = _sums(member, points, open_orders)
    emails = EmailAddress.select().where(EmailAddress.member == member).order_by(EmailAddress.id)
    others = Member.select(Member.id).where(Member.merged_into == member)  # known by phone alone
    phones = PhoneNumber.select(PhoneNumber.number).where(
        (PhoneNumber.member == member) | PhoneNumber.member.in_(others)
    )
    author = Member.alias()
    notes = (
        Note.select(Note, author.id, author.name, author.number)
        .join(author, on=(Note.author == author.id))
        .where(Note.member == member)
        .order_by(Note.id.desc())
    )
    return Overview(
        since=f"{local(min(first or member.created_at, member.created_at)):%B %Y}",
        sums=sums,
        emails=list(emails),
        returned=returned(member),
        phones=list(dict.fromkeys(row.number for row in phones.order_by(PhoneNumber.id))),
        passkeys=Passkey.select().where(Passkey.member == member).count(),
        sessions=Session.live(member).count(),
        notes=list(notes),
    )


def _sums(member: Member, points: int | None, open_orders: int) -> tuple[datetime | None, str]:
    """`23 orders, €1,402.10 in all, 1 refund, nothing open`; currencies stand apart."""
    kept = Case(None, [(Order.cancelled_at.is_null(), Order.total - Order.refunded)], 0)
    rows: list[Any] = list(
        Order.select(
            Order.currency,
            fn.COUNT(Order.id).alias("count"),
            fn.SUM(kept).alias("spent"),
            fn.SUM(Case(None, [(Order.refunded > 0, 1)], 0)).alias("refunds"),
            fn.MIN(Order.placed_at).alias("first"),
        )
        .where(Order.member == member)
        .group_by(Order.currency)
        .order_by(fn.COUNT(Order.id).desc(), Order.currency)
        .namedtuples()
    )
    if not rows:
        return None, _with_points([_("No orders")], points)
    count, refunds = sum(row.count for row in rows), int(sum(row.refunds for row in rows))
    money = " + ".join(format_money(int(row.spent), row.currency) for row in rows)
    parts = [
        ngettext("%(count)s order", "%(number)s orders", count, number=f"{count:,}"),
        _("%(money)s in all", money=money),
    ]
    if refunds:
        parts.append(ngettext("%(count)s refund", "%(count)s refunds", refunds))
    opened = ngettext("%(count)s open", "%(count)s open", open_orders)
    first = min(row.first for row in rows)
    return first, f"{_with_points(parts, points)}, {opened if open_orders else _('nothing open')}"


def _with_points(parts: list[str], points: int | None) -> str:
    if points is not None:
        parts.append(ngettext("%(count)s point", "%(number)s points", points, number=f"{points:,}"))
    return ", ".join(parts)
