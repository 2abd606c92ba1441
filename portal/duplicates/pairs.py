"""The pairs that agents are offered, the strongest first, and those they called different."""

import re
from typing import Any

from peewee import fn

from portal.duplicates.models import Likeness
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.keyset import Page
from portal.members.models import Member

SIZE = 20
_First, _Second = Member.alias(), Member.alias()


def open_pairs(after: str | None = None) -> Page:
    """A page of likenesses that nobody decided on; a garbled cursor counts as the start."""
    query = _open(Likeness.select())
    if place := re.fullmatch(r"([0-9]{1,3})-([0-9]{1,18})", after or ""):
        score, row = int(place[1]), int(place[2])
        query = query.where(
            (Likeness.score < score) | ((Likeness.score == score) & (Likeness.id < row))
        )
    order = Likeness.score.desc(), Likeness.id.desc()
    rows: list[Likeness] = list(query.order_by(*order).limit(SIZE + 1))
    kept = rows[:SIZE]
    more = len(rows) > SIZE
    return Page(kept, f"{kept[-1].score}-{kept[-1].id}" if more else None)


def count_open() -> int:
    """How many pairs wait for somebody to look at them."""
    return int(_open(Likeness.select(fn.COUNT(Likeness.id))).scalar() or 0)


def pair_of(one: Member, other: Member) -> Likeness | None:
    """What was found of these two, in either order."""
    first, second = sorted((one.id, other.id))
    found: Likeness | None = Likeness.get_or_none(
        (Likeness.first == first) & (Likeness.second == second)
    )
    return found


def dismiss(one: Member, other: Member, by: Member) -> bool:
    """Call two people different: they are offered no more. False when somebody did already."""
    first, second = sorted((one.id, other.id))
    with write_tx():
        Likeness.insert(first=first, second=second, score=0).on_conflict_ignore().execute()
        dismissed = Likeness.update(dismissed_at=now(), dismissed_by=by).where(
            (Likeness.first == first)
            & (Likeness.second == second)
            & Likeness.dismissed_at.is_null()
        )
        return bool(dismissed.execute())


def _open(query: Any) -> Any:
    """Both are still there, as somebody of their own."""
    query = query.join(_First, on=(Likeness.first == _First.id)).switch(Likeness)
    query = query.join(_Second, on=(Likeness.second == _Second.id))
    for person in (_First, _Second):
        query = query.where(
            person.merged_into.is_null() & person.withdrawn_at.is_null() & person.role.is_null()
        )
    return query.where(Likeness.dismissed_at.is_null())
