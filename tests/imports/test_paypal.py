"""PayPal's activity: payments and refunds of customers, whatever stands between them."""

from collections.abc import Callable
from datetime import datetime

import pytest
from exports import counts, customer, order
from money_files import back, everything, money, paypal, short, waits

from portal.imports.result import Result
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

Bring = Callable[..., Result]


def test_an_invoice_number_names_an_order_that_exists(bring: Bring) -> None:
    bring(order("777"), order("778"))
    result = bring(paypal(invoice_number="WC-777"))
    assert (result.kind, counts(result, "created")) == ("paypal-activity", {"payments": 1})
    assert short() == [("777", "paypal:TX000001", 2450), ("778", "summary", 2450)]
    assert Payment.get(key="paypal:TX000001").at == datetime(2025, 3, 1, 9)
    assert problems() == []


def test_a_refund_goes_where_its_payment_went_though_it_stands_above_it(bring: Bring) -> None:
    bring(order("777"))
    bring(back("TX000002", "TX000001", "-5.00"), paypal(invoice_number="WC-777"))
    assert short() == [("777", "paypal:TX000001", 2450), ("777", "paypal:TX000002", 500)]
    assert Order.get().refunded == 500


def test_a_refund_that_came_before_its_payment_follows_it(bring: Bring) -> None:
    bring(order("777"))
    bring(back("TX000002", "TX000001", "-5.00"))
    bring(paypal(invoice_number="WC-777"))
    assert [row[0] for row in short()] == ["777", "777"]
    assert problems() == []


def test_a_refund_moves_with_its_payment_when_the_order_comes(bring: Bring) -> None:
    bring(customer())
    bring(back("TX000002", "TX000001", "-5.00"), paypal(invoice_number="WC-777"))
    assert [row[0] for row in short()] == [None, None]
    bring(order("777"))
    assert [row[0] for row in short()] == ["777", "777"]
    assert (Order.get().refunded, Refund.get().amount) == (500, 500)


@pytest.mark.parametrize(
    "cells",
    [
        {"type": "Account Hold for Open Authorization", "gross": "-24.50"},
        {"type": "General Withdrawal", "gross": "-900.00"},
        {"type": "General Currency Conversion"},
        {"type": "Reversal of General Account Hold"},
        {"type": "Bank Deposit to PP Account"},
        {"type": "Express Checkout Payment", "gross": "-24.50"},
        {"type": "Payment Refund", "gross": "24.50"},
        {"status": "Pending"},
        {"status": "Denied"},
    ],
)
def test_what_is_no_customers_payment_is_skipped(bring: Bring, cells: dict[str, str]) -> None:
    bring(customer())
    result = bring(paypal(**cells))
    assert (result.tally.skipped, result.tally.quarantined, money()) == (1, 0, [])


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("PDT", 17), ("GMT+01:00", 9), ("Europe/Brussels", 9), ("UTC", 10), ("America/New_York", 15)],
)
def test_times_are_those_of_the_zone_beside_them(bring: Bring, zone: str, hour: int) -> None:
    bring(customer())
    bring(paypal(timezone=zone))
    assert Payment.get().at == datetime(2025, 3, 1, hour)


@pytest.mark.parametrize("zone", ["IST", "", "Mars/Olympus", "../etc/passwd", "GMT+99:00"])
def test_a_zone_that_is_not_known_is_never_guessed(bring: Bring, zone: str) -> None:
    result = bring(paypal(timezone=zone))
    assert result.quarantined == [(2, f"“TimeZone” holds “{zone}”, which is not a time zone.")]


def test_the_other_spelling_of_the_zone_and_several_currencies(bring: Bring) -> None:
    bring(customer())
    rows = [paypal(), paypal("TX000002", currency="USD", gross="1,250.00"),
            paypal("TX000003", currency="JPY", gross="900", fee="0", net="900")]  # fmt: skip
    for row in rows:
        row["Time zone"] = row.pop("TimeZone")
    bring(*rows)
    assert sorted((row.currency, row.amount) for row in Payment.select()) == [
        ("EUR", 2450), ("JPY", 900), ("USD", 125000),
    ]  # fmt: skip


def test_days_and_months_follow_the_file(bring: Bring) -> None:
    bring(customer())
    bring(paypal(date="03/04/2025"), paypal("TX000002", date="25/04/2025"))
    assert sorted(row.at.date().isoformat() for row in Payment.select()) == [
        "2025-04-03", "2025-04-25",
    ]  # fmt: skip


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    rows = [back("TX000002", "TX000001", "-5.00"), paypal(invoice_number="WC-777"),
            paypal("TX000009", from_email_address="eve@example.com")]  # fmt: skip
    bring(order("777"))
    bring(*rows)
    before = everything()
    again = bring(*rows)
    assert counts(again, "created") == counts(again, "updated") == {}
    assert everything() == before
    assert len(waits()) == 1
