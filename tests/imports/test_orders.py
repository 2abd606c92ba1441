"""An orders export becomes orders, lines, products and payments that add up."""

from collections.abc import Callable
from datetime import datetime

from exports import adds_up, counts, line, order, paid, refunded

from portal.catalog.models import Product
from portal.imports.models import Batch, QuarantinedRow, RawRow
from portal.imports.result import Result
from portal.members.models import EmailAddress, Event, Member
from portal.orders.models import Fulfilment, Order, OrderLine

Bring = Callable[..., Result]


def test_an_order_comes_in_with_everything_the_file_tells(bring: Bring) -> None:
    result = bring(
        order("1001", note_attributes="Tracking number: 3SFEKE123456789\nTracking company: PostNL"),
        line("1001", lineitem_name="Pot", lineitem_price="0.00", lineitem_sku="POT-1"),
    )
    assert counts(result, "created") == {
        "members": 1, "orders": 1, "lines": 2, "payments": 1, "products": 2,
    }  # fmt: skip
    found = Order.get()
    assert (found.shop, found.number, found.external_id) == ("default", "1001", "4500000001001")
    assert found.placed_at == datetime(2025, 3, 1, 8, 58, 12)
    assert found.placed_offset == 60
    assert (found.items, found.shipping, found.total, found.not_itemised) == (2000, 450, 2450, 0)
    assert (found.pay_status, found.ship_status, found.line_count) == ("paid", "fulfilled", 2)
    assert found.summary == "Sencha, Pot"
    assert found.billing == {"name": "Ana Pérez"}
    assert found.state_at == datetime(2025, 3, 2, 8)
    assert found.member.name == "Ana Pérez"
    assert adds_up(found)
    parcel = Fulfilment.get()
    assert (parcel.tracking_number, parcel.carrier) == ("3SFEKE123456789", "PostNL")
    assert paid("1001") == [("summary", 2450, True)]
    assert [product.sku for product in Product.select().order_by(Product.sku)] == ["POT-1", "TEA-1"]


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    rows = [order("1001"), line("1001"), order("1002", email="", refunded_amount="2.00")]
    bring(*rows)
    version = Member.get().version
    again = bring(*rows)
    assert counts(again, "created") == counts(again, "updated") == {}
    assert counts(again, "unchanged") == {
        "members": 1, "orders": 2, "lines": 3, "payments": 2, "refunds": 1, "products": 1,
    }  # fmt: skip
    assert again.as_json()["totals"] == {"EUR": {"orders": "49.00", "refunded": "2.00"}}
    assert Member.get().version == version
    assert RawRow.select().count() == 2
    assert Event.select().where(Event.kind == "orders.imported").count() == 1


def test_an_overlapping_export_brings_only_what_is_new(bring: Bring) -> None:
    bring(order("1001"), order("1002"))
    result = bring(order("1002"), order("1003"))
    assert counts(result, "created") == {"orders": 1, "lines": 1, "payments": 1}
    assert result.tally.unchanged["orders"] == 1


def test_what_an_order_does_not_explain_is_stored_as_not_itemised(bring: Bring) -> None:
    bring(order("1001", total="30.00"))
    assert Order.get().not_itemised == 550
    assert adds_up(Order.get())


def test_line_discounts_that_the_order_counts_too_are_taken_off_once(bring: Bring) -> None:
    bring(order("1001", lineitem_discount="2.00", discount_amount="2.00", total="22.50"))
    found = Order.get()
    assert (found.items, found.discount, found.not_itemised) == (1800, 0, 0)
    assert adds_up(found)


def test_a_later_state_updates_and_an_older_file_never_takes_it_back(bring: Bring) -> None:
    young = order("1001", financial_status="pending", paid_at="", fulfillment_status="unfulfilled",
                  fulfilled_at="")  # fmt: skip
    old = order("1001", financial_status="partially_refunded", refunded_amount="5.00")
    assert counts(bring(young), "created") == {
        "members": 1, "orders": 1, "lines": 1, "products": 1,
    }  # fmt: skip
    result = bring(old)
    assert counts(result, "updated") == {"orders": 1}
    assert counts(result, "created") == {"payments": 1, "refunds": 1}
    assert result.tally.unchanged["lines"] == 1
    back = bring(young)
    assert counts(back, "created") == counts(back, "updated") == {}
    assert (Order.get().pay_status, Order.get().refunded) == ("partially_refunded", 500)
    assert paid("1001") == [("summary", 2450, True)]
    assert refunded("1001") == [(500, True)]


def test_at_the_same_moment_the_state_further_along_stays(bring: Bring) -> None:
    bring(order("1001", financial_status="refunded", refunded_amount="24.50"))
    result = bring(order("1001"))
    assert counts(result, "updated") == {}
    assert Order.get().pay_status == "refunded"


def test_rows_that_came_in_once_never_take_the_place_of_later_ones(bring: Bring) -> None:
    bring(order("1001"))
    assert counts(bring(order("1001", tags="gift")), "updated") == {"orders": 1}
    assert counts(bring(order("1001")), "updated") == {}
    assert Order.get().tags == "gift"


def test_lines_that_changed_are_updated_in_place(bring: Bring) -> None:
    bring(order("1001"), line("1001"), line("1001", lineitem_name="Pot", lineitem_sku="POT"))
    kept = OrderLine.get(OrderLine.position == 0).id
    result = bring(
        order("1001", fulfilled_at="2025-03-05 09:00:00 +0100"),
        line("1001", lineitem_quantity="3"),
    )
    assert counts(result, "updated") == {"orders": 1, "lines": 1}
    lines = list(OrderLine.select().order_by(OrderLine.position))
    assert [(row.position, row.quantity) for row in lines] == [(0, 2), (1, 3)]
    assert lines[0].id == kept
    assert adds_up(Order.get())


def test_a_line_may_become_another_product(bring: Bring) -> None:
    bring(order("1001"), line("1001"))
    bring(order("1001", fulfilled_at="2025-03-05 09:00:00 +0100", lineitem_sku="NEW-1"))
    only = OrderLine.get()
    assert (only.position, only.sku, only.product.sku) == (0, "NEW-1", "NEW-1")


def test_a_poorer_file_takes_nothing_away(bring: Bring) -> None:
    bring(order("1001"), line("1001", lineitem_sku="POT", lineitem_price="0"))
    short = ("Name", "Email", "Created at", "Total", "Lineitem name", "Lineitem quantity")
    result = bring({name: order("1001")[name] for name in short})
    assert counts(result, "created") == counts(result, "updated") == {}
    assert OrderLine.select().count() == 2
    assert Order.get().pay_status == "paid"


def test_another_layout_of_the_same_orders_changes_nothing(bring: Bring) -> None:
    row = order("1001", cancelled_at="2025-03-04 09:00:00 +0100")
    bring(row)
    names = {"Lineitem sku": "Lineitem SKU", "Cancelled at": "Canceled at"}
    result = bring({names.get(name, name): cell for name, cell in row.items()})
    assert counts(result, "created") == counts(result, "updated") == {}
    assert result.tally.unchanged["orders"] == 1


def test_a_bad_line_puts_its_whole_order_aside(bring: Bring) -> None:
    result = bring(
        order("1001"),
        line("1001", lineitem_quantity="two"),
        line("1001"),
        order("1002", notes="two\nlines"),
        order("1003", total="lots"),
    )
    assert result.exit_code == 1
    assert result.quarantined == [
        (2, "The order's line 3 can't be read: “Lineitem quantity” holds “two”, which is not a"
            " whole number."),
        (3, "“Lineitem quantity” holds “two”, which is not a whole number."),
        (4, "The order's line 3 can't be read: “Lineitem quantity” holds “two”, which is not a"
            " whole number."),
        (7, "“Total” holds “lots”, which is not an amount."),
    ]  # fmt: skip
    assert [found.number for found in Order.select()] == ["1002"]
    assert (result.tally.rows, result.tally.quarantined, result.tally.skipped) == (5, 4, 0)
    assert [row.key for row in QuarantinedRow.select()] == ["1001", "1001", "1001", "1003"]
    assert OrderLine.select().count() == 1


def test_rows_that_stand_apart_come_back_to_their_order(bring: Bring) -> None:
    rows = [order("1001"), order("1002"), line("1001", lineitem_price="0"), line("1002"),
            line("1001", lineitem_name="Pot")]  # fmt: skip
    result = bring(*rows)
    assert result.exit_code == 0
    assert counts(result, "created")["lines"] == 5
    assert counts(result, "updated") == {}
    assert result.as_json()["totals"] == {"EUR": {"orders": "49.00", "refunded": "0.00"}}
    found = Order.get(Order.number == "1001")
    assert [row.title for row in found.lines] == ["Sencha", "Sencha", "Pot"]
    assert adds_up(found)
    again = bring(*rows)
    assert counts(again, "created") == counts(again, "updated") == {}
    assert OrderLine.select().count() == 5


def test_a_row_without_its_orders_first_row_is_put_aside(bring: Bring) -> None:
    result = bring(order("1001"), line("1002"), line("1001", lineitem_price="free"))
    assert [line for line, _reason in result.quarantined] == [3, 4]
    assert "does not stand above it" in result.quarantined[0][1]
    assert OrderLine.select().count() == 1


def test_the_numeric_id_is_checked(bring: Bring) -> None:
    bring(order("1001", id="77"))
    result = bring(order("1001", id="78", total="99.00"), order("1002", id="77"))
    assert result.quarantined == [
        (2, "Order 1001 is known with the Id 77, this row says 78."),
        (3, "The Id 77 belongs to order 1001."),
    ]
    assert result.tally.totals == {}
    assert Order.get().total == 2450


def test_an_order_of_another_shop_is_not_written_over_this_one(bring: Bring) -> None:
    bring(order("1001"), order("1002"), order("1003"))
    strange = {"id": "", "email": "else@example.com", "created_at": "2025-08-01 10:00:00 +0000"}
    result = bring(
        order("1001", **strange),
        order("1002", currency="USD"),
        order("1003", **strange | {"email": "ANA@example.com"}),
    )
    assert result.quarantined == [
        (2, "Order 1001 is known since 2025-03-01, this row is of 2025-08-01."
            " Import the files of another shop with --shop."),
        (3, "Order 1002 is in EUR, this row in USD."),
    ]  # fmt: skip
    assert counts(bring(order("1001", **strange), shop="other"), "created")["orders"] == 1


def test_an_id_that_a_spreadsheet_rounded_is_left_out(bring: Bring) -> None:
    bring(order("1001", id="4.5E+12"))
    assert Order.get().external_id is None
    bring(order("1001", id="'4500000000001", tags="gift"))
    assert Order.get().external_id == "4500000000001"


def test_orders_of_two_shops_may_share_a_number(bring: Bring) -> None:
    bring(order("1001"), shop="north")
    result = bring(order("1001"), shop="south")
    assert result.tally.created["orders"] == 1
    assert result.tally.created["members"] == 0
    assert Order.select().count() == 2


def test_rows_without_a_name_belong_to_the_order_above(bring: Bring) -> None:
    result = bring(order("1001"), line("1001", name=""), dict.fromkeys(order("1"), ""))
    assert counts(result, "created")["lines"] == 2
    assert (result.tally.rows, result.tally.skipped) == (3, 1)


def test_semicolons_cp1252_and_decimal_commas_are_understood(bring: Bring) -> None:
    row = order("1001", billing_name="José", lineitem_price="10,00", total="1.024,50",
                subtotal="1.020,00", shipping="4,50")  # fmt: skip
    bring(row, delimiter=";", encoding="cp1252")
    assert (Order.get().total, Member.get().name) == (102450, "José")


def test_dates_in_slashes_follow_the_file(bring: Bring) -> None:
    plain = {"paid_at": "", "fulfilled_at": ""}
    bring(
        order("1001", created_at="03/04/2025 10:00", **plain),
        order("1002", created_at="25/04/2025 10:00", **plain),
    )
    moments = [found.placed_at for found in Order.select().order_by(Order.number)]
    assert moments == [datetime(2025, 4, 3, 10), datetime(2025, 4, 25, 10)]
    refused = bring(order("1003", created_at="03/04/2025", **plain))
    assert refused.exit_code == 2
    assert "“Created at” holds “03/04/2025” on line 2" in refused.error


def test_a_file_without_currency_takes_the_one_that_is_named(bring: Bring) -> None:
    row = order("1001")
    del row["Currency"]
    row |= {"Total": "24", "Shipping": "4"}
    bring(row, currency="jpy")
    assert (Order.get().currency, Order.get().total) == ("JPY", 24)


def test_products_keep_title_and_price_of_their_newest_order(bring: Bring) -> None:
    bring(order("1002", lineitem_name="Sencha 2025"))
    older = order("1001", created_at="2024-01-01 10:00:00 +0000", lineitem_name="Sencha 2024")
    result = bring(older)
    assert counts(result, "updated") == {}
    assert Product.get().title == "Sencha 2025"
    newer = order("1003", created_at="2025-06-01 10:00:00 +0000", lineitem_price="12.00")
    assert counts(bring(newer), "updated") == {"products": 1}
    assert (Product.get().title, Product.get().price) == ("Sencha", 1200)


def test_each_member_gets_one_event_for_a_batch(bring: Bring) -> None:
    bring(*(order(str(number)) for number in range(1001, 1006)))
    event = Event.get(Event.kind == "orders.imported")
    assert event.data["count"] == 5
    assert event.data["file"] == Batch.get().file


def test_the_raw_row_is_kept_without_secrets(bring: Bring) -> None:
    row = order("1001", notes="card 4111111111111111") | {"user_pass": "$P$Bhash"}
    bring(row)
    kept = RawRow.get().rows
    assert "•••• 1111" in kept
    assert "4111111111111111" not in kept
    assert "$P$B" not in kept
    assert "4111" not in Order.get().note
    assert Batch.get().header[0] == "Name"


def test_a_dry_run_tells_the_same_and_writes_nothing(bring: Bring) -> None:
    rows = [order("1001"), line("1001"), order("1002", email="b@example.com"), order("1")]
    rows[3]["Name"] = "x" * 61
    dry = bring(*rows, dry_run=True)
    assert dry.as_json()["batch"] is None
    for model in (Order, Member, EmailAddress, Product, Batch, QuarantinedRow, RawRow):
        assert model.select().count() == 0
    real = bring(*rows)
    same = {"file": "", "batch": 0}
    assert dry.as_json() | same == real.as_json() | same
