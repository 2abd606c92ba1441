"""The code on a card that a scanner reads: what it holds, and how it is drawn.

It holds the member's number alone, without hyphens, as a person would type it into the search
of the desk or a till. No web address: a till would type it out, every other phone would open it,
and a printed card would die with the shop's domain. No secret: a card is shown to everybody, is
printed and kept without a net, so it could not be called back; the number says who somebody
claims to be and opens nothing. Hyphens are left out, since scanners set to another keyboard
type them wrong.
"""

from dataclasses import dataclass
from functools import lru_cache

import segno
from barcode import Code128

from portal.lib.tokens import plain_code

QR, CODE128 = "qr", "code128"
_TALL = 40  # modules; the bars of a Code 128


@dataclass(frozen=True)
class Drawing:
    """A code as one SVG path in modules, its quiet zone included."""

    kind: str
    width: int
    height: int
    path: str


@lru_cache(maxsize=512)
def drawing(number: str, kind: str) -> Drawing:
    """The code of a member number: `qr`, or `code128` for scanners that read bars alone."""
    text = plain_code(number)
    return _bars(text) if kind == CODE128 else _squares(text)


def _squares(text: str) -> Drawing:
    """A QR code that survives the loss of a third of it; quiet zone of 4 modules (ISO 18004)."""
    rows = segno.make_qr(text, error="h", mode="alphanumeric").matrix
    around = 4
    side = len(rows) + 2 * around
    path = "".join(
        f"M{start + around} {y + around}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return Drawing(QR, side, side, path)


def _bars(text: str) -> Drawing:
    """A Code 128; quiet zone of 10 modules (ISO 15417)."""
    row = [int(module) for module in Code128(text).build()[0]]
    around = 10
    path = "".join(
        f"M{start + around} 2h{length}v{_TALL}h-{length}z" for start, length in _runs(row)
    )
    return Drawing(CODE128, len(row) + 2 * around, _TALL + 4, path)


def _runs(row: bytearray | list[int]) -> list[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
