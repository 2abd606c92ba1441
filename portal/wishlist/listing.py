"""The saved things as they are read: in order, with today's price and a way to the shop."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Value

from portal.catalog.link import product_link
from portal.catalog.models import Product
from portal.lib.db import Compiled
from portal.members.models import Member
from portal.wishlist.models import MOST, WishlistItem


@dataclass(frozen=True)
class Saved:
    """One saved thing; money in minor units, `cheaper` by how much its price has fallen since."""

    id: int
    sku: str
    title: str
    note: str
    price: int | None
    currency: str
    cheaper: int
    link: str


def _items(p: Any) -> Any:
    item = WishlistItem
    return (
        item.select(
            item.id,
            item.sku,
            item.title,
            item.note,
            item.price.alias("was"),
            item.currency.alias("was_in"),
            Product.title.alias("newest_title"),
            Product.price.alias("price"),
            Product.currency.alias("currency"),
        )
        .join(Product, JOIN.LEFT_OUTER, on=(item.product == Product.id))
        .where((item.member == p("member")) & item.removed_at.is_null())
        .order_by(item.position, item.id)
        .limit(Value(MOST))
    )


_ITEMS = Compiled(_items)


def saved(member: Member) -> list[Saved]:
    """The member's list from the top, in one statement."""
    return [_saved(row) for row in _ITEMS.all(member=member.id)]


def find_product(sku: str, shop: str = "") -> Product | None:
    """The product with this SKU; where several shops have it, the one that was sold last."""
    query = Product.select().where(Product.sku == sku)
    if shop:
        query = query.where(Product.shop == shop)
    return query.order_by(Product.seen_at.desc(), Product.id.desc()).first()


def _saved(row: Any) -> Saved:
    comparable = row.price is not None and row.was is not None and row.currency == row.was_in
    # A product that is gone keeps the price of the day it was saved.
    price, currency = (row.price, row.currency) if row.newest_title else (row.was, row.was_in)
    return Saved(
        id=row.id,
        sku=row.sku,
        title=row.newest_title or row.title,
        note=row.note,
        price=price,
        currency=currency or "",
        cheaper=max(0, row.was - row.price) if comparable else 0,
        link=product_link(row.sku),
    )
