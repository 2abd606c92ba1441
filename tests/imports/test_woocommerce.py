"""WooCommerce's REST answers: what each field becomes, and which account of an order counts."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from exports import adds_up, counts, paid, refunded
from exports import order as shopify_order
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.catalog.models import Product
from portal.imports.models import Batch, QuarantinedRow, RawRow, WaitingTransaction
from portal.imports.readers import Context, readers
from portal.imports.records import Bad, OrderRecord
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.imports.undoing.undo import undo
from portal.members.models import CustomerId, Member
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import Payment, Refund

Bring = Callable[..., Result]
LINE = {
    "id": 1, "name": "Sencha &ndash; 100 g", "product_id": 31, "variation_id": 0, "quantity": 2,
    "subtotal": "20.00", "total": "18.00", "total_tax": "3.78", "sku": "TEA-1", "price": 9,
    "meta_data": [],
}  # fmt: skip
BILLING = {
    "first_name": "Ana", "last_name": "Pérez", "company": "", "address_1": "Calle 1",
    "address_2": "", "city": "Soria", "state": "SO", "postcode": "42001", "country": "ES",
    "email": "ana@example.com", "phone": "+34 600 000 001",
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": 727, "parent_id": 0, "number": "727", "status": "completed", "currency": "EUR",
    "date_created": "2025-03-01T10:58:12", "date_created_gmt": "2025-03-01T09:58:12",
    "date_modified": "2025-03-03T10:00:00", "date_modified_gmt": "2025-03-03T09:00:00",
    "date_paid": "2025-03-01T11:00:00", "date_paid_gmt": "2025-03-01T10:00:00",
    "date_completed": "2025-03-02T09:00:00", "date_completed_gmt": "2025-03-02T08:00:00",
    "discount_total": "2.00", "shipping_total": "4.50", "total_tax": "3.78", "total": "26.28",
    "prices_include_tax": False, "customer_id": 11, "customer_note": "Ring twice",
    "billing": BILLING, "shipping": {**BILLING, "first_name": "Eva", "email": None},
    "payment_method": "stripe", "payment_method_title": "Card", "transaction_id": "ch_1",
    "created_via": "checkout", "meta_data": [], "line_items": [LINE], "fee_lines": [],
    "shipping_lines": [{"id": 3, "method_title": "Post &amp; parcel", "total": "4.50"}],
    "coupon_lines": [{"id": 4, "code": "spring", "discount": "2.00"}], "refunds": [],
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": 730, "date_created": "2025-03-04T10:00:00", "date_created_gmt": "2025-03-04T09:00:00",
    "amount": "5.00", "reason": "Torn", "refunded_by": 1, "refunded_payment": True,
    "line_items": [],
    "_links": {"up": [{"href": "https://shop.example/wp-json/wc/v3/orders/727"}]},
}  # fmt: skip
CUSTOMER: dict[str, Any] = {
    "id": 11, "email": "ana@example.com", "first_name": "Ana", "last_name": "Pérez",
    "role": "customer", "username": "ana", "billing": BILLING, "shipping": {},
    "is_paying_customer": True, "meta_data": [],
}  # fmt: skip
PRODUCT: dict[str, Any] = {
    "id": 31, "name": "Sencha", "sku": "TEA-1", "price": "10.00", "regular_price": "12.00",
    "sale_price": "10.00", "status": "publish", "stock_status": "instock", "attributes": [],
    "date_modified_gmt": "2025-01-01T00:00:00", "variations": [],
}  # fmt: skip


def order(**fields: Any) -> dict[str, Any]:
    return deepcopy(ORDER) | fields


def refund(**fields: Any) -> dict[str, Any]:
    return deepcopy(REFUND) | fields


def line(**fields: Any) -> dict[str, Any]:
    return LINE | fields


@pytest.fixture
def send(app: Flask, tmp_path: Path) -> Bring:
    """`send(object, object, …)`: the objects written to a file and imported."""

    def run(*objects: Any, **options: Any) -> Result:
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(objects))
        return import_file(path, **options)

    return run


def test_an_order_comes_in_whole(send: Bring) -> None:
    parcels = [{"tracking_number": "3SFEKE123456789", "tracking_provider": "postnl"}]
    meta = [
        {"id": 9, "key": "_wc_shipment_tracking_items", "value": parcels},
        {"id": 10, "key": "list", "value": [1, {"a": None}]},
        {"id": 11, "key": "number", "value": 3.5},
    ]
    result = send(order(meta_data=meta))
    assert counts(result, "created") == {
        "members": 1, "orders": 1, "lines": 1, "payments": 1, "products": 1,
    }  # fmt: skip
    kept = Order.get()
    assert (kept.number, kept.external_id, kept.currency) == ("727", "727", "EUR")
    assert kept.placed_at == datetime(2025, 3, 1, 9, 58, 12)
    assert kept.placed_offset == 60
    assert (kept.paid_at, kept.fulfilled_at) == (datetime(2025, 3, 1, 10), datetime(2025, 3, 2, 8))
    assert (kept.items, kept.shipping, kept.tax, kept.total) == (1800, 450, 378, 2628)
    assert (kept.discount, kept.not_itemised, kept.refunded) == (0, 0, 0)
    assert (kept.pay_status, kept.ship_status) == ("paid", "fulfilled")
    assert (kept.discount_code, kept.shipping_method) == ("spring", "Post & parcel")
    assert (kept.billing["name"], kept.delivery["name"]) == ("Ana Pérez", "Eva Pérez")
    assert (kept.billing["street1"], kept.billing["province"]) == ("Calle 1", "SO")
    (sold,) = OrderLine.select()
    assert (sold.title, sold.quantity, sold.unit_price) == ("Sencha – 100 g", 2, 1000)
    assert (sold.discount, sold.total) == (200, 1800)
    payment = Payment.get()
    assert (payment.amount, payment.method, payment.reference) == (2628, "Card", "ch_1")
    parcel = Fulfilment.get()
    assert (parcel.tracking_number, parcel.carrier) == ("3SFEKE123456789", "postnl")
    assert CustomerId.get().external_id == "11"


def test_the_same_answer_again_changes_nothing(send: Bring) -> None:
    send(order(), order(id=728, number="728", customer_id=0))
    again = send(order(), order(id=728, number="728", customer_id=0))
    assert counts(again, "created") == counts(again, "updated") == {}
    assert counts(again, "unchanged") == {
        "members": 1, "orders": 2, "lines": 2, "payments": 2, "products": 1,
    }  # fmt: skip


def test_a_guest_without_a_contact_has_no_member(send: Bring) -> None:
    send(order(customer_id=0, billing={**BILLING, "email": "", "phone": ""}))
    assert (Order.get().member, Member.select().count()) == (None, 0)


def test_a_customer_is_one_person_by_id_whatever_the_address(send: Bring) -> None:
    send(CUSTOMER)
    send(order(), order(id=2, number="2", billing={**BILLING, "email": "work@example.com"}))
    assert Member.select().count() == 1
    assert {o.member_id for o in Order.select()} == {Member.get().id}


def test_people_who_work_for_the_shop_stay_out(send: Bring) -> None:
    staff = [
        CUSTOMER | {"id": i, "role": role} for i, role in enumerate(("shop_manager", "editor"))
    ]
    result = send(CUSTOMER, *staff)
    assert (result.tally.rows, result.tally.skipped) == (3, 2)
    assert CustomerId.get().external_id == "11"


@pytest.mark.parametrize(
    ("fields", "pay", "ship"),
    [
        ({"status": "pending", "date_paid_gmt": None, "date_paid": None}, "pending", "unfulfilled"),
        ({"status": "on-hold", "date_paid_gmt": None, "date_paid": None}, "pending", "unfulfilled"),
        ({"status": "processing"}, "paid", "unfulfilled"),
        ({"status": "processing", "date_paid_gmt": None, "date_paid": None}, "pending",
         "unfulfilled"),
        ({"status": "completed", "date_paid_gmt": None, "date_paid": None}, "paid", "fulfilled"),
        ({"status": "failed", "date_paid_gmt": None, "date_paid": None}, "voided", "unfulfilled"),
        ({"status": "cancelled", "date_paid_gmt": None, "date_paid": None}, "voided",
         "unfulfilled"),
        ({"status": "refunded"}, "refunded", ""),
        ({"status": "completed", "refunds": [{"id": 1, "total": "-6.28"}]}, "partially_refunded",
         "fulfilled"),
        ({"status": "wc-delivered"}, "paid", "fulfilled"),
        ({"status": "waiting-for-rain"}, "paid", ""),
    ],
)  # fmt: skip
def test_a_status_says_what_was_paid_and_sent(
    send: Bring, fields: dict[str, Any], pay: str, ship: str
) -> None:
    assert send(order(**fields)).exit_code == 0
    kept = Order.get()
    assert (kept.pay_status, kept.ship_status) == (pay, ship)
    assert (kept.cancelled_at is not None) == (fields["status"] == "cancelled")
    was_paid = pay in ("paid", "partially_refunded", "refunded")
    assert [amount for _key, amount, _summary in paid("727")] == [2628] * was_paid
    assert kept.tags == ("waiting-for-rain" if fields["status"] == "waiting-for-rain" else "")


@pytest.mark.parametrize("status", ["trash", "checkout-draft", "auto-draft"])
def test_what_was_never_ordered_is_skipped(send: Bring, status: str) -> None:
    result = send(order(status=status), order(id=1, number="1"))
    assert (result.tally.rows, result.tally.skipped, Order.get().number) == (2, 1, "1")


@pytest.mark.parametrize(
    ("subtotal", "total", "quantity"),
    [("10.00", "10.00", 3), ("10.00", "9.99", 3), ("0.01", "0.01", 7), ("20.00", "0.00", 2),
     ("12.605042", "12.605042", 3), ("0.00", "0.00", 0), ("5.00", "5.00", "1.5")],
)  # fmt: skip
def test_a_line_comes_to_its_total_exactly(
    send: Bring, subtotal: str, total: str, quantity: Any
) -> None:
    send(order(line_items=[line(subtotal=subtotal, total=total, quantity=quantity)]))
    (kept,) = OrderLine.select()
    wanted = round(float(total) * 100)
    assert kept.total == wanted == kept.quantity * kept.unit_price - kept.discount
    assert kept.discount >= 0
    assert adds_up(Order.get())


def test_fees_are_lines_and_gift_cards_are_taken_off(send: Bring) -> None:
    fees = [{"name": "Gift &amp; wrap", "total": "3.00"}, {"name": "Nothing", "total": "0.00"},
            {"name": "Loyal", "total": "-1.00"}]  # fmt: skip
    cards = [{"id": 1, "code": "ABCD-EFGH", "amount": 4}]
    send(order(fee_lines=fees, gift_cards=cards, total="24.28"))
    assert [(row.title, row.total) for row in OrderLine.select().order_by(OrderLine.position)] == [
        ("Sencha – 100 g", 1800), ("Gift & wrap", 300), ("Loyal", -100),
    ]  # fmt: skip
    assert (Order.get().discount, Order.get().not_itemised) == (400, 0)
    assert "ABCD-EFGH" not in RawRow.get().rows


def test_yen_and_dinars_have_their_own_decimals(send: Bring) -> None:
    plain = {"shipping_total": "0", "total_tax": "0"}
    send(
        order(currency="JPY", total="1800", line_items=[line(subtotal="1800", total="1800.00")],
              **plain),
        order(id=2, number="2", currency="KWD", total="1.234",
              line_items=[line(subtotal="1.234", total="1.234", quantity=1)], **plain),
    )  # fmt: skip
    assert [(o.currency, o.total, o.not_itemised) for o in Order.select().order_by(Order.id)] == [
        ("JPY", 1800, 0), ("KWD", 1234, 0),
    ]  # fmt: skip


def test_a_product_without_a_sku_is_known_by_its_id(send: Bring) -> None:
    send(order(line_items=[line(sku="", product_id=31), line(sku="", variation_id=40)]))
    assert {(p.sku, p.external_id) for p in Product.select()} == {
        ("id:31", "31"), ("id:40", "40"),
    }  # fmt: skip
    result = send(PRODUCT)
    assert counts(result, "created") == {}
    assert counts(result, "updated") == {"products": 1}
    assert {p.sku for p in Product.select()} == {"TEA-1", "id:40"}
    later = {"date_modified_gmt": "2025-04-01T00:00:00", "customer_note": "More"}
    again = send(order(line_items=[line(sku="", product_id=31)], **later))
    assert (counts(again, "created"), Product.select().count()) == ({}, 2)


def test_a_catalogue_and_orders_agree_whichever_comes_first(send: Bring) -> None:
    seen = []
    nameless = order(line_items=[line(sku="", product_id=31)])
    later = order(id=8, number="8", date_created_gmt="2025-03-02T09:00:00", date_created=None)
    for turn in permutations([[nameless], [PRODUCT], [later]]):
        for objects in turn:
            send(*objects)
        seen.append([(p.sku, p.title, p.price) for p in Product.select()])
        assert len({line.product_id for line in OrderLine.select()}) == 1
        for model in (Payment, OrderLine, Order, Product, RawRow):
            model.delete().execute()
    assert seen == [[("TEA-1", "Sencha – 100 g", 1000)]] * 6


def test_a_sku_that_came_later_names_the_same_product(send: Bring) -> None:
    send(order(line_items=[line(sku="")]))
    result = send(order(id=8, number="8", date_created_gmt="2025-03-02T09:00:00"))
    assert (counts(result, "created").get("products"), Product.get().sku) == (None, "TEA-1")
    undo(Batch.get_by_id(result.batch))
    assert [p.sku for p in Product.select()] == ["id:31"]


def test_a_price_counts_from_the_day_the_product_was_changed(send: Bring) -> None:
    send(PRODUCT)
    assert (Product.get().price, Product.get().title) == (1000, "Sencha")
    older = PRODUCT | {"price": "7.00", "date_modified_gmt": "2024-01-01T00:00:00"}
    assert counts(send(older), "unchanged") == {"products": 1}
    newer = PRODUCT | {"price": "11.00", "date_modified_gmt": "2025-02-01T00:00:00"}
    assert counts(send(newer), "updated") == {"products": 1}
    assert Product.get().price == 1100
    assert counts(send(newer), "updated") == {}


def test_a_product_costs_what_the_shop_asks_with_tax(send: Bring) -> None:
    sold = line(quantity=2, subtotal="16.53", subtotal_tax="3.47", total="16.53", total_tax="3.47")
    send(order(prices_include_tax=True, line_items=[sold], total="24.50", total_tax="3.47"))
    assert (OrderLine.get().total, Order.get().not_itemised) == (1653, 0)
    assert Product.get().price == 1000


def test_a_corrected_object_may_hold_anything(app: Flask) -> None:
    context = Context([], {}, "EUR")
    texts = [json.dumps(order(number="1", customer_note="\ud83c")), "[]", "{", "nothing", "{}"]
    found = list(readers()["woocommerce-orders"].read([(1, [t], None) for t in texts], context))
    assert isinstance(found[0], OrderRecord)
    assert found[0].note == "?"
    assert [bad.rows[0][1] for bad in found[1:] if isinstance(bad, Bad)] == [
        "“[]” is no object of JSON.", "“{” is no object of JSON.",
        "“nothing” is no object of JSON.", "The row names no order.",
    ]  # fmt: skip


def test_what_the_shop_does_not_show_is_no_product(send: Bring) -> None:
    result = send(*(PRODUCT | {"id": i, "status": s} for i, s in enumerate(("draft", "private"))))
    assert (result.tally.rows, result.tally.skipped, Product.select().count()) == (2, 2, 0)


def test_a_variation_without_a_name_is_called_by_its_options(send: Bring) -> None:
    options = [{"id": 1, "name": "Size", "option": "L"}, {"id": 2, "name": "C", "option": "Blue"}]
    variation = {k: v for k, v in PRODUCT.items() if k != "name"}
    send(variation | {"id": 40, "sku": "", "attributes": options})
    assert (Product.get().sku, Product.get().title) == ("id:40", "L, Blue")


def test_a_later_change_wins_and_an_older_answer_never_takes_it_back(send: Bring) -> None:
    send(order())
    back = order(status="refunded", refunds=[{"id": 730, "reason": "", "total": "-26.28"}],
                 date_modified_gmt="2025-03-05T09:00:00")  # fmt: skip
    assert counts(send(back), "updated") == {"orders": 1}
    assert (Order.get().refunded, Order.get().pay_status) == (2628, "refunded")
    opened = order(status="on-hold", date_modified_gmt="2025-03-06T09:00:00")
    assert counts(send(opened), "updated")["orders"] == 1
    assert counts(send(back), "updated") == counts(send(order()), "updated") == {}
    assert Order.get().pay_status == "paid"


def test_a_refund_finds_its_order_through_its_links_and_replaces_the_sum(send: Bring) -> None:
    send(order(refunds=[{"id": 730, "reason": "Torn", "total": "-5.00"}]))
    assert refunded("727") == [(500, True)]
    result = send(refund())
    assert counts(result, "created") == {"refunds": 1}
    assert refunded("727") == [(500, False)]
    kept = Refund.get()
    assert (kept.key, kept.at, kept.currency) == ("refund:730", datetime(2025, 3, 4, 9), "EUR")
    assert Order.get().refunded == 500
    assert counts(send(refund()), "created") == {}


@pytest.mark.parametrize(
    "named",
    [
        {"parent_id": 727, "_links": {}},
        {"_links": {"self": [{"href": "https://x.example/wp-json/wc/v3/orders/727/refunds/730"}]}},
        {"_links": {"up": [{"href": "https://x.example/?rest_route=/wc/v3/orders/727"}]}},
    ],
)
def test_a_refund_waits_for_its_order(send: Bring, named: dict[str, Any]) -> None:
    first = send(refund(**named))
    assert counts(first, "created") == {}
    assert WaitingTransaction.get().external_id == "727"
    send(order(number="A-77", refunds=[{"id": 730, "total": "-5.00"}]))
    assert refunded("A-77") == [(500, False)]
    assert WaitingTransaction.select().count() == 0


def test_a_refund_is_in_the_currency_of_its_order(send: Bring) -> None:
    plain = {"shipping_total": "0", "total_tax": "0", "line_items": []}
    send(refund(amount="1.234"), refund(id=2, amount="3", parent_id=5))
    send(
        order(currency="KWD", total="9.000", **plain),
        order(id=5, number="5", currency="JPY", total="900", **plain),
    )
    assert (refunded("727"), refunded("5")) == ([(1234, False)], [(3, False)])
    result = send(refund(id=3, amount="0.5", parent_id=5))
    assert result.quarantined == [(1, "Order 5 is in JPY, and this amount is finer than that.")]


def test_a_refund_without_an_order_is_put_aside(send: Bring) -> None:
    result = send(refund(_links={}), refund(id=731, amount="0.00"))
    assert result.quarantined == [
        (1, "The refund names no order, neither in “parent_id” nor in its links.")
    ]
    assert (result.tally.rows, result.tally.skipped) == (2, 1)


def test_two_refunds_of_one_order_are_two_in_any_order(send: Bring) -> None:
    whole = order(refunds=[{"id": 730, "total": "-5.00"}, {"id": 731, "total": "-5.00"}])
    files = [[whole], [refund()], [refund(id=731), refund(id=730)]]
    seen = []
    for turn in permutations(files):
        for objects in turn:
            send(*objects)
        seen.append((refunded("727"), paid("727"), Order.get().refunded))
        for model in (Refund, Payment, OrderLine, Order, RawRow):
            model.delete().execute()
    expected = ([(500, False), (500, False)], [("summary", 2628, True)], 1000)
    assert seen == [expected] * len(seen)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"total": "free"}, "“total” holds “free”, which is not an amount."),
        ({"total": "1.005"},
         "“total” holds “1.005”, which has more decimals than the currency."),
        ({"total": None}, "“total” is empty."),
        ({"currency": "EURO"}, "“currency” holds “EURO”, which is not a currency."),
        ({"date_created_gmt": "yesterday"},
         "“date_created_gmt” holds “yesterday”, which is not a date."),
        ({"date_created": None, "date_created_gmt": "0000-00-00T00:00:00"},
         "“date_created” is empty."),
        ({"billing": {"email": "nobody"}},
         "“billing.email” holds “nobody”, which is not an e-mail address."),
        ({"line_items": [LINE | {"quantity": "two"}]},
         "“quantity” holds “two”, which is not a number of pieces."),
        ({"line_items": [LINE | {"total": "1" * 20}]},
         "“total” holds “11111111111111111111”, which is not an amount."),
        ({"number": "", "id": None}, "The row names no order."),
        ({"number": "a\0b"}, "The object holds a NUL character."),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_read_puts_its_order_aside(
    send: Bring, fields: dict[str, Any], sentence: str
) -> None:
    result = send(order(id=1, number="1"), order(**fields))
    assert result.quarantined == [(2, sentence)]
    assert [o.number for o in Order.select()] == ["1"]
    assert QuarantinedRow.select().count() == 1


def test_the_same_number_of_another_shop_is_put_aside(send: Bring) -> None:
    send(order())
    result = send(order(id=9))
    assert result.quarantined == [(1, "Order 727 is known with the Id 727, this row says 9.")]
    assert send(order(id=9), shop="other").exit_code == 0


def test_a_table_is_never_taken_for_an_answer_nor_the_other_way(
    send: Bring, bring: Bring, tmp_path: Path
) -> None:
    for kind in ("woocommerce-orders", "woocommerce-refunds"):
        wanted = f"{kind} is read from JSON; this file is CSV."
        assert bring(shopify_order("1"), kind=kind).error == wanted
    assert send(order(), kind="shopify-orders").error == (
        "shopify-orders is read from CSV / XLSX; this file is JSON."
    )
    path = tmp_path / "flat.csv"
    names = [name for name, value in ORDER.items() if not isinstance(value, dict | list)]
    path.write_text(",".join([*names, "billing", "line_items"]) + "\n")
    assert import_file(path).exit_code == 2
    flat = shopify_order("1") | {"id": 5}
    assert send(flat).exit_code == 2


def test_an_answer_cut_off_in_the_middle_brings_what_stands_before(
    app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "answer.json"
    whole = json.dumps([order(), order(id=2, number="2"), order(id=3, number="3")])
    path.write_text(whole[: len(whole) * 5 // 6])
    result = import_file(path)
    assert (result.tally.rows, result.tally.quarantined) == (3, 1)
    assert Order.select().count() == 2
    path.write_text(whole)
    healed = import_file(path)
    assert (counts(healed, "created")["orders"], counts(healed, "updated")) == (1, {})


def test_a_dry_run_tells_the_same_and_writes_nothing(send: Bring) -> None:
    tables = (Member, Order, OrderLine, Product, Payment, Refund, WaitingTransaction, RawRow)
    refunds = [refund(), refund(id=9, parent_id=99)]
    for objects in ([CUSTOMER], [order(), order(id=2, number="2")], [PRODUCT], refunds):
        before = [model.select().count() for model in tables]
        told = send(*objects, dry_run=True)
        assert [model.select().count() for model in tables] == before
        done = send(*objects)
        assert (told.tally.created, told.tally.updated) == (done.tally.created, done.tally.updated)


def test_an_import_that_was_cut_off_goes_on_where_it_was(app: Flask, tmp_path: Path) -> None:
    note = {"customer_note": "x" * 1_200_000}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps([order(id=i, number=str(i), **note) for i in range(1, 16)]))

    def pulls_the_plug(done: int, _size: int) -> None:
        if done > 14_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(path, progress=pulls_the_plug)
    before = Order.select().count()
    assert 0 < before < 15
    result = import_file(path)
    assert (result.tally.rows, result.tally.created["orders"]) == (15, 15)
    assert (Order.select().count(), Member.select().count()) == (15, 1)
    assert result.tally.created["members"] == result.tally.created["products"] == 1


def test_undoing_a_catalogue_takes_the_sku_back(send: Bring) -> None:
    send(order(line_items=[line(sku="")]))
    batch = Batch.get_by_id(send(PRODUCT).batch)
    assert Product.get().sku == "TEA-1"
    undo(batch)
    assert [(p.sku, p.title) for p in Product.select()] == [("id:31", "Sencha – 100 g")]
    assert counts(send(PRODUCT), "updated") == {"products": 1}


def test_webtoffees_table_and_the_answer_tell_of_the_same_order(send: Bring, bring: Bring) -> None:
    row = {
        "order_id": "727", "order_number": "727", "order_date": "2025-03-01 09:58:12",
        "paid_date": "2025-03-01 10:00:00", "status": "completed", "shipping_total": "4.50",
        "tax_total": "3.78", "order_total": "26.28", "order_currency": "EUR",
        "payment_method_title": "Card", "transaction_id": "ch_1", "customer_id": "11",
        "billing_email": "ana@example.com", "coupon_items": "code:spring|amount:2.00",
        "refund_items": "amount:5.00|reason:Torn|date:2025-03-04 09:00:00",
        "line_item_1": "name:Sencha &ndash; 100 g|product_id:31|sku:TEA-1|quantity:2|total:18.00"
        "|sub_total:20.00",
    }  # fmt: skip
    fields = [Order.items, Order.discount, Order.shipping, Order.tax, Order.total, Order.refunded,
              Order.pay_status, Order.ship_status, Order.discount_code, Order.paid_at,
              Order.external_id, Order.not_itemised, Order.pay_method]  # fmt: skip
    assert bring(row).exit_code == 0
    table = Order.select(*fields).tuples().get()
    result = send(order(refunds=[{"id": 730, "total": "-5.00"}]))
    assert (result.exit_code, counts(result, "created")) == (0, {})
    assert Order.select(*fields).tuples().get() == table
    assert counts(bring(row | {"billing_city": "Soria"}), "updated") == {}
    assert (paid("727"), refunded("727")) == ([("summary", 2628, True)], [(500, True)])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["-1", "1e9", "2025-03-01T00:00:00", "9" * 30, "EUR", "", "0"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*LINE, *BILLING, "href", "key", "value", "up"]), inner,
                      max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    st.sampled_from([ORDER, REFUND, CUSTOMER, PRODUCT]),
    st.lists(st.tuples(st.integers(0, 40), ANYTHING), min_size=1, max_size=4),
)
def test_any_value_in_any_field_is_taken_or_put_aside(
    send: Bring, model: dict[str, Any], changes: list[tuple[int, Any]]
) -> None:
    changed = deepcopy(model)
    for place, value in changes:
        changed[list(model)[place % len(model)]] = value
    if any(isinstance(value, float) for value in changed.values()):
        changed = json.loads(json.dumps(changed).replace("NaN", "0").replace("Infinity", "1"))
    result = send(model, changed)
    assert not result.error or result.error.endswith(".")
    tally = result.tally
    if not result.error:
        assert tally.rows == 2
        assert tally.skipped + tally.quarantined <= 2
    assert all(adds_up(kept) for kept in Order.select())
