"""Money: integer minor units and an ISO 4217 code, never a float."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision, list_currencies


class NotMoney(ValueError):
    """The text is no amount in that currency; the message says why."""


@lru_cache(maxsize=256)
def minor_digits(currency: str) -> int:
    """How many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD (CLDR)."""
    return get_currency_precision(currency)


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """All ISO 4217 codes that CLDR knows."""
    return frozenset(list_currencies())


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units to minor units; a fraction of a minor unit raises NotMoney."""
    scaled = amount.scaleb(minor_digits(currency))
    whole = scaled.to_integral_value()
    if whole != scaled:
        raise NotMoney(f"{amount} has more decimals than {currency} allows")
    if abs(whole) >= 10**15:
        raise NotMoney(f"{amount} is too large")
    return int(whole)


def parse_money(text: str, currency: str) -> int:
    """A plain decimal such as `12.50` typed by a person, to minor units; raises NotMoney."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise NotMoney(f"“{text}” is not an amount") from None
    if not amount.is_finite() or "_" in text:
        raise NotMoney(f"“{text}” is not an amount")
    return to_minor(amount, currency)


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as a decimal string for machines: 17822195 GBP is `178221.95`."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


@lru_cache(maxsize=8192)
def format_money(minor: int, currency: str) -> str:
    """Minor units as people read them: 8740 EUR is `€87.40`; a true minus, as wide as a digit."""
    amount = Decimal(minor).scaleb(-minor_digits(currency))
    return format_currency(amount, currency, locale="en").replace("-", "−")
