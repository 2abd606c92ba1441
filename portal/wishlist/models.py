"""A thing that a member saved for later."""

from typing import Any

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField, IntegerField, fn

from portal.catalog.models import Product
from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member

MOST = 300  # things on one list


class WishlistItem(Base):
    """A saved product; removing keeps the row, so that it can be undone."""

    member = ForeignKeyField(Member, backref="wishlist_items", on_delete="CASCADE", index=False)
    product = ForeignKeyField(Product, null=True, backref="wishlist_items", on_delete="SET NULL")
    shop = CharField(max_length=60, default="")
    sku = CharField(max_length=200)
    title = CharField(max_length=400)
    price = BigIntegerField(null=True)  # when it was saved, in minor units
    currency = CharField(max_length=3, null=True)
    note = CharField(max_length=300, default="")
    position = IntegerField(default=0)  # the smallest stands first
    created_at = DateTimeField(default=now)
    removed_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("member", "shop", "sku"), True),
            (("member", "position", "id"), False),
        )

    @classmethod
    def keep(cls, member: Member, product: Product) -> bool:
        """Save a product on top of the list; False when it is there already."""
        with write_tx():
            member.touch()
            listed = _listed(member)
            if listed.where(cls.shop == product.shop, cls.sku == product.sku).exists():
                return False
            if listed.count() >= MOST:
                raise Refused(_("Your list is full. Remove something, then save this again."))
            first = listed.select(fn.MIN(cls.position)).scalar()
            values: dict[Any, Any] = {
                cls.product: product,
                cls.title: product.title,
                cls.price: product.price,
                cls.currency: product.currency,
                cls.position: (first or 0) - 1,
                cls.created_at: now(),
                cls.removed_at: None,
            }
            named = {cls.member: member, cls.shop: product.shop, cls.sku: product.sku}
            cls.insert({**named, **values}).on_conflict(
                conflict_target=[cls.member, cls.shop, cls.sku], update=values
            ).execute()
            member.record("wishlist.saved", subject=product.sku[:120], title=product.title)
            return True

    def remove(self) -> bool:
        """Take it off the list; False when it was off already."""
        return self._turn(WishlistItem.removed_at.is_null(), now(), "wishlist.removed")

    def restore(self) -> bool:
        """Put it back where it stood; False when it is on the list."""
        return self._turn(WishlistItem.removed_at.is_null(False), None, "wishlist.restored")

    def write_note(self, note: str) -> None:
        """Keep a few words beside it."""
        with write_tx():
            self.member.touch()
            WishlistItem.update(note=note).where(WishlistItem.id == self.id).execute()

    def move(self, step: int, shown_at: int) -> bool:
        """Change places with the neighbour above (-1) or below (1).

        Only from the place where the page showed it, so that a double click moves it once.
        """
        with write_tx():
            self.member.touch()
            rows = list(_listed(self.member).order_by(WishlistItem.position, WishlistItem.id))
            at = next((n for n, row in enumerate(rows) if row.id == self.id), None)
            if at is None or at != shown_at or not 0 <= at + step < len(rows):
                return False
            rows[at], rows[at + step] = rows[at + step], rows[at]
            for place, row in enumerate(rows):
                if row.position != place:
                    WishlistItem.update(position=place).where(WishlistItem.id == row.id).execute()
            return True

    def _turn(self, where: Any, removed_at: Any, kind: str) -> bool:
        with write_tx():
            self.member.touch()
            turned = (
                WishlistItem.update(removed_at=removed_at)
                .where((WishlistItem.id == self.id) & where)
                .execute()
            )
            if turned:
                self.member.record(kind, subject=self.sku[:120], title=self.title)
            return bool(turned)


def _listed(member: Member) -> Any:
    return member.wishlist_items.where(WishlistItem.removed_at.is_null())
