"""The cards of the dashboard by name: what each one shows, and how its fragment is kept fresh."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.account import news
from portal.joining import checklist
from portal.lib.clock import now
from portal.lib.dates import local
from portal.lib.htmx import etag_of
from portal.loyalty import card as loyalty
from portal.members.models import Member
from portal.orders import card as orders
from portal.shop.models import settings
from portal.wishlist import card as wishlist


@dataclass(frozen=True)
class Kind:
    """A card: its template, what the template calls it, and how it is made."""

    template: str
    name: str
    make: Callable[[Member], Any]


CARDS = {
    "orders": Kind("orders/_card.html", "card", orders.card),
    "open": Kind("account/_open.html", "open", orders.waiting),
    "loyalty": Kind("loyalty/_card.html", "card", loyalty.card),
    "wishlist": Kind("wishlist/_card.html", "card", wishlist.card),
    "start": Kind("joining/_card.html", "start", checklist.card),
    "news": Kind("account/_news.html", "news", news.card),
}


def etag(name: str, member: Member) -> str:
    """What a card's content depends on, known before any query.

    The day counts too, since "on its way" and "yesterday" end with it. Points ripen and prices
    change without the member: the hour is a part for those two cards.
    """
    moment = local(now())
    hour = moment.hour if name in ("loyalty", "wishlist") else ""
    seen = (member.id, member.version, member.last_visit_at)
    return etag_of(name, *seen, moment.date(), hour, settings())
