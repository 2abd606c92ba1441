"""Whether 03/04/2024 is in April or in March: decided from the whole file, or refused."""

from portal.imports.formats.files import Source, Unreadable, rows
from portal.imports.reading.cells import SLASHED, clean
from portal.lib.text import _


def day_first(source: Source, columns: tuple[str, ...]) -> bool | None:
    """True for dd/mm, False for mm/dd, None when no date needs to know. Raises Unreadable."""
    if not source.slashed_dates:
        return None
    places = [place for place, name in enumerate(source.columns) if name in columns]
    seen: dict[bool, int] = {}
    unclear = None
    for line, cells, _problem in rows(source):
        for place in places:
            found = SLASHED.fullmatch(clean(cells[place]))
            if not found or found[2] == ".":
                continue
            first, second = int(found[1]), int(found[3])
            if first > 12 and second <= 12:
                seen.setdefault(True, line)
            elif second > 12 and first <= 12:
                seen.setdefault(False, line)
            elif first != second:
                unclear = unclear or (source.header[place], cells[place].strip(), line)
    if len(seen) == 2:
        raise Unreadable(
            _(
                "Line %(day)s has its date as day/month, line %(month)s as month/day."
                " Export the file again with dates like 2024-04-03.",
                day=seen[True],
                month=seen[False],
            )
        )
    if unclear and not seen:
        column, value, line = unclear
        raise Unreadable(
            _(
                "The dates can be read as day/month or as month/day: “%(column)s” holds"
                " “%(value)s” on line %(line)s, and no other date in the file decides it."
                " Export the file again with dates like 2024-04-03.",
                column=column,
                value=value[:40],
                line=line,
            )
        )
    return next(iter(seen), True)
