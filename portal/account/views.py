"""The dashboard, and its cards one by one."""

from flask import Blueprint, Response, abort

from portal.account import news
from portal.account.cards import CARDS, etag
from portal.joining import checklist
from portal.lib.guard import current_member
from portal.lib.htmx import page, partial, unchanged
from portal.loyalty import card as loyalty
from portal.orders import card as orders
from portal.wishlist import card as wishlist

account = Blueprint("account", __name__)


@account.get("/")
def home() -> Response:
    """The whole account at a glance."""
    member = current_member._get_current_object()
    bought = orders.card(member)
    return page(
        "account/home.html",
        orders=bought,
        open=bought.waiting,
        loyalty=loyalty.card(member),
        wishlist=wishlist.card(member),
        news=news.card(member),
        start=checklist.card(member),
    )


@account.get("/account/cards/<name>")
def card(name: str) -> Response:
    """One card alone, for the page that refreshes it; 304 when nothing changed."""
    kind = CARDS.get(name)
    if kind is None:
        abort(404)
    member = current_member._get_current_object()
    tag = etag(name, member)
    kept = unchanged(tag)
    if kept:
        return kept
    made = {kind.name: kind.make(member)}
    return partial(kind.template, etag=tag, readonly=False, **made)
