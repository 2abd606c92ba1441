"""A thing that a member saved for later."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField

from portal.catalog.models import Product
from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class WishlistItem(Base):
    """A saved product; removing keeps the row for a while, so that it can be undone."""

    member = ForeignKeyField(Member, backref="wishlist_items", on_delete="CASCADE", index=False)
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    sku = CharField(max_length=200)
    title = CharField(max_length=400)
    note = CharField(max_length=300, default="")
    position = IntegerField(default=0)
    created_at = DateTimeField(default=now)
    removed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "sku"), True),)
