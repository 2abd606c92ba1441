"""What becomes of an order: paid, packed, shipped, cancelled or sent back."""

from datetime import date, datetime, time, timedelta
from random import Random

from portal.demo.parcels import parcel
from portal.demo.people import HERO_EMAIL
from portal.demo.sale import Order


def settle(order: Order, today: date, rng: Random) -> None:
    """Fill in payment, fulfilment and refunds as they stand on the evening before `today`."""
    evening = datetime.combine(today - timedelta(days=1), time(22, 30))
    if order.person is None:
        _over_the_counter(order)
        return
    is_hero = order.person.email == HERO_EMAIL
    if not is_hero and rng.random() < 0.013:
        _cancel(order, evening, rng)
        return
    paid_at = _pay(order, evening, rng)
    if paid_at is None:
        return
    shipped_at = _ship(order, order.person.country, paid_at, today, is_hero, rng)
    if shipped_at and order.fulfilment == "fulfilled":
        _send_back(order, shipped_at, evening, is_hero, rng)


def _over_the_counter(order: Order) -> None:
    order.paid_at = order.fulfilled_at = order.placed_at
    order.fulfilment = "fulfilled"
    for line in order.lines:
        line.fulfilled = True


def _cancel(order: Order, evening: datetime, rng: Random) -> None:
    order.cancelled_at = min(order.placed_at + timedelta(minutes=rng.randint(20, 1500)), evening)
    if order.method == "bank" or rng.random() < 0.4:
        order.financial = "voided"
        return
    order.paid_at = order.placed_at + timedelta(seconds=rng.randint(20, 240))
    order.financial, order.fulfilment = "refunded", "restocked"
    order.refunds = [(max(order.cancelled_at, order.paid_at), order.total)]


def _pay(order: Order, evening: datetime, rng: Random) -> datetime | None:
    wait = timedelta(seconds=rng.randint(20, 240))
    if order.method == "bank":
        wait = timedelta(hours=rng.randint(20, 90))
    if order.placed_at + wait > evening:
        order.financial = "pending"
        return None
    order.paid_at = order.placed_at + wait
    return order.paid_at


def _ship(
    order: Order, country: str, paid_at: datetime, today: date, is_hero: bool, rng: Random
) -> datetime | None:
    packed = paid_at.date() + timedelta(days=rng.choices((0, 1, 2, 3), (20, 50, 22, 8))[0])
    if packed.weekday() == 6:
        packed += timedelta(days=1)
    shipped = datetime.combine(packed, time(17, rng.randrange(10, 59), rng.randrange(60)))
    if is_hero and order.placed_at.date() == today - timedelta(days=2):
        shipped = datetime.combine(today - timedelta(days=1), time(16, 20, 5))
    if shipped < paid_at:
        shipped += timedelta(days=1)
    if shipped.date() >= today:
        return None
    order.fulfilled_at, order.fulfilment = shipped, "fulfilled"
    for line in order.lines:
        line.fulfilled = True
    recent = (today - shipped.date()).days < 40
    if recent and not is_hero and len(order.lines) > 1 and rng.random() < 0.08:
        order.fulfilment, order.lines[-1].fulfilled = "partial", False
    # Small letters of tea go without a number.
    if is_hero or order.total > 2500 or rng.random() < 0.85:
        order.carrier, order.tracking = parcel(country, rng)
    return shipped


def _send_back(
    order: Order, shipped_at: datetime, evening: datetime, is_hero: bool, rng: Random
) -> None:
    back = shipped_at + timedelta(days=rng.randint(4, 19), minutes=-rng.randint(0, 400))
    canister = is_hero and order.lines[0].product.sku == "FK-CAN-RUS" and len(order.lines) == 1
    if not canister and (back > evening or rng.random() > 0.048):
        return
    back = min(back, evening)
    line = order.lines[0]
    worth = round(line.price * order.subtotal / (order.subtotal + order.discount))
    amount = min(worth, order.total)
    if rng.random() < 0.3 and not canister:
        amount = order.total
    order.refunds = [(back, amount)]
    if amount < order.total and not canister and rng.random() < 0.15:
        order.refunds.append(
            (min(back + timedelta(days=3), evening), min(490, order.total - amount))
        )
    order.financial = "refunded" if order.refunded == order.total else "partially_refunded"
