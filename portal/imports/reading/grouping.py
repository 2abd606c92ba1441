"""Rows that belong to one order stand together; here they are put together, good and bad."""

from collections.abc import Callable, Iterable, Iterator

from portal.imports.reading.cells import CameAway, Trouble, clean, show
from portal.imports.records import Bad, Nothing, Record, Row
from portal.lib.text import _

MOST_ROWS = 20_000  # of one order: more is a broken file, and would not stay small in memory


def number(cell: str) -> str:
    """An order's number: its name without blanks, guards and the leading #."""
    return clean(cell).removeprefix("#").strip()


def groups(rows: Iterable[Row], place: int) -> Iterator[list[Row]]:
    """Consecutive rows with the same name in `place`; a nameless row belongs to the one above.

    Blank rows between two orders are groups of their own, inside an order they change nothing.
    """
    held: list[Row] = []
    blank: list[Row] = []
    name = None
    for row in rows:
        cell = row[1][place]
        if not cell and not row[2] and not any(row[1]):
            blank.append(row)
            continue
        same = held and (cell == name or not cell.strip())
        if same and len(held) < MOST_ROWS:
            if blank:
                held.extend(blank)
                blank = []
            held.append(row)
            continue
        if held:
            yield held
        yield from ([row] for row in blank)
        held, blank, name = [row], [], cell
    if held:
        yield held
    yield from ([row] for row in blank)


def records(
    rows: Iterable[Row],
    place: int,
    make: Callable[[str, list[Row]], Record],
    scrub: Callable[[list[str]], list[str]] | None,
) -> Iterator[Record]:
    """One record for each group; any trouble in any row makes the whole group Bad."""
    for group in groups(rows, place):
        if scrub:
            for row in group:
                scrub(row[1])
        if not group[0][1][place] and not group[0][2] and not "".join(group[0][1]).strip():
            yield Nothing([row[0] for row in group])
            continue
        key = number(group[0][1][place])
        ragged = [row for row in group if row[2]]
        if ragged:
            yield bad(key, group, ragged[0][0], ragged[0][2] or "")
            continue
        if not key or len(key) > 60:
            reason = (
                _("The row names no order.")
                if not key
                else _("“%(name)s” is too long for an order number.", name=show(key))
            )
            yield bad(key, group, group[0][0], reason)
            continue
        try:
            yield make(key, group)
        except Trouble as trouble:
            aside = bad(key, group, trouble.line or group[0][0], str(trouble))
            aside.came_away = isinstance(trouble, CameAway)
            yield aside


def bad(key: str, group: list[Row], line: int, reason: str) -> Bad:
    """A whole group put aside: the bad line with its reason, the others because of it."""
    because = _("The order's line %(line)s can't be read: %(reason)s", line=line, reason=reason)
    return Bad(
        key[:60],
        [(row[0], reason if row[0] == line else because, row[1]) for row in group],
    )
