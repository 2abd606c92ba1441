"""WebToffee's exports of a WooCommerce shop, with everything that they pack into one cell."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from exports import adds_up, counts, paid, refunded
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.catalog.models import Product
from portal.imports.models import QuarantinedRow, RawRow
from portal.imports.reading import packed
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.members.models import CustomerId, EmailAddress, Member
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.shop.models import change_settings

ROW = {
    "order_id": "963", "order_number": "963", "order_date": "2025-03-01 09:58:12",
    "paid_date": "2025-03-01 09:59:00", "status": "completed", "shipping_total": "4.50",
    "shipping_tax_total": "0.90", "fee_total": "2.00", "fee_tax_total": "0.00",
    "tax_total": "5.30", "cart_discount": "2.00", "order_discount": "2.00",
    "discount_total": "2.00", "order_total": "33.80", "order_subtotal": "24.00",
    "order_key": "wc_order_abc", "order_currency": "EUR", "payment_method": "stripe",
    "payment_method_title": "Card", "transaction_id": "ch_1", "customer_ip_address": "203.0.113.9",
    "customer_user_agent": "Mozilla", "shipping_method": "Flat rate", "customer_id": "7",
    "customer_user": "7", "customer_email": "ana@example.com", "billing_first_name": "Ana",
    "billing_last_name": "Pérez", "billing_company": "", "billing_email": "ana@example.com",
    "billing_phone": "+34 600 000 001", "billing_address_1": "Calle 1", "billing_address_2": "",
    "billing_postcode": "'08001", "billing_city": "Barcelona", "billing_state": "B",
    "billing_country": "ES", "shipping_first_name": "Ana", "shipping_last_name": "Pérez",
    "shipping_company": "", "shipping_phone": "", "shipping_address_1": "Calle 1",
    "shipping_address_2": "", "shipping_postcode": "08001", "shipping_city": "Barcelona",
    "shipping_state": "B", "shipping_country": "ES", "customer_note": "Ring twice",
    "wt_import_key": "963",
    "tax_items": "rate_id:1|code:ES-VAT-1|total:5.30|label:VAT|tax_rate_compound:",
    "shipping_items": "items:Tea &times; 2|method_id:flat_rate|taxes:a:1:{s:5:\"total\";a:0:{}}",
    "fee_items": "name:Gift wrap|total:2.00|tax:0.00|tax_data:a:0:{}",
    "coupon_items": "code:spring|amount:1.00;code:tea; two|amount:1.00",
    "refund_items": "", "order_notes": "Paid||Sent", "download_permissions": "1",
    "meta:_wc_shipment_tracking_items": 'a:1:{i:0;a:2:{s:17:"tracking_provider";s:3:"DHL";'
                                        's:15:"tracking_number";s:10:"JD01460001";}}',
    "line_item_1": "name:Tea: green &amp; fine|product_id:12|sku:TEA-1|quantity:2|total:18.00|"
                   "sub_total:20.00|tax:3.60|tax_data:{\"total\":{\"1\":\"3.6\"}}|meta:Size:Big",
    "line_item_2": "name:Cup|with handle|product_id:13|sku:|quantity:1|total:4.00|sub_total:4.00",
}  # fmt: skip
USER = {
    "ID": "7", "customer_id": "7", "user_login": "ana", "user_pass": "$P$Bhashhashhash",
    "user_email": "ana@example.com", "user_registered": "2024-01-01 10:00:00",
    "display_name": "ana", "first_name": "Ana", "last_name": "Pérez", "roles": "customer",
    "session_tokens": "a:1:{s:64:\"secretsecret\";}", "billing_phone": "600 000 001",
    "billing_email": "", "billing_postcode": "'08001", "billing_city": "Barcelona",
}  # fmt: skip
Bring = Callable[..., Result]


def row(**cells: str) -> dict[str, str]:
    """An order; `order_id="5"` sets the number too."""
    own = {"order_number": cells["order_id"]} if "order_id" in cells else {}
    return ROW | own | cells


def test_an_order_comes_in_with_all_that_is_packed(bring: Bring) -> None:
    result = bring(row())
    assert (result.kind, result.exit_code) == ("webtoffee-orders", 0)
    assert result.tally.created["lines"] == 3
    order = Order.get()
    assert (order.number, order.external_id, order.total, order.tax) == ("963", "963", 3380, 530)
    assert (order.shipping, order.discount, order.not_itemised) == (450, 0, 0)
    assert (order.pay_status, order.ship_status) == ("paid", "fulfilled")
    assert (order.discount_code, order.shipping_method) == ("spring, tea; two", "Flat rate")
    assert (order.note, order.pay_method) == ("Ring twice", "Card")
    assert order.billing == {
        "name": "Ana Pérez", "street1": "Calle 1", "city": "Barcelona", "zip": "08001",
        "province": "B", "country": "ES", "phone": "+34 600 000 001",
    }  # fmt: skip
    lines = OrderLine.select().order_by(OrderLine.position)
    assert [(x.title, x.sku, x.quantity, x.unit_price, x.discount, x.total) for x in lines] == [
        ("Tea: green & fine", "TEA-1", 2, 1000, 200, 1800),
        ("Cup|with handle", lines[1].sku, 1, 400, 0, 400),
        ("Gift wrap", "", 1, 200, 0, 200),
    ]
    assert adds_up(order)
    assert paid("963") == [("summary", 3380, True)]
    assert Fulfilment.get().tracking_number == "JD01460001"


def test_local_times_are_the_shops(bring: Bring) -> None:
    change_settings(timezone="Europe/Madrid")
    bring(row())
    assert Order.get().placed_at == datetime(2025, 3, 1, 8, 58, 12)


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    first = bring(row(), row(order_id="964"))
    again = import_file(first.file)
    assert (counts(again, "created"), counts(again, "updated")) == ({}, {})
    assert counts(again, "unchanged") == counts(first, "created")


def test_refunds_add_up_and_may_hold_any_reason(bring: Bring) -> None:
    bring(row(refund_items="amount:16.20|reason:Sold; out: sorry|date:2025-03-04 10:00:00;"
                           "amount:-1.00|reason:|date:2025-03-05 10:00:00"))  # fmt: skip
    assert refunded("963") == [(1720, True)]
    assert Order.get().pay_status == "partially_refunded"


@pytest.mark.parametrize(
    ("status", "paid_date", "states"),
    [
        ("wc-completed", "2025-03-01 10:00:00", ("paid", "fulfilled")),
        ("processing", "2025-03-01 10:00:00", ("paid", "unfulfilled")),
        ("processing", "", ("pending", "unfulfilled")),
        ("on-hold", "", ("pending", "unfulfilled")),
        ("pending", "", ("pending", "unfulfilled")),
        ("cancelled", "", ("voided", "unfulfilled")),
        ("failed", "", ("voided", "unfulfilled")),
        ("refunded", "2025-03-01 10:00:00", ("refunded", "")),
        ("Shipped", "2025-03-01 10:00:00", ("paid", "fulfilled")),
        ("awaiting-moon", "2025-03-01 10:00:00", ("paid", "")),
    ],
)
def test_states_are_told_in_our_words(
    bring: Bring, status: str, paid_date: str, states: tuple[str, str]
) -> None:
    assert bring(row(status=status, paid_date=paid_date)).exit_code == 0
    order = Order.get()
    assert (order.pay_status, order.ship_status) == states
    assert order.refunded == (order.total if status == "refunded" else 0)


def test_baskets_and_bins_are_no_orders(bring: Bring) -> None:
    result = bring(row(status="trash"), row(order_id="964", status="checkout-draft"))
    assert (result.tally.skipped, Order.select().count()) == (2, 0)


def test_columns_of_their_own_tell_the_same_lines(bring: Bring) -> None:
    cells = {name: text for name, text in ROW.items() if not name.startswith("line_item")}
    bring(cells | {
        "Product Item 1 Name": "Tea: green &amp; fine", "Product Item 1 id": "12",
        "Product Item 1 SKU": "TEA-1", "Product Item 1 Quantity": "2",
        "Product Item 1 Total": "18.00", "Product Item 1 Subtotal": "20.00",
        "Product Item 2 Name": "Cup|with handle", "Product Item 2 id": "13",
        "Product Item 2 SKU": "", "Product Item 2 Quantity": "1", "Product Item 2 Total": "4.00",
        "Product Item 2 Subtotal": "4.00",
    })  # fmt: skip
    packed_too = bring(row())
    assert (counts(packed_too, "created"), counts(packed_too, "updated")) == ({}, {})


def test_rows_of_their_own_tell_the_same_lines(bring: Bring) -> None:
    cells = {name: text for name, text in ROW.items() if not name.startswith("line_item")}
    tea = {"item_product_id": "12", "item_name": "Tea: green &amp; fine", "item_sku": "TEA-1",
           "item_quantity": "2", "item_subtotal": "20.00", "item_total": "18.00",
           "item_meta": "[]"}  # fmt: skip
    cup = {"item_product_id": "13", "item_name": "Cup|with handle", "item_sku": "",
           "item_quantity": "1", "item_subtotal": "4.00", "item_total": "4.00",
           "item_meta": "{}"}  # fmt: skip
    result = bring(cells | tea, cells | cup)
    assert (counts(result, "created")["orders"], result.tally.rows) == (1, 2)
    packed_too = bring(row())
    assert (counts(packed_too, "created"), counts(packed_too, "updated")) == ({}, {})


def test_a_subtotal_that_does_not_divide_still_adds_up(bring: Bring) -> None:
    bring(row(line_item_1="name:Tea|product_id:12|sku:T|quantity:3|total:9.99|sub_total:10.00",
              line_item_2="", order_total="21.79"))  # fmt: skip
    line = OrderLine.get(OrderLine.sku == "T")
    assert (line.unit_price, line.discount, line.total) == (334, 3, 999)
    assert (adds_up(Order.get()), Order.get().not_itemised) == (True, 0)


def test_taxes_told_apart_are_added_where_the_sum_says_so(bring: Bring) -> None:
    bring(row(tax_total="4.40"))
    assert (Order.get().tax, Order.get().not_itemised) == (530, 0)


def test_guests_have_no_customer_id(bring: Bring) -> None:
    bring(row(customer_id="0", customer_user="0"))
    assert CustomerId.select().count() == 0


def test_an_unreadable_line_puts_its_order_aside(bring: Bring) -> None:
    result = bring(row(line_item_2="name:Cup|quantity:x|total:4"), row(order_id="964"))
    assert result.quarantined == [(2, "“line_item_2” holds “x”, which is not a whole number.")]
    result = bring(row(order_id="965", line_item_2="name:Cup|sku:C"))
    assert result.quarantined == [
        (2, "“line_item_2” holds “Cup ×”, which lacks its quantity or total.")
    ]


def test_products_without_a_sku_are_known_by_their_id(bring: Bring) -> None:
    bring(row())
    assert {product.title for product in Product.select()} == {
        "Tea: green & fine", "Cup|with handle",
    }  # fmt: skip


def test_keys_and_addresses_of_computers_stay_out(bring: Bring) -> None:
    bring(row())
    assert "wc_order_abc" not in RawRow.get().rows


def test_users_come_in_as_people_and_staff_stays_out(bring: Bring) -> None:
    result = bring(
        USER,
        USER | {"ID": "8", "customer_id": "8", "user_email": "boss@example.com",
                "roles": "customer, shop_manager"},
        USER | {"ID": "0", "customer_id": "0", "user_email": "guest@example.com", "roles": ""},
    )  # fmt: skip
    assert (result.kind, result.tally.skipped) == ("webtoffee-customers", 1)
    assert counts(result, "created") == {"members": 2}
    assert {address.folded for address in EmailAddress.select()} == {
        "ana@example.com", "guest@example.com",
    }  # fmt: skip
    assert [row.external_id for row in CustomerId.select()] == ["7"]
    assert Member.select().where(Member.name == "Ana Pérez").count() == 2


def test_hashes_and_tokens_never_come_in(bring: Bring) -> None:
    bring(USER)
    kept = RawRow.get().rows
    assert ("ana@example.com" in kept, "Bhash" in kept, "secret" in kept) == (True, False, False)
    aside = bring(USER | {"user_email": "no address", "user_pass": "$P$Bhashhash"})
    assert aside.quarantined[0][1].startswith("“user_email” holds")
    assert "Bhash" not in QuarantinedRow.get().cells


def test_users_and_orders_name_the_same_people(bring: Bring) -> None:
    bring(USER | {"user_email": "new@example.com"})
    bring(row())
    assert Member.select().count() == 1


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*ROW, "line_item_1", "line_item_2", "refund_items", "fee_items"]),
            st.one_of(
                st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
                st.lists(
                    st.sampled_from(["name:", "quantity:2", "total:1", "amount:1", "|", "||", ";",
                                     "sku:S", "&amp;", ":", "meta:", "sub_total:0", "code:x", "-"]),
                    max_size=9,
                ).map("".join),
            ),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_every_row_is_imported_skipped_or_quarantined(
    app: Flask, written: Callable[..., Path], changes: list[tuple[str, str]]
) -> None:
    result = import_file(written(row() | dict(changes), row(order_id="999")), shop="any")
    assert result.error == ""
    assert result.tally.rows == 2
    assert all(adds_up(order) for order in Order.select())


def test_packed_cells_are_split_at_the_first_colon() -> None:
    assert packed.fields("name:a:b|sku:|quantity:1|meta:k:v|meta:k|x:y|total:3") == {
        "name": "a:b", "sku": "", "quantity": "1", "x": "y", "total": "3",
    }  # fmt: skip


def as_rest(**fields: object) -> dict[str, object]:
    """The same order as `ROW`, as the REST interface answers it."""
    person = {"first_name": "Ana", "last_name": "Pérez", "company": "", "address_1": "Calle 1",
              "address_2": "", "city": "Barcelona", "state": "B", "postcode": "08001",
              "country": "ES"}  # fmt: skip
    contact = {"email": "ana@example.com", "phone": "+34 600 000 001"}
    return {
        "id": 963, "number": "963", "status": "completed", "currency": "EUR",
        "date_created": "2025-03-01T09:58:12", "date_created_gmt": "2025-03-01T09:58:12",
        "date_paid": "2025-03-01T09:59:00", "date_paid_gmt": "2025-03-01T09:59:00",
        "date_completed": None, "date_completed_gmt": None,
        "discount_total": "2.00", "shipping_total": "4.50", "shipping_tax": "0.90",
        "cart_tax": "4.40", "total": "33.80", "total_tax": "5.30", "customer_id": 7,
        "billing": person | contact, "shipping": person | {"phone": ""},
        "payment_method": "stripe", "payment_method_title": "Card", "transaction_id": "ch_1",
        "customer_note": "Ring twice", "refunds": [], "meta_data": [
            {"id": 1, "key": "_wc_shipment_tracking_items",
             "value": [{"tracking_provider": "DHL", "tracking_number": "JD01460001"}]},
        ],
        "line_items": [
            {"id": 1, "name": "Tea: green &amp; fine", "product_id": 12, "variation_id": 0,
             "quantity": 2, "subtotal": "20.00", "total": "18.00", "total_tax": "3.60",
             "sku": "TEA-1", "meta_data": []},
            {"id": 2, "name": "Cup|with handle", "product_id": 13, "variation_id": 0,
             "quantity": 1, "subtotal": "4.00", "total": "4.00", "total_tax": "0.80", "sku": "",
             "meta_data": []},
        ],
        "fee_lines": [{"id": 3, "name": "Gift wrap", "total": "2.00", "total_tax": "0.00"}],
        "shipping_lines": [{"id": 4, "method_title": "Flat rate", "total": "4.50"}],
        "coupon_lines": [{"id": 5, "code": "spring"}, {"id": 6, "code": "tea; two"}],
    } | fields  # fmt: skip


CASES = [
    ({}, {}),
    ({"status": "cancelled"}, {"status": "cancelled"}),
    ({"status": "processing", "paid_date": ""},
     {"status": "processing", "date_paid": None, "date_paid_gmt": None}),
    ({"refund_items": "amount:3.80|reason:|date:2025-03-02 10:00:00"},
     {"refunds": [{"id": 9, "reason": "", "total": "-3.80"}]}),
    ({"status": "refunded"}, {"status": "refunded"}),
    ({"status": "wc-awaiting-moon"}, {"status": "awaiting-moon"}),
]  # fmt: skip


@pytest.mark.parametrize("rest_first", [True, False])
@pytest.mark.parametrize(("cells", "fields"), CASES)
def test_an_order_told_by_both_exports_is_one_order_and_stays_as_it_is(
    bring: Bring, tmp_path: Path, cells: dict[str, str], fields: dict[str, object], rest_first: bool
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([as_rest(**fields)]), "utf-8")
    ways = [lambda: import_file(path), lambda: bring(row(**cells))]
    first, second = (way() for way in (ways if rest_first else ways[::-1]))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.tally.totals == second.tally.totals
    assert counts(second, "created") == {}
    assert counts(second, "updated") == {}
