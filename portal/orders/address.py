"""Where an order went and who was billed, as one would write it on an envelope."""

from functools import lru_cache
from typing import Any

from babel import Locale

from portal.lib.text import _


def addresses(order: Any) -> list[tuple[str, str]]:
    """Pairs of what the address is for and the address in one line; a common one stands once."""
    delivery, billing = _line(order.delivery), _line(order.billing)
    if delivery and delivery == billing:
        return [(_("Sent and billed to"), delivery)]
    pairs = [(_("Sent to"), delivery), (_("Billed to"), billing)]
    return [(words, line) for words, line in pairs if line]


def _line(address: dict[str, str]) -> str:
    town = f"{address.get('zip', '')} {address.get('city', '')}".strip()
    named = [address.get(key, "") for key in ("name", "company", "street1", "street2")]
    rest = [town, address.get("province", ""), _country(address.get("country", ""))]
    # A country alone is no address: shops' files often hold nothing but that.
    return ", ".join(part for part in [*named, *rest] if part) if any([*named, town]) else ""


@lru_cache(maxsize=512)
def _country(code: str) -> str:
    """The name of a country by its ISO 3166 code; anything else stays as written."""
    return str(Locale("en").territories.get(code.upper(), code)) if len(code) == 2 else code
