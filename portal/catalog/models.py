"""A product, as the shop's orders name it."""

from peewee import BigIntegerField, CharField, DateTimeField

from portal.lib.clock import now
from portal.lib.db import Base


class Product(Base):
    """A thing with a SKU (kept as written); title and price are those of the newest order."""

    shop = CharField(max_length=60)
    sku = CharField(max_length=200)  # `id:123` where the shop gave it none
    external_id = CharField(max_length=60, null=True)  # the shop's own id, where a file told it
    title = CharField(max_length=400)
    vendor = CharField(max_length=200, default="")
    price = BigIntegerField(null=True)
    currency = CharField(max_length=3, null=True)
    seen_at = DateTimeField(default=now)  # time of the order that title and price come from

    class Meta:
        indexes = ((("shop", "sku"), True), (("shop", "external_id"), False))
