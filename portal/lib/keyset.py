"""Keyset pages: the next page starts after a key, so that page 900 costs what page 1 costs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Page(NamedTuple):
    """A slice of a list and, when there is more, the cursor that the next page starts after."""

    rows: list[Any]
    next: str | None


def cursor_of(at: datetime, row_id: int) -> str:
    """A row's place in a list ordered by time and id, as text for the URL."""
    return f"{at.strftime('%Y%m%dT%H%M%S%f')}-{row_id}"


def read_cursor(text: str | None) -> tuple[datetime, int] | None:
    """The place that a cursor names; a garbled one counts as the start of the list."""
    try:
        moment, row_id = (text or "").split("-")
        at = datetime.strptime(moment, "%Y%m%dT%H%M%S%f")
        # A time at the calendar's edge has no other zone.
        return (at, min(int(row_id), 2**62)) if 1 < at.year < 9999 else None
    except ValueError:
        return None


def slice_after(rows: Sequence[Any], size: int, at: str) -> Page:
    """Cut `size + 1` fetched rows to a page; `at` is the attribute that the list is ordered by."""
    kept = list(rows[:size])
    more = len(rows) > size
    return Page(kept, cursor_of(getattr(kept[-1], at), kept[-1].id) if more else None)
