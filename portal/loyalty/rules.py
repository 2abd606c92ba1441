"""What the shop promises: how many points an order brings, what they are worth, and when."""

from datetime import datetime, timedelta
from math import gcd
from typing import Any

from portal.lib.money import format_money, minor_digits
from portal.lib.text import _
from portal.shop.models import Settings, points_since, settings

PAID = ("paid", "partially_refunded", "refunded")


def unit(shop: Settings) -> int:
    """One whole unit of the shop's currency in minor units: 100 for EUR, 1 for JPY."""
    return int(10 ** minor_digits(shop.currency))


def worth(points: int, shop: Settings | None = None) -> int:
    """What points are worth, in minor units of the shop's currency."""
    return points * (shop or settings()).point_worth


def step(shop: Settings | None = None) -> int:
    """The smallest number of points that is worth whole units of currency."""
    shop = shop or settings()
    whole = unit(shop)
    return whole // gcd(whole, max(shop.point_worth, 1))


def offers(balance: int, shop: Settings | None = None) -> list[int]:
    """Up to three numbers of points to redeem: a small one, a round one, and nearly all."""
    small = step(shop)
    most = balance // small * small
    rounds = [small * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if small * n < most]
    return [*rounds[-2:], most] if most else []


def earns(order: Any) -> bool:
    """Whether an order may have a first lot: paid in the shop's currency, since the start date."""
    shop, since = settings(), points_since()
    return (
        shop.has_points
        and order.currency == shop.currency
        and (since is None or order.placed_at >= since)
    )


def target(order: Any, member_id: int, rate: int) -> int:
    """The points that an order in its present state brings a member at a lot's rate."""
    if order.member_id != member_id or order.cancelled_at is not None or not paid(order):
        return 0
    return max(0, order.items - order.discount - order.refunded) * rate // unit(settings())


def paid(order: Any) -> bool:
    """Whether the shop has its money; without a word on it, a time of payment will do."""
    status = (order.pay_status or "").lower()
    return status in PAID or (not status and order.paid_at is not None)


def available_at(order: Any) -> datetime:
    """When the order can no longer come back."""
    started: datetime = order.fulfilled_at or order.placed_at
    return started + timedelta(days=settings().return_days)


def reason(order: Any, member_id: int, change: int, *, first: bool) -> str:
    """Why an order changes somebody's points, in words for them."""
    goods = format_money(max(0, order.items - order.discount), order.currency)
    if change > 0 and not first:
        return _("Order %(number)s has changed", number=order.number)
    if change > 0 and order.refunded:
        back = format_money(order.refunded, order.currency)
        words = _("Order %(number)s, %(goods)s less %(back)s given back")
        return words % {"number": order.number, "goods": goods, "back": back}
    if change > 0:
        return _("Order %(number)s, %(goods)s", number=order.number, goods=goods)
    if order.member_id != member_id:
        return _("Order %(number)s is not in this account any more", number=order.number)
    if order.cancelled_at is not None:
        return _("Order %(number)s was called off", number=order.number)
    if not paid(order):
        return _("Order %(number)s is not paid any more", number=order.number)
    if order.refunded:
        return _("Refund on order %(number)s", number=order.number)
    return _("Order %(number)s has changed", number=order.number)
