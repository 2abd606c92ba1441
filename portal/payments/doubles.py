"""Money that may be told twice: by a payment provider without an order, and by the shop's order.

PayPal's invoice number is not the shop's order number, so a payment can stand without an order
beside the payment of the order that it was made for. Nothing in the tables is guessed: which money
is the same follows from what is there, whichever file came first, and goes with an undone import.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, fn

from portal.lib.db import is_sqlite
from portal.orders.models import Order
from portal.payments.models import Payment, Refund

#: By provider, words of an order's payment that say it was paid in another way.
_OTHER_WAYS = {
    "paypal": ("stripe", "shopify", "klarna", "cash", "cod", "bank", "bacs", "cheque", "gift"),
    "stripe": ("paypal", "shopify", "cash", "cod", "bank", "bacs", "cheque", "gift"),
}
#: How ids of Stripe begin, and how long PayPal's are: letters and digits.
_STRIPE_IDS, _PAYPAL_ID = ("ch_", "pi_", "py_"), 17


def may_be_double(model: Any) -> Any:
    """Whether a payment or refund without an order may be the same money as an order's.

    Such money is in no sum, since the order's own is in it.
    """
    return _refund(model, _has_order) if model is Refund else _payment(model, _has_order)


def is_double(model: Any) -> Any:
    """Whether it is the same money: no other order, and no other payment, can be meant."""
    return _refund(model, _is_only) if model is Refund else _payment(model, _is_only)


def _payment(model: Any, found: Callable[[Any], Any]) -> Any:
    return model.order.is_null() & found(model)


def _refund(model: Any, found: Callable[[Any], Any]) -> Any:
    """A refund of such a payment, where the order tells of money that went back too."""
    payment, own, order, back = (m.alias() for m in (Payment, Payment, Order, Refund))
    known = (
        payment.select(SQL("1"))
        .join(own, on=(own.member == payment.member))
        .join(order, on=(order.id == own.order))
        .join(back, on=(back.order == order.id))
        .where(
            (payment.member == model.member)
            & (payment.reference == model.reference)
            & _same_money(payment, own, order)
            & _payment(payment, found)
        )
    )
    return model.order.is_null() & (model.reference != "") & fn.EXISTS(known)


def _has_order(payment: Any) -> Any:
    own, order = Payment.alias(), Order.alias()
    query = own.select(SQL("1")).join(order, on=(order.id == own.order))
    return fn.EXISTS(query.where(_same_money(payment, own, order)))


def _is_only(payment: Any) -> Any:
    """The payment has one order, and that order no other payment that it could be."""
    own, order = Payment.alias(), Order.alias()
    orders = own.select(fn.COUNT(own.order.distinct())).join(order, on=(order.id == own.order))
    return (orders.where(_same_money(payment, own, order)) == 1) & ~fn.EXISTS(_rivals(payment))


def _rivals(payment: Any) -> Any:
    own, same, order, other = (m.alias() for m in (Payment, Payment, Order, Payment))
    return (
        own.select(SQL("1"))
        .join(order, on=(order.id == own.order))
        .join(same, on=(same.order == order.id))
        .join(other, on=(other.member == own.member))
        .where(
            _same_money(payment, own, order)
            & _same_money(other, same, order)
            & other.order.is_null()
            & (other.id != payment.id)
        )
    )


def _same_money(payment: Any, own: Any, order: Any) -> Any:
    """The person's order, paid within a day, in the same amount and not visibly otherwise."""
    return (
        (own.member == payment.member)
        & (own.currency == payment.currency)
        & (own.at >= _days_off(payment.at, -1))
        & (own.at <= _days_off(payment.at, 1))
        & ((own.amount == payment.amount) | (order.total == payment.amount))
        & (payment.status == "success")
        & (own.status == "success")
        & ~_any(own.key.startswith(f"{name}:") for name in _OTHER_WAYS)
        & _any(
            payment.key.startswith(f"{name}:") & ~_any(_says(own, word) for word in words)
            for name, words in _OTHER_WAYS.items()
        )
        & ~_has_providers_id(own)
    )


def _says(own: Any, word: str) -> Any:
    return own.method.contains(word) | own.gateway.contains(word)


def _has_providers_id(own: Any) -> Any:
    """The order says under which id it was paid; were it this payment's, it would be there."""
    of_paypal = (fn.LENGTH(own.reference) == _PAYPAL_ID) & (
        fn.UPPER(own.reference) == own.reference
    )
    return _any(own.reference.startswith(start) for start in _STRIPE_IDS) | of_paypal


def _any(conditions: Any) -> Any:
    return reduce(or_, conditions)


def _days_off(at: Any, days: int) -> Any:
    if is_sqlite():
        return fn.datetime(at, f"{days:+d} days")
    return at + SQL(f"interval '{days} days'")
