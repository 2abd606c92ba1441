"""What an order and a payment provider may both tell of counts once, and is not shown twice."""

from datetime import datetime, timedelta

import pytest
from factories import make_member, make_order

from portal.members.timeline import timeline
from portal.payments.models import Payment, Refund
from portal.payments.movements import page_of
from portal.payments.spending import spending

NOON = datetime(2025, 4, 10, 12)


@pytest.fixture
def alice(app):
    return make_member("Alice Janssens")


def paypal(member, id_="TX1", amount=3100, at=NOON, **values):
    return Payment.create(
        member=member, key=f"paypal:{id_}", reference=id_, at=at, amount=amount,
        **{"currency": "EUR", "gateway": "paypal", **values},
    )  # fmt: skip


def back(member, of="TX1", amount=500, at=NOON + timedelta(days=9)):
    return Refund.create(
        member=member, key=f"paypal:R{of}", reference=of, at=at, amount=amount, currency="EUR"
    )


def order(member, number, total=3100, hours=0, method="", reference="", **values):
    made = make_order(
        member, number, total=total, placed_at=NOON + timedelta(hours=hours), **values
    )
    Payment.update(method=method, reference=reference).where(Payment.order == made).execute()
    return made


def shown(member):
    return sorted((row.number, row.amount, row.counted) for row in page_of(member.id, None).rows)


def sums(member):
    return [(one.currency, one.paid, one.back) for one in spending(member.id, 2025)[0]]


def test_a_payment_beside_the_one_order_that_it_paid_is_shown_and_counted_once(alice):
    order(alice, "1005", method="PayPal Express Checkout")
    paypal(alice)
    assert shown(alice) == [("1005", 3100, True)]
    assert sums(alice) == [("EUR", 3100, 0)]
    told = [entry.words for entry in timeline(alice, group="payments", for_staff=True).rows]
    assert len(told) == 1


def test_a_payment_that_may_be_of_two_orders_is_shown_and_not_counted(alice, sign_in):
    order(alice, "1005")
    order(alice, "1006", hours=3)
    paypal(alice)
    assert shown(alice) == [("", 3100, False), ("1005", 3100, True), ("1006", 3100, True)]
    assert sums(alice) == [("EUR", 6200, 0)]
    text = sign_in(alice).get("/account/payments").text
    assert text.count("Not tied to an order, so not in the sums") == 1


def test_two_payments_that_may_be_of_one_order_are_shown_and_not_counted(alice):
    order(alice, "1005")
    paypal(alice)
    paypal(alice, "TX2", at=NOON + timedelta(hours=2))
    assert shown(alice) == [("", 3100, False), ("", 3100, False), ("1005", 3100, True)]
    assert sums(alice) == [("EUR", 3100, 0)]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({}, {"amount": 3200}),
        ({}, {"currency": "USD"}),
        ({}, {"status": "pending"}),
        ({}, {"at": NOON + timedelta(hours=25)}),
        ({}, {"at": NOON - timedelta(hours=25)}),
        ({"method": "Stripe"}, {}),
        ({"method": "Cash on delivery"}, {}),
        ({"reference": "pi_3Nabc"}, {}),
        ({"reference": "8AB12345CD678901E"}, {}),
        ({"paid": False}, {}),
    ],
)
def test_what_tells_them_apart_leaves_both(alice, mine, theirs):
    made = order(alice, "1005", **mine)
    alone = paypal(alice, **theirs)
    assert {row[0] for row in shown(alice)} == {""} | ({"1005"} if made.paid_at else set())
    assert all(counted for _number, _amount, counted in shown(alice))
    counted = sum(paid for _currency, paid, _back in sums(alice))
    went = alone.amount if theirs.get("status") != "pending" else 0
    assert counted == went + (3100 if made.paid_at else 0)


def test_another_members_order_is_not_meant(alice):
    order(make_member("Bob Claes"), "1005")
    paypal(alice)
    assert shown(alice) == [("", 3100, True)]


def test_an_orders_total_can_be_the_amount_where_it_was_paid_in_parts(alice):
    made = order(alice, "1005")
    Payment.update(key="sale:1", amount=1000, summary=False).where(Payment.order == made).execute()
    Payment.create(order=made, member=alice, key="sale:2", at=NOON, amount=2100, currency="EUR")
    paypal(alice)
    assert shown(alice) == [("1005", 1000, True), ("1005", 2100, True)]
    assert sums(alice) == [("EUR", 3100, 0)]


def test_what_went_back_of_such_a_payment_counts_once_too(alice):
    made = order(alice, "1005")
    paypal(alice)
    back(alice)
    # The order does not know yet that money went back: the provider's word is the only one.
    assert sums(alice) == [("EUR", 3100, 500)]
    Refund.create(order=made, member=alice, key="summary", summary=True, amount=500,
                  currency="EUR", at=NOON + timedelta(days=9))  # fmt: skip
    assert sums(alice) == [("EUR", 3100, 500)]
    assert shown(alice) == [("1005", 500, True), ("1005", 3100, True)]
    order(alice, "1006")
    assert ("", 500, False) in shown(alice)
    assert sums(alice) == [("EUR", 6200, 500)]


def test_it_is_found_within_the_one_statement_of_the_list(alice, statements):
    order(alice, "1005")
    paypal(alice)
    with statements() as seen:
        assert shown(alice) == [("1005", 3100, True)]
    assert len(seen) == 1
