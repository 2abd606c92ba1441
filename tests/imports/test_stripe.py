"""Stripe's payments find the order or the person that they are of, or wait."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from exports import counts, customer, order, transaction
from money_files import charge, everything, money, short, waits

from portal.imports.result import Result
from portal.members.models import CustomerId, EmailAddress, Member
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.payments.models import BalanceTransaction, Payment, Payout, Refund

Bring = Callable[..., Result]


def test_a_payment_is_its_orders_when_metadata_names_it(bring: Bring) -> None:
    bring(order("1001"))
    result = bring(charge() | {"order_id (metadata)": "1001"})
    assert result.kind == "stripe-payments"
    assert counts(result, "created") == {"payments": 1}
    assert short() == [("1001", "stripe:ch_1", 2450)]  # the summary gave way
    payment = Payment.get()
    assert payment.member_id == Order.get().member_id
    assert problems() == []


def test_a_payment_is_its_orders_when_the_order_was_paid_under_its_id(bring: Bring) -> None:
    bring(order("1001") | {"Payment Reference": "pi_9"}, order("1002") | {"Payment Reference": ""})
    bring(charge(old=True, paymentintent_id="pi_9"))
    assert short() == [("1001", "stripe:ch_1", 2450), ("1002", "summary", 2450)]
    payment = Payment.get(key="stripe:ch_1")
    assert (payment.card_brand, payment.card_last4) == ("Visa", "4242")


def test_what_a_provider_does_not_tell_of_an_orders_money_stays_a_summary(bring: Bring) -> None:
    bring(order("1001"))
    bring(charge(amount="20.00") | {"order_id (metadata)": "1001"})
    assert short() == [("1001", "stripe:ch_1", 2000), ("1001", "summary", 450)]


def test_a_partial_refund_stays_paid_and_comes_in_as_a_refund(bring: Bring) -> None:
    bring(order("1001"))
    row = charge(amount_refunded="5.00")
    row |= {"order_id (metadata)": "#1001", "Refunded date (UTC)": "2025-03-09 08:00:00"}
    assert counts(bring(row), "created") == {"payments": 1, "refunds": 1}
    refund = Refund.get()
    assert (refund.key, refund.amount, refund.at) == (
        "stripe:ch_1:refund", 500, datetime(2025, 3, 9, 8),
    )  # fmt: skip
    assert Order.get().refunded == 500


def test_a_later_refund_raises_the_one_that_is_known(bring: Bring) -> None:
    bring(order("1001"))
    bring(charge(amount_refunded="5.00") | {"order_id (metadata)": "1001"})
    later = charge(amount_refunded="24.50", status="Refunded") | {"order_id (metadata)": "1001"}
    assert counts(bring(later), "updated") == {"refunds": 1}
    again = bring(charge(amount_refunded="5.00") | {"order_id (metadata)": "1001"})  # the older one
    assert counts(again, "updated") == {}
    assert (Refund.get().amount, Order.get().refunded) == (2450, 2450)


def test_pending_becomes_paid(bring: Bring) -> None:
    bring(customer())
    bring(charge(status="Pending", customer_email="ana@example.com"))
    assert [row.status for row in Payment.select()] == ["pending"]
    result = bring(charge(customer_email="ana@example.com"))
    assert counts(result, "updated") == {"payments": 1}
    assert [row.status for row in Payment.select()] == ["success"]


@pytest.mark.parametrize("first", ["Pending", "Failed"])
def test_pending_that_fails_leaves_nothing_whichever_file_comes_first(
    bring: Bring, first: str
) -> None:
    bring(customer())
    for status in (first, "Failed" if first == "Pending" else "Pending"):
        bring(charge(status=status, customer_email="ana@example.com"))
    assert money() == waits() == []


@pytest.mark.parametrize("cells", [{"status": "Failed"}, {"captured": "false"},
                                   {"status": "requires_action"}])  # fmt: skip
def test_what_moved_no_money_is_skipped(bring: Bring, cells: dict[str, str]) -> None:
    bring(customer())
    result = bring(charge(customer_email="ana@example.com", **cells))
    assert (result.tally.rows, result.tally.skipped, money()) == (1, 1, [])


def test_test_payments_stay_out(bring: Bring) -> None:
    result = bring(charge(old=True, mode="Test"))
    assert (result.tally.skipped, waits()) == (1, [])


def test_without_an_order_it_is_the_persons_who_has_the_address(bring: Bring) -> None:
    bring(customer())
    bring(charge(customer_email="ANA@example.com", customer_id="cus_1", description="Tea course"))
    payment = Payment.get()
    assert (payment.order_id, payment.member.number, payment.description) == (
        None, Member.get().number, "Tea course",
    )  # fmt: skip
    assert CustomerId.get(external_id="cus_1").member_id == payment.member_id
    assert problems() == []


def test_without_an_address_it_is_the_persons_whose_customer_id_is_known(bring: Bring) -> None:
    bring(customer())
    bring(charge("ch_2", customer_id="cus_1"))
    assert money() == []
    result = bring(charge("ch_1", customer_id="cus_1", customer_email="ana@example.com"))
    assert counts(result, "created") == {"payments": 2}
    assert waits() == []


def test_an_unknown_address_makes_no_member_and_waits(bring: Bring) -> None:
    result = bring(charge(customer_email="ana@example.com", customer_id="cus_1"))
    assert (Member.select().count(), counts(result, "created")) == (0, {})
    assert [row[:2] for row in waits()] == [("stripe:ch_1", "")]
    bring(customer())
    assert short() == [(None, "stripe:ch_1", 2450)]
    assert waits() == []
    assert CustomerId.select().where(CustomerId.external_id == "cus_1").count() == 1


def test_a_person_in_an_orders_file_gets_the_money_that_waited(bring: Bring) -> None:
    bring(charge(customer_email="bob@example.com"))
    bring(order("1001", email="bob@example.com"))
    assert (None, "stripe:ch_1", 2450) in short()


def test_a_named_order_is_waited_for_even_where_the_person_is_known(bring: Bring) -> None:
    bring(customer())
    bring(charge(customer_email="ana@example.com") | {"order_id (metadata)": "1001"})
    assert (money(), len(waits())) == ([], 1)
    bring(order("1001"))
    assert (short(), waits()) == ([("1001", "stripe:ch_1", 2450)], [])


@pytest.mark.parametrize(
    "words", ["Order #1001", "Fern & Kettle - Order 1001", "order 1001", "#1001", "Order no. 1001"]
)
def test_a_description_can_name_an_order_that_exists(bring: Bring, words: str) -> None:
    bring(order("1001"))
    bring(charge(description=words))
    assert short() == [("1001", "stripe:ch_1", 2450)]


@pytest.mark.parametrize(
    "words", ["1001", "Table 1001", "Orders 1001 and 1002", "Order 10012", "Preorder 1001", "100%"]
)
def test_words_that_name_no_order_attach_nothing(bring: Bring, words: str) -> None:
    bring(order("1001", email="bob@example.com"))
    bring(charge(description=words, customer_email="bob@example.com"))
    assert short() == [("1001", "summary", 2450), (None, "stripe:ch_1", 2450)]


def test_a_description_names_no_order_in_another_currency(bring: Bring) -> None:
    bring(order("1001"))
    bring(charge(description="Order 1001", currency="usd", customer_email="ana@example.com"))
    assert short() == [("1001", "summary", 2450), (None, "stripe:ch_1", 2450)]
    assert problems() == []


def test_a_payment_moves_to_its_order_when_that_comes(bring: Bring) -> None:
    bring(customer())
    bring(charge(description="Order 1001", customer_email="ana@example.com"))
    bring(charge("ch_2", old=True, customer_email="ana@example.com", paymentintent_id="pi_2"))
    assert [row[0] for row in short()] == [None, None]
    result = bring(order("1001"), order("1002"))
    assert result.tally.updated["payments"] == 1
    bring(order("1003") | {"Payment Reference": "pi_2"})
    assert short() == [
        ("1001", "stripe:ch_1", 2450), ("1002", "summary", 2450), ("1003", "stripe:ch_2", 2450),
    ]  # fmt: skip
    assert problems() == []


def test_the_shops_own_movements_stand_before_the_providers(bring: Bring) -> None:
    named = {"order_id (metadata)": "1001"}
    bring(order("1001"))
    bring(charge(amount_refunded="7.00") | named)
    bring(transaction("1001"), transaction("1001", kind="refund", amount="5.00"))
    first = everything()
    assert [row[2] for row in short() if row[1] == "summary"] == [200]  # the provider knows of 7.00
    bring(charge(amount_refunded="7.00") | named)
    assert everything() == first


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    rows = [
        charge("ch_1", amount_refunded="5.00", customer_email="ana@example.com"),
        charge("ch_2", description="Order 1001"),
        charge("ch_3", customer_id="cus_9"),
    ]
    bring(customer())
    bring(order("1001"))
    bring(*rows)
    before = everything()
    again = bring(*rows)
    assert counts(again, "created") == counts(again, "updated") == {}
    assert counts(again, "unchanged") == {"payments": 2, "refunds": 1}
    assert everything() == before


def test_the_same_payment_twice_in_a_file_is_one(bring: Bring) -> None:
    bring(customer())
    bring(*[charge(customer_email="ana@example.com")] * 2)
    bring(*[charge("ch_2")] * 2)
    assert (len(money()), len(waits())) == (1, 1)


def test_amounts_are_read_to_the_cent_in_every_currency(bring: Bring) -> None:
    bring(customer())
    mail = "ana@example.com"
    bring(
        charge("ch_1", amount="1,061.86", currency="usd", customer_email=mail),
        charge("py_2", amount="1500", currency="jpy", customer_email=mail),
        charge("pi_3", amount="1.234", currency="kwd", customer_email=mail),
    )
    assert sorted((row.currency, row.amount) for row in Payment.select()) == [
        ("JPY", 1500), ("KWD", 1234), ("USD", 106186),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"amount": "free"}, "“Amount” holds “free”, which is not an amount."),
        ({"id": "1001"}, "“id” holds “1001”, which is not an id of Stripe."),
        ({"status": "Lost"}, "“Status” holds “lost”, which is not a state of a payment."),
        ({"amount_refunded": "99"},
         "More was refunded than was paid, or an amount is below zero."),
        ({"currency": "xxq"}, "“Currency” holds “XXQ”, which is not a currency."),
        ({"customer_email": "nobody"},
         "“Customer Email” holds “nobody”, which is not an e-mail address."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_put_aside_alone(
    bring: Bring, cells: dict[str, str], reason: str
) -> None:
    id_ = cells.pop("id", "ch_1")
    result = bring(charge(id_, **cells), charge("ch_2"))
    assert result.quarantined == [(2, reason)]
    assert [row[0] for row in waits()] == ["stripe:ch_2"]


def test_never_more_of_a_card_than_its_last_digits(bring: Bring) -> None:
    bring(customer())
    bring(charge(old=True, card_last4="4242424242424242", customer_email="ana@example.com"))
    assert Payment.get().card_last4 == "4242"
    stored = str(list(Payment.select().dicts()))
    assert "42424242" not in stored


def test_a_dry_run_writes_nothing(bring: Bring) -> None:
    bring(customer())
    result = bring(charge(customer_email="ana@example.com"), dry_run=True)
    assert (counts(result, "created"), money(), waits()) == ({"payments": 1}, [], [])


PAYOUT = {
    "id": "po_1", "Amount": "1,200.00", "Created (UTC)": "2026-07-10 00:18", "Currency": "eur",
    "Livemode": "true", "Arrival Date (UTC)": "2026-07-12 00:00", "Source Type": "card",
    "Destination": "ba_1", "Status": "in_transit", "Type": "bank_account", "Method": "standard",
    "Description": "STRIPE PAYOUT", "Destination Last 4": "3000",
}  # fmt: skip
HISTORY = {
    "id": "txn_1", "Type": "charge", "Source": "ch_1", "Amount": "24.50", "Fee": "0.66",
    "Net": "23.84", "Currency": "eur", "Created (UTC)": "2025-03-01 09:00",
    "Available On (UTC)": "2025-03-08 00:00", "Status": "pending", "Description": "",
}  # fmt: skip
ITEMIZED = {
    "automatic_payout_id": "po_1", "balance_transaction_id": "txn_1",
    "created_utc": "2025-03-01 09:00:00", "available_on_utc": "2025-03-08 00:00:00",
    "currency": "eur", "gross": "24.50", "fee": "0.66", "net": "23.84",
    "reporting_category": "charge", "source_id": "ch_1", "description": "Order 1001",
    "customer_id": "cus_1", "card_brand": "Visa",
}  # fmt: skip


def test_payouts_are_kept_and_move_on(bring: Bring) -> None:
    result = bring(PAYOUT, PAYOUT | {"id": "po_2", "Livemode": "false"})
    assert (result.kind, result.tally.created["payouts"], result.tally.skipped) == (
        "stripe-payouts", 1, 1,
    )  # fmt: skip
    payout = Payout.get()
    assert (payout.amount, payout.currency, payout.at, payout.arrives_on, payout.status) == (
        120000, "EUR", datetime(2026, 7, 10, 0, 18), date(2026, 7, 12), "in_transit",
    )  # fmt: skip
    assert payout.details["Destination Last 4"] == "3000"
    again = bring(PAYOUT)
    assert (again.tally.unchanged["payouts"], again.tally.created.get("payouts")) == (1, None)
    assert bring(PAYOUT | {"Status": "paid"}).tally.updated["payouts"] == 1
    assert bring(PAYOUT).tally.unchanged["payouts"] == 1  # the older file takes nothing back
    assert Payout.get().status == "paid"


@pytest.mark.parametrize("first", [HISTORY, ITEMIZED])
def test_a_line_of_the_books_is_one_whichever_report_told_of_it(
    bring: Bring, first: dict[str, str]
) -> None:
    bring(first)
    result = bring(ITEMIZED if first is HISTORY else HISTORY)
    assert (result.kind, result.tally.updated["balance_lines"]) == ("stripe-balance", 1)
    line = BalanceTransaction.get()
    assert (line.external_id, line.amount, line.fee, line.net, line.payout, line.source) == (
        "txn_1", 2450, 66, 2384, "po_1", "ch_1",
    )  # fmt: skip
    assert line.available_at == datetime(2025, 3, 8)
    assert bring(first).tally.unchanged["balance_lines"] == 1


def test_books_that_do_not_add_up_are_put_aside(bring: Bring) -> None:
    result = bring(HISTORY | {"Net": "24.00"})
    assert result.quarantined == [(2, "The amount less the fee is not the net amount.")]


def test_people_are_never_made_by_money(bring: Bring) -> None:
    bring(charge(customer_email="eve@example.com"), charge("ch_2", customer_id="cus_2"))
    assert EmailAddress.select().count() == 0
