"""What an order's state is called, and that it never says more than the shop's data tells."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from portal.orders.status import status

NOW = datetime(2026, 11, 21, 12)


def order(**values):
    """A paid order of three days ago."""
    base = {
        "placed_at": NOW - timedelta(days=3),
        "paid_at": NOW - timedelta(days=3),
        "fulfilled_at": None,
        "cancelled_at": None,
        "pay_status": "paid",
        "ship_status": "unfulfilled",
        "shipping_method": "Home delivery",
        "total": 8740,
        "refunded": 0,
        "outstanding": 0,
        "currency": "EUR",
        "tracked": False,
    }
    return SimpleNamespace(**{**base, **values})


def days(count):
    return NOW - timedelta(days=count)


@pytest.mark.parametrize(
    ("values", "headline", "short", "tone"),
    [
        ({}, "Paid, waiting to be packed.", "Being packed", ""),
        ({"pay_status": "authorized"}, "Approved, waiting to be packed.", "Approved", ""),
        (
            {"pay_status": "pending", "outstanding": 8740, "paid_at": None},
            "Waiting for your payment.",
            "To be paid",
            "stop",
        ),
        ({"pay_status": "expired"}, "The payment ran out of time.", "Not paid", "stop"),
        ({"pay_status": "voided"}, "The payment was called off.", "Not paid", "stop"),
        ({"pay_status": "partially_paid"}, "Partly paid.", "Partly paid", "stop"),
        ({"ship_status": "partial"}, "Part of it is on its way.", "Partly sent", ""),
        ({"ship_status": "fulfilled", "fulfilled_at": days(1)}, "On its way.", "On its way", ""),
        ({"tracked": True}, "On its way.", "On its way", ""),
        (
            {"ship_status": "fulfilled", "fulfilled_at": days(90), "placed_at": days(92)},
            "Sent on 23 August.",
            "Sent",
            "",
        ),
        (
            {
                "ship_status": "fulfilled",
                "placed_at": days(9),
                "fulfilled_at": days(9),
                "shipping_method": "",
            },
            "Complete.",
            "Complete",
            "",
        ),
        ({"placed_at": days(400)}, "Ordered on 17 October 2025.", "Complete", ""),
        (
            {"cancelled_at": days(2), "refunded": 8740},
            "Cancelled, and €87.40 is back with you.",
            "Cancelled, €87.40 back",
            "up",
        ),
        ({"cancelled_at": days(2)}, "Cancelled on 19 November.", "Cancelled", "stop"),
        ({"refunded": 8740}, "All of it paid back: €87.40.", "€87.40 back with you", "up"),
        (
            {"ship_status": "fulfilled", "fulfilled_at": days(1), "refunded": 1850},
            "On its way.",
            "€18.50 back with you",
            "up",
        ),
    ],
)
def test_a_state_reads_as_a_person_would_say_it(app, values, headline, short, tone):
    stands = status(order(**values), NOW)
    assert (stands.headline, stands.short, stands.tone) == (headline, short, tone)


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ({}, [("Ordered", "done"), ("Paid", "now"), ("Sent", "")]),
        (
            {"paid_at": None, "pay_status": "pending", "outstanding": 8740},
            [("Ordered", "now"), ("Paid", ""), ("Sent", "")],
        ),
        (
            {"ship_status": "fulfilled", "fulfilled_at": days(1)},
            [("Ordered", "done"), ("Paid", "done"), ("Sent", "now")],
        ),
        (
            {"ship_status": "partial", "fulfilled_at": days(1)},
            [("Ordered", "done"), ("Paid", "done"), ("Partly sent", "now"), ("All sent", "")],
        ),
        (
            {"cancelled_at": days(1), "paid_at": None, "pay_status": "voided"},
            [("Ordered", "done"), ("Cancelled", "stop")],
        ),
        (
            {"ship_status": "fulfilled", "fulfilled_at": days(2), "refunded": 8740},
            [("Ordered", "done"), ("Paid", "done"), ("Sent", "done"), ("Paid back", "now")],
        ),
        ({"placed_at": days(400)}, [("Ordered", "done"), ("Paid", "now")]),
    ],
)
def test_the_way_shows_what_happened_and_what_is_still_to_come(app, values, steps):
    stands = status(order(**values), NOW)
    assert [(step.words, step.state) for step in stands.steps] == steps


def test_nothing_is_ever_called_delivered(app):
    for ago in range(0, 400, 7):
        sent = order(ship_status="fulfilled", fulfilled_at=days(ago), placed_at=days(ago + 1))
        stands = status(sent, NOW)
        assert "deliver" not in stands.headline.lower() + stands.short.lower()
