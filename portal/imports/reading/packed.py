"""Cells in which WebToffee packs several things: `name:Tea|quantity:2`, joined by `;` or `||`.

Split at `|`, then at the first `:`; a name may hold both. Values that are PHP's own format are text
that nobody unpacks: they could do anything there, and tell nothing here.
"""

import html
import re
from functools import lru_cache

TRACKING = re.compile(r"""["']tracking_number["']\s*(?:;s:[0-9]+)?:\s*["']([^"']{1,60})["']""")
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]{0,60}")


def fields(cell: str) -> dict[str, str]:
    """The fields of one thing; a piece that names none belongs to the value before it."""
    found: dict[str, str] = {}
    last = ""
    for piece in cell.split("|"):
        name, colon, value = piece.partition(":")
        name = name.strip()
        if name == "meta":
            last = ""
        elif colon and FIELD.fullmatch(name) and name not in found:
            found[name], last = value, name
        elif last:
            found[last] += "|" + piece
    return found


def things(cell: str, first: str, joint: str = ";") -> list[dict[str, str]]:
    """The things of a cell, each beginning with the field `first`."""
    parts = _joint(first, joint).split(cell.strip())
    return [fields(part) for part in parts if part.strip().startswith(first + ":")]


@lru_cache(maxsize=16)
def _joint(first: str, joint: str) -> re.Pattern[str]:
    return re.compile(rf"\s*{re.escape(joint)}\s*(?={re.escape(first)}:)")


def plain(text: str) -> str:
    """A name without the HTML that WordPress keeps it in."""
    return html.unescape(text).strip() if "&" in text else text.strip()


def tracking(cell: str) -> list[str]:
    """Tracking numbers in what the Shipment Tracking plug-in keeps, as JSON or as PHP's text."""
    return TRACKING.findall(cell)
