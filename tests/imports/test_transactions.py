"""A payment known only from an orders file is a summary; the order's transactions replace it."""

from collections.abc import Callable
from datetime import datetime

from exports import counts, order, paid, refunded, transaction

from portal.imports.models import WaitingTransaction
from portal.imports.result import Result
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

Bring = Callable[..., Result]
ORDERS = (
    order("1001", financial_status="partially_refunded", refunded_amount="5.00"),
    order("1002", email=""),
)
MONEY = (
    transaction("1001", kind="authorization"),
    transaction("1001", kind="capture", amount="20.00"),
    transaction("1001", kind="capture", amount="4.50"),
    transaction("1001", kind="refund", amount="5.00", created_at="2025-03-09 10:00:00 +0100"),
    transaction("1002", status="failure"),
    transaction("1002"),
)


def state() -> list[object]:
    return [
        paid("1001"), paid("1002"), refunded("1001"), refunded("1002"),
        list(Order.select(Order.number, Order.refunded, Order.pay_status).tuples()),
        WaitingTransaction.select().count(),
    ]  # fmt: skip


def test_transactions_replace_the_summary(bring: Bring) -> None:
    bring(*ORDERS)
    assert paid("1001") == [("summary", 2450, True)]
    result = bring(*MONEY)
    assert counts(result, "created") == {"payments": 3, "refunds": 1}
    assert (result.tally.rows, result.tally.skipped) == (6, 2)
    assert sorted(amount for _key, amount, _summary in paid("1001")) == [450, 2000]
    assert refunded("1001") == [(500, False)]
    refund = Refund.get()
    assert (refund.at, refund.gateway, refund.card_brand) == (
        datetime(2025, 3, 9, 9), "shopify_payments", "visa",
    )  # fmt: skip


def test_whichever_file_comes_first_the_result_is_the_same(bring: Bring) -> None:
    early = bring(*MONEY)
    assert counts(early, "created") == {}
    assert WaitingTransaction.select().count() == 4
    later = bring(*ORDERS)
    assert later.tally.created["payments"] == 3
    assert later.tally.created["refunds"] == 1
    waited = state()
    for model in (Payment, Refund):
        model.delete().execute()
    Order.delete().execute()
    bring(*ORDERS)
    bring(*MONEY)
    assert state() == waited


def test_the_same_transactions_again_change_nothing(bring: Bring) -> None:
    bring(*MONEY)
    bring(*MONEY)
    bring(*ORDERS)
    before = state()
    again = bring(*MONEY)
    assert counts(again, "created") == counts(again, "updated") == {}
    assert counts(again, "unchanged") == {"payments": 3, "refunds": 1}
    assert counts(bring(*ORDERS), "updated") == {}
    assert state() == before


def test_two_equal_movements_of_one_order_are_two(bring: Bring) -> None:
    bring(*ORDERS)
    bring(transaction("1002", amount="5"), transaction("1002", amount="5"))
    assert [amount for _key, amount, _summary in paid("1002")] == [500, 500]


def test_a_refund_beyond_the_known_ones_stays_as_a_summary(bring: Bring) -> None:
    bring(order("1001", financial_status="partially_refunded", refunded_amount="7.00"))
    bring(*MONEY[1:4])
    assert refunded("1001") == [(200, True), (500, False)]


def test_a_refund_that_the_orders_file_does_not_know_yet_raises_what_was_refunded(
    bring: Bring,
) -> None:
    bring(order("1001"))
    bring(*MONEY[1:4])
    assert Order.get().refunded == 500
    again = bring(order("1001"))
    assert counts(again, "updated") == {}
    assert Order.get().refunded == 500


def test_a_bad_transaction_puts_its_orders_rows_aside(bring: Bring) -> None:
    result = bring(transaction("1001"), transaction("1001", amount="free"), transaction("1002"))
    assert [line for line, _reason in result.quarantined] == [2, 3]
    assert result.quarantined[1] == (3, "“Amount” holds “free”, which is not an amount.")
    assert [row.number for row in WaitingTransaction.select()] == ["1002"]


def test_a_transaction_of_another_id_is_put_aside(bring: Bring) -> None:
    bring(order("1001"))
    result = bring(transaction("1001", order="'99"))
    assert result.quarantined == [
        (2, "Order 1001 is known with the Id 4500000001001, this row says 99.")
    ]
    assert paid("1001") == [("summary", 2450, True)]


def test_money_in_another_currency_is_not_this_orders(bring: Bring) -> None:
    bring(transaction("1001", currency="USD"))
    bring(order("1001"))
    assert (paid("1001"), WaitingTransaction.select().count()) == ([("summary", 2450, True)], 1)
    result = bring(transaction("1001", currency="GBP"))
    assert result.quarantined == [(2, "Order 1001 is in EUR, this row in GBP.")]


def test_no_payment_is_made_up_for_what_was_not_paid(bring: Bring) -> None:
    bring(
        order("1001", financial_status="pending"),
        order("1002", financial_status="voided"),
        order("1003", total="0.00", lineitem_price="0", shipping="0"),
        order("1004", financial_status="partially_paid", outstanding_balance="4.50"),
    )
    assert [(row.order.number, row.amount) for row in Payment.select()] == [("1004", 2000)]
