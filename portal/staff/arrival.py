"""What the pages of imports say: an outcome in one sentence, how far it is, which cells matter."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.imports.corrections import cells_of, is_json, reader_for
from portal.imports.formats.files import fold
from portal.imports.models import Batch, QuarantinedRow, Upload
from portal.lib.clock import now
from portal.lib.text import _, ngettext

FIRST = 8  # cells of a row that are shown without asking
EDITABLE = 12  # rows of a group whose cells are shown


def new_things(figures: Mapping[str, int]) -> list[str]:
    """What is new, counted in words: “396 new orders”, “45 new members”."""
    words = {
        "orders": ("%(number)s new order", "%(number)s new orders"),
        "members": ("%(number)s new member", "%(number)s new members"),
        "products": ("%(number)s new product", "%(number)s new products"),
        "payments": ("%(number)s new payment", "%(number)s new payments"),
        "refunds": ("%(number)s new refund", "%(number)s new refunds"),
    }
    wanted = [name for name in words if figures.get(name)]
    if "orders" in wanted or "members" in wanted:  # the rest follows from them
        wanted = [name for name in wanted if name in ("orders", "members")]
    return [
        ngettext(*words[name], figures[name], number=f"{figures[name]:,}") for name in wanted[:2]
    ]


def outcome(figures: Mapping[str, Any], *, ahead: bool) -> str:
    """What an import brings (`ahead`) or brought, as a headline."""
    new = new_things(figures.get("created", {}))
    things = _(" and ").join(new)
    changed = sum(figures.get("updated", {}).values())
    if new and ahead:
        return _("%(things)s would come in.", things=things)
    if new:
        return _("%(things)s came in.", things=things)
    if changed and ahead:
        return _("Nothing new, but something would change.")
    if changed:
        return _("Nothing new, but something changed.")
    put_aside = figures.get("quarantined_count", figures.get("quarantined", 0))
    if put_aside and put_aside == figures.get("rows"):
        return _("No row can come in as it is.") if ahead else _("No row came in.")
    return _("All of this file is here already.") if ahead else _("All of it was here already.")


@dataclass(slots=True)
class Going:
    """How far the work on an upload is; `left` is blank where nobody can say yet."""

    percent: int
    left: str = ""


def going(upload: Upload) -> Going:
    """How far it is, by bytes, and about how long it still takes."""
    if upload.state == "receiving":
        return Going(upload.received * 100 // max(upload.size, 1))
    share = min(upload.progress / max(upload.size, 1), 1)
    if upload.state != "importing" or not upload.started_at or share < 0.03:
        return Going(int(share * 100))
    seconds = (now() - upload.started_at).total_seconds() * (1 - share) / share
    return Going(int(share * 100), _left(seconds))


def _left(seconds: float) -> str:
    if seconds < 45:
        return _("less than a minute left")
    minutes = max(1, round(seconds / 60))
    return ngettext("about a minute left", "about %(count)s minutes left", minutes)


@dataclass(slots=True)
class Cell:
    """One cell in an editor. `place` is its column's; `long` where it needs several lines."""

    place: int
    name: str
    text: str
    long: bool = False


@dataclass(slots=True)
class Editable:
    """A row in an editor: cells that matter, and all others."""

    row: QuarantinedRow
    first: list[Cell]
    others: list[Cell]


def editable(
    batch: Batch, rows: list[QuarantinedRow], typed: Mapping[int, Mapping[int, str]]
) -> list[Editable]:
    """The rows of a group for an editor, at most EDITABLE, those to blame first."""
    shortest = min(len(row.reason) for row in rows)
    ordered = sorted(rows, key=lambda row: (len(row.reason) != shortest, row.line))[:EDITABLE]
    if is_json(batch):
        return [
            Editable(row, [Cell(0, _("The object"), _text(row, typed), True)], [])
            for row in ordered
        ]
    needed = _needed(batch)
    return [_editable(batch.header, row, needed, typed.get(row.id, {})) for row in ordered]


def _editable(
    header: list[str], row: QuarantinedRow, needed: set[str], typed: Mapping[int, str]
) -> Editable:
    cells = [
        Cell(
            place,
            header[place] if place < len(header) else _("Without a name (%(n)s)", n=place + 1),
            typed.get(place, text),
            "\n" in text or len(text) > 90,
        )
        for place, text in enumerate(cells_of(row, len(header)))
    ]
    blamed = [c for c in cells if f"“{c.name}”" in row.reason or c.place >= len(header)]
    wanted = blamed + [c for c in cells if fold(c.name) in needed and c not in blamed]
    first = wanted[: max(FIRST, len(blamed))]
    shown = {cell.place for cell in first}
    return Editable(row, first, [cell for cell in cells if cell.place not in shown])


def _needed(batch: Batch) -> set[str]:
    reader, known = reader_for(batch), {fold(name) for name in batch.header}
    required = {fold(name) for names in reader.REQUIRED for name in names}
    return (required or {fold(name) for name in reader.recognise([])}) & known


def _text(row: QuarantinedRow, typed: Mapping[int, Mapping[int, str]]) -> str:
    """An object's text over several lines, its numbers exactly as they were written."""
    text = cells_of(row, 1)[0]
    if 0 in typed.get(row.id, {}):
        return typed[row.id][0]
    try:
        found = json.loads(text, parse_float=lambda number: f"\0{number}\0")
        laid_out = json.dumps(found, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
    return re.sub(r'"\\u0000([^"\\]*)\\u0000"', r"\1", laid_out)
