"""The dashboard, and its cards one by one."""

from flask import Blueprint, Response, abort

from portal.account import news
from portal.account.cards import CARDS, etag
from portal.lib.guard import current_member
from portal.lib.htmx import page, partial, unchanged
from portal.loyalty import card as loyalty
from portal.orders import card as orders
from portal.wishlist import card as wishlist

account = Blueprint("account", __name__)


@account.get("/")
def home() -> Response:
    """The whole account at a glance."""
    bought = orders.card(current_member)
    return page(
        "account/home.html",
        orders=bought,
        open=bought.waiting,
        loyalty=loyalty.card(current_member),
        wishlist=wishlist.card(current_member),
        news=news.card(current_member),
    )


@account.get("/account/cards/<name>")
def card(name: str) -> Response:
    """One card alone, for the page that refreshes it; 304 when nothing changed."""
    kind = CARDS.get(name)
    if kind is None:
        abort(404)
    tag = etag(name, current_member)
    kept = unchanged(tag)
    if kept:
        return kept
    made = {kind.name: kind.make(current_member)}
    return partial(kind.template, etag=tag, readonly=False, **made)
