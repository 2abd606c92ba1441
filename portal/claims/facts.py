"""What somebody can say of an order who has its papers: its number, a postcode, the total."""

import re

from portal.lib.money import NotMoney, parse_money
from portal.orders.models import Order

SAME_NUMBER = 20  # orders of one number, in as many shops


def order_number(typed: str) -> str:
    """A number as the orders have it: without the # that confirmations print."""
    return " ".join(typed.split()).removeprefix("#").strip()


def numbered(typed: str) -> list[Order]:
    """The orders with that number, the newest first: each shop of one database counts by itself."""
    number = order_number(typed)
    query = Order.select().where(Order.number.in_({number, number.upper()}))
    return list(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(SAME_NUMBER))


def has_postcode(order: Order, typed: str) -> bool:
    """Whether the order went to that postcode, or its bill did; blanks and case aside."""
    wanted = _plain(typed)
    known = {_plain(str(part.get("zip") or "")) for part in (order.billing, order.delivery)}
    return len(wanted) >= 3 and wanted in known


def has_total(order: Order, typed: str) -> bool:
    """Whether that is what the order came to; an order of nothing can't be told by it."""
    try:
        return order.total > 0 and amount(typed, order.currency) == order.total
    except NotMoney:
        return False


def amount(typed: str, currency: str) -> int:
    """An amount as people write it (`€87.40`, `87,40`, `1.234,50 EUR`) in minor units.

    The last sign is the decimal one where at most two digits follow it, or both signs are there.
    Raises NotMoney.
    """
    digits = "".join(c for c in typed if c in "0123456789.,")
    whole, sign, rest = _parted(digits)
    plain = re.sub("[.,]", "", whole)
    return parse_money(f"{plain}.{rest}" if sign and rest else plain, currency)


def _parted(digits: str) -> tuple[str, str, str]:
    place = max(digits.rfind("."), digits.rfind(","))
    if place < 0:
        return digits, "", ""
    whole, sign, rest = digits[:place], digits[place], digits[place + 1 :]
    both = {".", ","} <= set(digits)
    thousands = len(rest) == 3 and not (both and digits.count(sign) == 1)
    return (whole + rest, "", "") if thousands else (whole, sign, rest)


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())
