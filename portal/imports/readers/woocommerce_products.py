"""WooCommerce's products as its REST interface (version 3) answers them, and their variations."""

from collections.abc import Iterable, Iterator

from portal.imports.readers import Context, lacking
from portal.imports.reading.cells import Trouble, wrong
from portal.imports.reading.woocommerce_json import Thing, records
from portal.imports.records import Nothing, ProductRecord, Record, Row
from portal.lib.money import minor_digits
from portal.lib.text import _

KIND = "woocommerce-products"
FORMATS = ("json",)
REQUIRED = (
    ("id",),
    ("sku",),
    ("price",),
    ("regular_price",),
    ("name", "parent_id", "attributes"),
    ("stock_status", "manage_stock", "in_stock"),
    ("date_modified_gmt", "date_modified"),
)
DATES: tuple[str, ...] = ()
#: What the shop does not show to anybody yet, or no longer.
HIDDEN = frozenset({"draft", "auto-draft", "pending", "private", "trash"})


def recognise(header: Iterable[str]) -> list[str]:
    """The fields that an object lacks for a product."""
    return lacking(REQUIRED, header)


def read(rows: Iterable[Row], context: Context) -> Iterator[Record]:
    """Objects to products, one at a time, in the order of the file."""

    def make(line: int, cells: list[str], thing: Thing) -> Record:
        return _product(line, cells, thing, context)

    yield from records(rows, make, "id")


def _product(line: int, cells: list[str], thing: Thing, context: Context) -> Record:
    if thing.text("status").casefold() in HIDDEN:
        return Nothing([line])
    digits = minor_digits(context.currency)
    product = ProductRecord(thing.words("sku", 201), [line], [cells])
    product.external_id = thing.key("id")
    if len(product.sku) > 200:
        raise wrong("sku", product.sku, _("which is too long for a SKU"))
    if not product.sku and not product.external_id:
        raise Trouble(_("The product has neither a SKU nor an id."))
    product.title = (thing.words("name", 400) or _options(thing))[:400]
    priced = next((name for name in ("price", "regular_price") if thing.text(name)), "")
    product.price = thing.rounded(priced, digits) if priced else None
    product.currency = context.currency
    brands = [brand.words("name") for brand in thing.things("brands")]
    product.vendor = ", ".join(filter(None, brands))[:200]
    product.at = thing.moment("date_modified", context.zone) or thing.moment(
        "date_created", context.zone
    )
    return product


def _options(thing: Thing) -> str:
    """What tells a variation from others, where it has no name of its own."""
    options = [part.words("option") for part in thing.things("attributes")]
    return ", ".join(filter(None, options))
