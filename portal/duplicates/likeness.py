"""Finding people who are there twice: whoever shares a key is compared, never all with all.

A key that more than `CROWD` people share (an office's phone) tells nothing. Keys are gathered kind
by kind, so that memory holds those of one kind; pairs are written in small transactions.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

from peewee import EXCLUDED

from portal.duplicates.mailboxes import mailbox, meant, own_part
from portal.duplicates.models import Likeness
from portal.duplicates.names import alike, name_key
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.loyalty.bulk import among, chunks
from portal.members.models import EmailAddress, Member, PhoneNumber
from portal.members.models.search import words
from portal.orders.models import Order

CROWD = 20
AT_ONCE = 5_000
TAIL = 9  # digits of a phone number that a country code or a leading 0 leaves alone
SCORES = {"email": 95, "phone": 85, "typo": 80, "address": 75, "local": 65, "nameless": 50}
MORE = 4  # for each further reason

Pair = tuple[int, int]
Keys = Iterator[tuple[str, int]]


def look() -> int:
    """Find likely same people, and forget pairs that are alike no more; returns how many stand.

    What an agent called different stays so.
    """
    began = now()
    found: dict[Pair, set[str]] = defaultdict(set)
    for reason, pairs in _all_pairs():
        for pair in pairs:
            found[pair].add(reason)
    for pair in [pair for pair, why in found.items() if "email" in why]:
        found[pair] -= {"typo", "local"}  # the same mailbox is the stronger word for it
    _keep(found, began)
    _forget(began)
    return len(found)


def _all_pairs() -> Iterator[tuple[str, Iterable[Pair]]]:
    yield "email", _pairs((mailbox(folded), member) for folded, member in _emails())
    yield "typo", _pairs((meant(folded), member) for folded, member in _emails())
    yield "local", _named(_pairs((own_part(folded), member) for folded, member in _emails()))
    phones = _pairs((folded[-TAIL:], member) for folded, member in _phones())
    names = _names(phones)
    yield "phone", [pair for pair in phones if alike(names[pair[0]], names[pair[1]])]
    yield "nameless", [pair for pair in phones if not (names[pair[0]] and names[pair[1]])]
    yield "address", _pairs(_addresses())


def _pairs(keys: Iterable[tuple[str, int]]) -> list[Pair]:
    """Pairs of people who share a key; an empty key and a crowd's key tell nothing."""
    first: dict[str, int] = {}
    shared: dict[str, set[int]] = {}
    for key, member in keys:
        if not key:
            continue
        if first.setdefault(key, member) != member:
            shared.setdefault(key, {first[key]}).add(member)
    first.clear()
    people = [some for some in shared.values() if len(some) <= CROWD]
    return sorted({pair for some in people for pair in combinations(sorted(some), 2)})


def _named(pairs: list[Pair]) -> list[Pair]:
    """Those pairs whose names are the same."""
    names = {member: name_key(name) for member, name in _names(pairs).items()}
    return [pair for pair in pairs if names[pair[0]] and names[pair[0]] == names[pair[1]]]


def _names(pairs: Iterable[Pair]) -> dict[int, str]:
    names: dict[int, str] = {}
    for some in chunks({member for pair in pairs for member in pair}):
        names |= dict(Member.select(Member.id, Member.name).where(among(Member.id, some)).tuples())
    return names


def _emails() -> Keys:
    return _rows(EmailAddress, EmailAddress.folded)


def _phones() -> Keys:
    return _rows(PhoneNumber, PhoneNumber.folded)


def _rows(model: Any, column: Any) -> Keys:
    """A column and its member, in slices by id, of everybody who can be merged at all."""
    last = 0
    while True:
        query = model.select(model.id, column, model.member).join(Member)
        rows = list(
            query.where((model.id > last) & _there()).order_by(model.id).limit(AT_ONCE).tuples()
        )
        yield from ((value, member) for _id, value, member in rows)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1][0]


def _addresses() -> Keys:
    """Name, street and postcode of every address that an order went or was billed to."""
    last = 0
    while True:
        query = Order.select(Order.id, Order.member, Member.name, Order.billing, Order.delivery)
        query = query.join(Member).where((Order.id > last) & _there())
        rows = list(query.order_by(Order.id).limit(AT_ONCE).tuples())
        for _id, member, name, billing, delivery in rows:
            for address in (billing, delivery):
                if key := _address_key(name, address or {}):
                    yield key, member
        if len(rows) < AT_ONCE:
            return
        last = rows[-1][0]


def _address_key(name: str, address: dict[str, str]) -> str:
    street = "".join(words(address.get("street1", "")))
    code = "".join(words(address.get("zip", "")))
    person = name_key(address.get("name", "") or name)
    if not (street and code and person) or not alike(name, address.get("name", "") or name):
        return ""
    return f"{person}|{street}|{code}"


def _there() -> Any:
    return Member.role.is_null() & Member.merged_into.is_null() & Member.withdrawn_at.is_null()


def _keep(found: dict[Pair, set[str]], began: datetime) -> None:
    pairs = sorted(found)
    for start in range(0, len(pairs), 500):
        rows = []
        for first, second in pairs[start : start + 500]:
            why = sorted(found[first, second], key=lambda reason: -SCORES[reason])
            score = min(99, SCORES[why[0]] + MORE * (len(why) - 1))
            rows.append({"first": first, "second": second, "score": score, "reasons": why,
                         "found_at": began})  # fmt: skip
        with write_tx():
            _keep_rows(rows)


def _keep_rows(rows: list[dict[str, Any]]) -> None:
    """Somebody may have been merged or taken away meanwhile: then the pair is nobody's."""
    people = {row[side] for row in rows for side in ("first", "second")}
    query = Member.select(Member.id).where(among(Member.id, sorted(people)) & _there())
    there = {member for (member,) in query.tuples()}
    kept = [row for row in rows if row["first"] in there and row["second"] in there]
    if not kept:
        return
    new = {name: getattr(EXCLUDED, name) for name in ("score", "reasons", "found_at")}
    Likeness.insert_many(kept).on_conflict(
        conflict_target=[Likeness.first, Likeness.second],
        update={getattr(Likeness, name): value for name, value in new.items()},
        where=Likeness.dismissed_at.is_null(),
    ).execute()


def _forget(began: datetime) -> None:
    with write_tx():
        Likeness.delete().where(
            (Likeness.found_at < began) & Likeness.dismissed_at.is_null()
        ).execute()
