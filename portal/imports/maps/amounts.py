"""Amounts of mapped files: read exactly, and rounded to whole coins only as the map says."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, localcontext
from functools import lru_cache

from portal.imports.maps.grammar import Rounding
from portal.imports.reading.cells import (
    COMMA_GROUPS,
    DECIMAL_COMMA,
    MOST,
    PLAIN,
    POINT_GROUPS,
    Trouble,
    clean,
)
from portal.lib.text import _

MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}
EXACT = Context(prec=60)
SIGNS = "€$£¥ \u00a0\u202f"


@lru_cache(maxsize=16384)
def number(text: str, comma: bool) -> Decimal | None:
    """A number as written, exactly; None when blank, ValueError when it is none.

    `1,250.5`, `1.250,5`, `€ 12.50`, `(3.00)` for a negative one. `comma`: a lone comma is decimal.
    """
    text = clean(text).strip(SIGNS).replace("\u2212", "-")
    if not text:
        return None
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1].strip(SIGNS)
    if text.startswith("-"):
        text = "-" + text[1:].strip(SIGNS)
    if text.startswith("."):
        text = "0" + text
    if PLAIN.fullmatch(text) and not (comma and POINT_GROUPS.fullmatch(text)):
        plain = text
    elif comma and DECIMAL_COMMA.fullmatch(text):
        plain = text.replace(",", ".")
    elif COMMA_GROUPS.fullmatch(text):
        if comma and "." not in text and text.count(",") == 1:
            raise ValueError(_("which can be read in two ways"))
        plain = text.replace(",", "")
    elif POINT_GROUPS.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
    elif DECIMAL_COMMA.fullmatch(text):
        plain = text.replace(",", ".")
    else:
        raise ValueError(_("which is not an amount"))
    if len(plain) > 40:
        raise ValueError(_("which is too long a number"))
    return Decimal(plain)


def coins(text: str, digits: int, comma: bool, minor: bool) -> Decimal | None:
    """An amount in the smallest coins of a currency with `digits` decimals, fractions and all."""
    amount = number(text, comma)
    if amount is None:
        return None
    amount = amount if minor else amount.scaleb(digits, EXACT)
    if abs(amount) >= MOST:
        raise ValueError(_("which is too large an amount"))
    return amount


def times(one: Decimal, other: Decimal) -> Decimal:
    """A product without loss."""
    return EXACT.multiply(one, other)


def whole(amount: Decimal, rounding: Rounding | None) -> int:
    """Whole coins; Trouble for a fraction of one where the map does not say how to round."""
    rounded = amount.to_integral_value(MODES[rounding.mode] if rounding else ROUND_HALF_UP)
    if rounding is None and rounded != amount:
        raise Trouble(
            _(
                "An amount comes to a fraction of the smallest coin (%(amount)s):"
                " say “rounding” in the map.",
                amount=f"{amount.normalize():f}"[:40],
            )
        )
    return int(rounded)


def share(total: Decimal, quantity: int) -> int:
    """The price of one of `quantity` that cost `total`, rounded away from zero."""
    if not quantity:
        return 0
    with localcontext(EXACT):
        return int((total / quantity).to_integral_value(ROUND_UP))
