"""The cards of the dashboard by name: what each one shows, and how its fragment is kept fresh."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.account import news
from portal.lib.clock import now
from portal.lib.dates import local
from portal.lib.htmx import etag_of
from portal.loyalty import card as loyalty
from portal.members.models import Member
from portal.orders import card as orders
from portal.shop.models import settings


@dataclass(frozen=True)
class Kind:
    """A card: its template, what the template calls it, and how it is made."""

    template: str
    name: str
    make: Callable[[Member], Any]


CARDS = {
    "orders": Kind("orders/_card.html", "card", orders.card),
    "open": Kind("account/_open.html", "open", orders.open_orders),
    "loyalty": Kind("loyalty/_card.html", "card", loyalty.card),
    "news": Kind("account/_news.html", "news", news.card),
}


def etag(name: str, member: Member) -> str:
    """What a card's content depends on, known before any query.

    The day counts, since "on its way" and "yesterday" end with it; the clock's ten minutes count
    for points, which ripen by themselves.
    """
    today = local(now()).date()
    return etag_of(name, member.id, member.version, member.last_visit_at, today, settings())
