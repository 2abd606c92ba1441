"""Where a timeline comes from: the event table, and what other tables tell by themselves.

Years of imported orders stand in tables of their own. Nothing is written a second time for them:
a domain names the columns, and one statement merges its rows with the events.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from peewee import JOIN, SQL, Field, ModelSelect, fn

from portal.lib.db import Compiled, is_sqlite
from portal.members import kinds
from portal.members.models import Event, Member

# A row's place among those of one moment is a single number: the rank of its source above its id.
STRIDE = 2**40
Whose = Callable[[Any], Any]  # the rows of a timeline, by the column that names the member
_NEWEST_FIRST = (SQL("at").desc(), SQL("id").desc())


@dataclass(frozen=True)
class Source:
    """A table whose rows are entries of one kind; `at` and `member` are columns of it."""

    kind: str
    rank: int
    at: Field
    member: Field
    subject: Any
    data: Mapping[str, Any] = field(default_factory=dict)
    joined: Callable[[ModelSelect], ModelSelect] = lambda query: query


_sources: dict[str, Source] = {}


def add_source(source: Source) -> None:
    """Let a table tell its part of every timeline, in the words of a registered kind.

    `data` gives each name in the words its column; `order` among them is what names an order in
    addresses. Of one moment the highest rank is read as the latest; events have rank 0. The table
    needs an index on (member, at, id).
    """
    kinds.kind(source.kind)
    if source.kind in _sources or source.rank in (0, *(s.rank for s in _sources.values())):
        raise ValueError(f"the source {source.kind}, rank {source.rank}, is there already")
    _sources[source.kind] = source


def merged(names: list[str], size: int, others: bool = False) -> Compiled:
    """The newest `size` entries of these kinds: needs member, at and place (what comes after).

    With `others` also those of everybody who was merged into the member.
    """
    return Compiled(lambda p: _merged(p, _with_others(p) if others else _own(p), names, size))


def _own(p: Any) -> Whose:
    return lambda member: member == p("member")


def _with_others(p: Any) -> Whose:
    others = Member.select(Member.id).where(Member.merged_into == p("member"))
    return lambda member: (member == p("member")) | member.in_(others)


def _merged(p: Any, whose: Whose, names: list[str], size: int) -> Any:
    # Each part is cut by its own index before they are merged, so that page 900 costs as page 1.
    parts: list[Any] = [_events(p, whose, [name for name in names if name not in _sources], size)]
    parts += [_rows(p, whose, _sources[name], size) for name in names if name in _sources]
    if len(parts) == 1:
        return parts[0]
    union = reduce(lambda query, part: query.union_all(part), parts)
    return union.order_by(*_NEWEST_FIRST).limit(size)


def _events(p: Any, whose: Whose, names: list[str], size: int) -> ModelSelect:
    actor = Member.alias()
    query = (
        Event.select(
            Event.id,
            Event.at,
            Event.kind,
            Event.subject,
            Event.data,
            actor.name.alias("actor_name"),
            actor.number.alias("actor_number"),
        )
        .join(actor, JOIN.LEFT_OUTER, on=(Event.actor == actor.id))
        .where(Event.kind.in_(names))
    )
    return _newest(query, p, whose(Event.member), Event.at, Event.id, size)


def _rows(p: Any, whose: Whose, source: Source, size: int) -> ModelSelect:
    model = source.at.model
    place = model.id + source.rank * STRIDE
    query = source.joined(
        model.select(
            place.alias("id"),
            source.at.alias("at"),
            SQL(f"'{source.kind}'").alias("kind"),
            source.subject.alias("subject"),
            _packed(source.data).alias("data"),
            SQL("NULL").alias("actor_name"),
            SQL("NULL").alias("actor_number"),
        )
    )
    return _newest(query, p, whose(source.member), source.at, place, size)


def _newest(query: Any, p: Any, whose: Any, at: Any, place: Any, size: int) -> ModelSelect:
    later = (at <= p("at")) & ((at < p("at")) | (place < p("place")))
    own_id = at.model.id
    query = query.where(whose & later)
    return query.order_by(at.desc(), own_id.desc()).limit(size)


def _packed(columns: Mapping[str, Any]) -> Any:
    """Columns as one JSON object, since every source brings others."""
    make = fn.json_object if is_sqlite() else fn.jsonb_build_object
    pairs = [part for name, column in columns.items() for part in (SQL(f"'{name}'"), column)]
    return make(*pairs)
