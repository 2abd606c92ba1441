"""Where a product can be bought again: the shop's own page for its SKU."""

from urllib.parse import quote, urlsplit

from portal.shop.models import settings


def product_link(sku: str) -> str:
    """The address of the product's page, or "" where there is no SKU or the shop set no pattern."""
    pattern = settings().product_link
    if not sku or urlsplit(pattern).scheme not in ("http", "https"):
        return ""
    return pattern.replace("{sku}", quote(sku, safe=""))
