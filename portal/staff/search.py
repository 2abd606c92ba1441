"""Finding anybody while typing: who it is, and why they were found."""

import re
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from peewee import fn

from portal.cards import scan
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, PhoneNumber
from portal.members.models.search import find_members, fold, words
from portal.orders.models import Order
from portal.staff.masks import mask_email, mask_phone

LIMIT = 12


@dataclass
class Found:
    """One line of the answer."""

    member: Member
    name: list[tuple[str, bool]]  # pieces of the name, and whether the piece was typed
    rest: list[str]  # typed words that the name does not explain
    email: str = ""  # masked
    why: list[str] = field(default_factory=list)
    order: Order | None = None  # the order whose number was typed
    last: Order | None = None


@dataclass
class Answer:
    """What the desk found for what was typed."""

    typed: str
    people: list[Found] = field(default_factory=list)
    unclaimed: list[Order] = field(default_factory=list)  # orders that belong to nobody yet
    scanned: Member | None = None  # whose number it is, whole and right
    slip: bool = False  # it is a member number with a wrong character


def search(text: str) -> Answer:
    """Members, and orders without one, for what an agent typed; a fixed number of statements."""
    typed = " ".join(text.replace("\0", " ").split())[:200]
    if not typed:
        return Answer("")
    number = scan.number_in(typed)
    scanned = _numbered(number) if number else None
    if scanned:
        return Answer(typed, people([scanned.id], str(number)), scanned=scanned)
    named = _orders_named(typed)
    first = [order.member_id for order in named if order.member_id]
    ids = list(dict.fromkeys([*first, *find_members(typed.replace("#", " "), LIMIT)]))[:LIMIT]
    unclaimed = [order for order in named if not order.member_id]
    answer = Answer(typed, people(ids, typed), unclaimed)
    if not ids and not unclaimed:
        answer.people = _meant(typed)
        answer.slip = bool(answer.people) or scan.is_slip(typed)
    return answer


def _numbered(number: str) -> Member | None:
    """Whose number it is; that of somebody who was merged is the one's who was kept."""
    member = Member.by_number(number)
    return member if member and not member.withdrawn_at else None


def _meant(typed: str) -> list[Found]:
    """Whose number it would be with one character right; among so many numbers hardly two."""
    numbers = scan.meant(typed)
    if not numbers:
        return []
    query: Any = Member.select(Member.id, Member.merged_into)
    rows = query.where(Member.number.in_(numbers)).limit(LIMIT)
    return people(list(dict.fromkeys(row.merged_into_id or row.id for row in rows)))


def people(ids: list[int], typed: str = "") -> list[Found]:
    """Members as lines of an answer, in the order of their ids."""
    if not ids:
        return []
    parts = words(typed)
    members = {member.id: member for member in _there(ids)}
    found = {id: _by_name(members[id], parts) for id in ids if id in members}
    _explain_numbers(found, typed)
    _add_emails(found, typed)
    _add_phones(found, typed)
    _explain_merges(found)
    _add_orders(found)
    _add_last_orders(found)
    return list(found.values())


def _there(ids: list[int]) -> Any:
    """Whoever was merged is listed as the one who was kept; who was taken back is nobody."""
    here = Member.merged_into.is_null() & Member.withdrawn_at.is_null()
    return Member.select().where(Member.id.in_(ids) & here)


def _orders_named(typed: str) -> list[Order]:
    number = typed.lstrip("# ")
    if not number or " " in number:
        return []
    return list(
        Order.select(
            Order.id, Order.shop, Order.number, Order.member, Order.placed_at, Order.total,
            Order.currency, Order.summary,
        )
        .where(Order.number.in_(list({number, number.upper()})))
        .order_by(Order.shop)
        .limit(LIMIT)
    )  # fmt: skip


def _by_name(member: Member, parts: list[str]) -> Found:
    pieces, explained = [], set()
    for piece in re.split(r"(\w+)", member.shown_name if member.name else ""):
        folded = fold(piece)
        hits = {part for part in parts if folded.startswith(part)}
        explained |= hits
        if piece:
            pieces.append((piece, bool(hits)))
    rest = [part for part in parts if part not in explained]
    return Found(member, pieces, rest)


def _explain_numbers(found: dict[int, Found], typed: str) -> None:
    plain = "".join(words(typed))
    for one in found.values():
        if one.rest and "".join(words(one.member.number)).startswith(plain):
            one.why.append(_("member number"))


def _explain_merges(found: dict[int, Found]) -> None:
    for one in found.values():
        if one.rest and one.member.merges and not one.why:
            one.why.append(_("a number or name that was merged"))


def _add_emails(found: dict[int, Found], typed: str) -> None:
    addresses: Any = EmailAddress.select(
        EmailAddress.member, EmailAddress.folded, EmailAddress.address
    )
    whole = fold(typed)
    for row in addresses.where(EmailAddress.member.in_(list(found))).order_by(EmailAddress.id):
        one = found[row.member_id]
        begins = words(row.folded)
        matched = "@" in typed and fold(row.folded).startswith(whole)
        matched = matched or (
            bool(one.rest)
            and all(any(word.startswith(part) for word in begins) for part in one.rest)
        )
        if matched and _("e-mail") not in one.why:
            one.email, one.why = mask_email(row.address), [*one.why, _("e-mail")]
        one.email = one.email or mask_email(row.address)


def _add_phones(found: dict[int, Found], typed: str) -> None:
    digits = "".join(c for c in typed if c.isdigit()).removeprefix("00").removeprefix("0")
    if len(digits) < 4:
        return
    numbers: Any = PhoneNumber.select(PhoneNumber.member, PhoneNumber.folded)
    for row in numbers.where(PhoneNumber.member.in_(list(found))):
        tails = (row.folded, *(row.folded[-tail:] for tail in (8, 9, 10)))
        reason = _("phone %(end)s", end=mask_phone(row.folded))
        why = found[row.member_id].why
        if any(tail.startswith(digits) for tail in tails) and reason not in why:
            why.append(reason)


def _add_orders(found: dict[int, Found]) -> None:
    """Orders whose number begins with what was typed; the very number first."""
    parts = {part for one in found.values() for part in one.rest}
    if not parts:
        return
    matches = reduce(or_, [Order.number.startswith(part) for part in sorted(parts)])
    query: Any = Order.select(Order.id, Order.shop, Order.number, Order.member).where(
        Order.member.in_(list(found)) & matches
    )
    for order in query.order_by(fn.LENGTH(Order.number), Order.number).limit(4 * LIMIT):
        one = found[order.member_id]
        if one.order is None:
            one.order = order
            one.why.append(_("order %(number)s", number=order.number))


def _add_last_orders(found: dict[int, Found]) -> None:
    newest = (
        Order.select(Order.member, fn.MAX(Order.placed_at).alias("at"))
        .where(Order.member.in_(list(found)))
        .group_by(Order.member)
        .alias("newest")
    )
    last: Any = Order.select(
        Order.id, Order.number, Order.member, Order.placed_at, Order.summary
    ).join(newest, on=(Order.member == newest.c.member_id) & (Order.placed_at == newest.c.at))
    for order in last:
        found[order.member_id].last = order
