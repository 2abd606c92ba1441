"""Rows that stand apart from their order, as in a file that somebody sorted, come back to it."""

import json
from collections.abc import Callable, Iterable, Iterator

from portal.imports.models import Batch, RawRow
from portal.imports.readers import Context
from portal.imports.records import Bad, Nothing, OrderRecord, Record, Row

Read = Callable[[Iterable[Row], Context], Iterator[Record]]


def rejoin(stray: Bad, batch: Batch, read: Read, context: Context) -> Record:
    """The whole order of rows that came away, if this batch wrote its beginning; else the stray.

    Rows that an order holds already, from an earlier run of the same file, are nothing new.
    """
    lines = [line for line, _reason, _cells in stray.rows]
    fresh = [_trimmed(cells) for _line, _reason, cells in stray.rows]
    kept = (
        RawRow.select(RawRow.rows, RawRow.batch)
        .where(
            (RawRow.key == stray.key)
            & (RawRow.kind == batch.kind)
            & (RawRow.shop == batch.shop)
            & ~RawRow.withdrawn
        )
        .order_by(RawRow.id)
    )
    wholes = [(json.loads(raw.rows), raw.batch_id) for raw in kept]
    if any(_holds(rows, fresh) for rows, _batch in wholes):
        return Nothing(lines)
    mine = [rows for rows, batch_id in wholes if batch_id == batch.id]
    if not mine:
        return stray
    width = len(context.header)
    rows: list[Row] = [(0, cells + [""] * (width - len(cells)), None) for cells in mine[-1]]
    rows += [(line, list(cells), None) for line, _reason, cells in stray.rows]
    found = list(read(rows, context))
    if len(found) != 1 or not isinstance(found[0], OrderRecord):
        return stray
    found[0].lines_of_file, found[0].rejoined = lines, True
    return found[0]


def _trimmed(cells: list[str]) -> list[str]:
    size = len(cells)
    while size and not cells[size - 1]:
        size -= 1
    return cells[:size]


def _holds(rows: list[list[str]], part: list[list[str]]) -> bool:
    """Whether `part` stands in `rows` below the first row."""
    size = len(part)
    return any(rows[at : at + size] == part for at in range(1, len(rows) - size + 1))
