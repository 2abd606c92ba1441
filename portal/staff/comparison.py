"""Two people side by side: what is known of each, and what both have is marked."""

from dataclasses import dataclass
from typing import Any

from peewee import Case, fn

from portal.duplicates.leave import check_merge
from portal.duplicates.mailboxes import mailbox
from portal.lib.dates import day
from portal.lib.money import format_money
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.loyalty.models import PointsAccount
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber, fold_email
from portal.members.models.search import words
from portal.orders.address import addresses
from portal.orders.models import Order
from portal.shop.models import settings

ADDRESSES = 3  # of the newest orders
Cell = list[tuple[str, bool]]  # lines, and whether the other side has the same


@dataclass(frozen=True)
class Row:
    """One line of the comparison."""

    words: str
    first: Cell
    second: Cell


@dataclass(frozen=True)
class Comparison:
    """The lines, whom of the two may be kept, and why none where that is so."""

    rows: list[Row]
    keep: list[Member]
    refusal: str


def compare(first: Member, second: Member, by: Member) -> Comparison:
    """What two people have in common and what not; a fixed number of statements."""
    ids = [first.id, second.id]
    sides = {
        _("Name"): {person.id: [person.name] for person in (first, second)},
        _("E-mail"): _values(EmailAddress, EmailAddress.address, ids),
        _("Phone"): _values(PhoneNumber, PhoneNumber.number, ids),
        _("Customer in the shop’s system"): _values(CustomerId, CustomerId.external_id, ids),
        _("Address"): _addresses(ids),
    }
    counts = {
        _("Orders"): _orders(ids),
        _("Points"): _points(ids),
        _("Last visit"): {
            person.id: [_visit(person)] for person in (first, second)
        },
    }  # fmt: skip
    rows = [
        _row(title, [list(dict.fromkeys(filter(None, held.get(id_, [])))) for id_ in ids], marked)
        for marked, facts in ((True, sides), (False, counts))
        for title, held in facts.items()
    ]
    keep, refusal = _who_may_stay(first, second, by)
    return Comparison([row for row in rows if row.first or row.second], keep, refusal)


def _row(title: str, sides: list[list[str]], marked: bool) -> Row:
    one, other = ({_plain(text) for text in side} for side in sides)
    both = one & other if marked else set()
    first, second = ([(text, _plain(text) in both) for text in side] for side in sides)
    return Row(title, first, second)


def _plain(text: str) -> str:
    """What two ways of writing the same thing have in common."""
    if "@" in text:
        return mailbox(fold_email(text))
    digits = "".join(c for c in text if c.isdigit())
    is_phone = len(digits) >= 7 and not any(c.isalpha() for c in text)
    return digits[-9:] if is_phone else " ".join(sorted(words(text)))


def _values(model: Any, column: Any, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for member, value in model.select(model.member, column).where(
        model.member.in_(ids)
    ).order_by(model.id).tuples():  # fmt: skip
        found.setdefault(member, []).append(value)
    return found


def _addresses(ids: list[int]) -> dict[int, list[str]]:
    """Where the newest orders of each went."""
    found: dict[int, list[str]] = {}
    for id_ in ids:
        query = Order.select(Order.billing, Order.delivery).where(Order.member == id_)
        for order in query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(ADDRESSES):
            found.setdefault(id_, []).extend(line for _what, line in addresses(order))
    return found


def _orders(ids: list[int]) -> dict[int, list[str]]:
    kept = Case(None, [(Order.cancelled_at.is_null(), Order.total - Order.refunded)], 0)
    rows = (
        Order.select(
            Order.member, Order.currency, fn.COUNT(Order.id), fn.SUM(kept), fn.MIN(Order.placed_at),
            fn.MAX(Order.placed_at),
        )
        .where(Order.member.in_(ids))
        .group_by(Order.member, Order.currency)
        .order_by(Order.currency)
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for member, currency, count, total, first, last in rows.tuples():
        orders = ngettext("%(count)s order", "%(number)s orders", count, number=f"{count:,}")
        lines = found.setdefault(member, [])
        lines.append(f"{orders}, {format_money(int(total), currency)}")
        span = [day(first)] if first == last else [day(first), day(last)]
        lines.append(" – ".join(span))
    return found


def _points(ids: list[int]) -> dict[int, list[str]]:
    if not settings().has_points:
        return {}
    held = PointsAccount.select(
        PointsAccount.member, PointsAccount.balance, PointsAccount.pending, PointsAccount.owed
    ).where(PointsAccount.member.in_(ids))
    found = {}
    for member, balance, pending, owed in held.tuples():
        lines = [f"{balance:,}"]
        lines += [_("%(points)s pending", points=f"{pending:,}")] if pending else []
        lines += [_("%(points)s owed", points=f"{owed:,}")] if owed else []
        found[member] = [", ".join(lines)]
    return found


def _visit(person: Member) -> str:
    if person.joined_at is None:
        return _("Never signed in")
    return day(person.visit_at or person.joined_at)


def _who_may_stay(first: Member, second: Member, by: Member) -> tuple[list[Member], str]:
    """Who can be kept, the first choice first; or nobody, and why."""
    keep, refusal = [], ""
    for kept, gone in ((first, second), (second, first)):
        try:
            check_merge(kept, gone, by)
        except Refused as no:
            refusal = no.sentence
        else:
            keep.append(kept)
    return keep, "" if keep else refusal
