"""An order of our own export as a record: every column of it, with or without its lines."""

from portal.imports.exports.columns import ADDRESS
from portal.imports.reading.cells import empty, whole, wrong
from portal.imports.reading.own_rows import Own, raw_of
from portal.imports.records import Address, LineRecord, OrderRecord
from portal.lib.text import _


def order_of(number: str, held: list[Own]) -> OrderRecord:
    """The order that the first row tells; Trouble where it can't be."""
    cells = held[0]
    record = OrderRecord(number, *raw_of(held))
    record.external_id = cells.code("shop'sid")
    record.member_number = cells.member("orderedbymember")
    record.email = cells.email("email")
    record.phone = cells.text("phone", most=60)
    record.currency = cells.currency("currency")
    _times(record, cells)
    _sums(record, cells)
    record.financial_status = cells.text("paymentstate", most=24)
    record.fulfilment_status = cells.text("deliverystate", most=24)
    record.discount_code = cells.text("discountcode", most=200)
    record.shipping_method = cells.text("shippedby", most=200)
    record.payment_method = cells.text("paidwith", most=200)
    record.payment_reference = cells.text("paidunder", most=200)
    record.note, record.tags = cells.text("note"), cells.text("tags", most=500)
    record.tracking = cells.several("trackingnumbers")
    if carrier := cells.text("carrier", most=60):
        record.attributes = {"carrier": carrier}
    record.billing, record.delivery = _address(cells, "billing"), _address(cells, "delivery")
    if not record.member_number:
        record.name = (record.billing.get("name") or record.delivery.get("name") or "")[:200]
    return record


def _times(record: OrderRecord, cells: Own) -> None:
    record.placed_at = cells.at("placedat")
    if record.placed_at is None:
        raise empty(cells.column("placedat"))
    record.offset = whole(cells.text("placedoffset"), cells.column("placedoffset")) or 0
    if abs(record.offset) > 24 * 60:
        offset = str(record.offset)
        raise wrong(cells.column("placedoffset"), offset, _("which is no offset in minutes"))
    record.paid_at, record.fulfilled_at = cells.at("paidat"), cells.at("sentat")
    record.cancelled_at, record.modified_at = cells.at("cancelledat"), cells.at("lastchangedat")


def _sums(record: OrderRecord, cells: Own) -> None:
    currency = record.currency
    record.total = cells.needed_money(currency, "total")
    record.discount = cells.amount(currency, "discount")
    record.shipping = cells.amount(currency, "shipping")
    record.taxes = cells.amount(currency, "tax")
    record.refunded = cells.amount(currency, "refunded")
    record.outstanding = cells.amount(currency, "outstanding")


def _address(cells: Own, kind: str) -> Address:
    found = {field: cells.text(f"{kind}{field}", most=300) for field in ADDRESS}
    return {field: value for field, value in found.items() if value}


def line_of(cells: Own, currency: str) -> LineRecord | None:
    """The line that a row tells; None in the one row of an order without lines."""
    if not cells.text("line").strip() and not cells.text("quantity").strip():
        return None
    quantity = whole(cells.text("quantity"), cells.column("quantity"))
    if quantity is None:
        raise empty(cells.column("quantity"))
    return LineRecord(
        cells.text("title", most=400),
        quantity,
        cells.needed_money(currency, "unitprice"),
        cells.code("sku", most=200),
        cells.text("vendor", most=200),
        cells.amount(currency, "linediscount"),
        cells.text("linestate", most=24),
        cells.code("productid"),
    )
