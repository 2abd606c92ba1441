"""Where an order is, in the words a person would use, and never more than the shop's data tells."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.lib.clock import now
from portal.lib.dates import day
from portal.lib.money import format_money
from portal.lib.text import _

ON_ITS_WAY = timedelta(days=14)  # how long after it was sent an order may still be called that
WAITING = timedelta(days=90)  # an order unsent for longer was most likely never marked as sent
SENT, PART = "fulfilled", "partial"
UNPAID = ("pending", "partially_paid", "authorized", "expired", "voided")

#: Each state: the headline, the short word for lists, the tone. `_` translates at the time of use.
STATES = {
    "cancelled_back": (
        "Cancelled, and %(back)s is back with you.",
        "Cancelled, %(back)s back",
        "up",
    ),
    "cancelled": ("Cancelled on %(day)s.", "Cancelled", "stop"),
    "back": ("All of it paid back: %(back)s.", "%(back)s back with you", "up"),
    "complete": ("Complete.", "Complete", ""),
    "sent": ("Sent.", "Sent", ""),
    "sent_on": ("Sent on %(day)s.", "Sent", ""),
    "on_its_way": ("On its way.", "On its way", ""),
    "part": ("Part of it is on its way.", "Partly sent", ""),
    "voided": ("The payment was called off.", "Not paid", "stop"),
    "expired": ("The payment ran out of time.", "Not paid", "stop"),
    "partly_paid": ("Partly paid.", "Partly paid", "stop"),
    "unpaid": ("Waiting for your payment.", "To be paid", "stop"),
    "long_ago": ("Ordered on %(day)s.", "Complete", ""),
    "approved": ("Approved, waiting to be packed.", "Approved", ""),
    "packing": ("Paid, waiting to be packed.", "Being packed", ""),
}


class Step(NamedTuple):
    """One station of the way: `state` is done, now, stop or "" (still to come); a date below."""

    words: str
    state: str
    below: str


class Status(NamedTuple):
    """How an order stands: a headline with a full stop, a short word for lists, the way so far.

    `tone` is up (money came back), stop (something ended or waits for the member) or "".
    """

    headline: str
    short: str
    tone: str
    steps: tuple[Step, ...]


def status(order: Any, moment: datetime | None = None) -> Status:
    """The status of an order or of a row with its columns; a parcel set by staff counts as sent."""
    moment = moment or now()
    state, at = _state(order, moment)
    values = {"day": day(at) if at else "", "back": format_money(order.refunded, order.currency)}
    headline = _(STATES[state][0], **values)
    return Status(headline, *brief(order, moment), _steps(order, moment))


def brief(order: Any, moment: datetime) -> tuple[str, str]:
    """The short word of a list and its tone; money that came back matters most."""
    state, _at = _state(order, moment)
    if order.refunded and state != "cancelled_back":
        state = "back"
    _headline, short, tone = STATES[state]
    if tone != "up":
        return _(short), tone
    return _(short, back=format_money(order.refunded, order.currency)), tone


def is_sent(order: Any) -> bool:
    """Whether all of it has left the shop; a number that staff set says so before the shop does."""
    return order.ship_status == SENT or bool(getattr(order, "tracked", None))


def is_open(order: Any, moment: datetime) -> bool:
    """Whether somebody still has something to do: pay it, or send it."""
    if order.cancelled_at or (order.total and order.refunded >= order.total):
        return False
    if order.outstanding > 0:
        return True
    return not is_sent(order) and moment - order.placed_at < WAITING


def is_parcel(order: Any) -> bool:
    """Whether it travels; what was paid and handed over in one moment was bought at a counter."""
    return not (
        order.fulfilled_at
        and order.fulfilled_at - order.placed_at < timedelta(minutes=1)
        and not order.shipping_method
    )


def _state(order: Any, moment: datetime) -> tuple[str, datetime | None]:
    """The key of the state, and the time that its headline names."""
    if order.cancelled_at:
        return ("cancelled_back" if order.refunded else "cancelled"), order.cancelled_at
    if order.refunded and order.refunded >= order.total:
        return "back", None
    if is_sent(order):
        return _sent(order, moment)
    if order.ship_status == PART:
        return "part", None
    if order.pay_status in ("voided", "expired"):
        return order.pay_status, None
    if order.pay_status == "partially_paid":
        return "partly_paid", None
    if order.outstanding > 0 or order.pay_status == "pending":
        return "unpaid", None
    if moment - order.placed_at >= WAITING:
        return "long_ago", order.placed_at
    return ("approved" if order.pay_status == "authorized" else "packing"), None


def _sent(order: Any, moment: datetime) -> tuple[str, datetime | None]:
    at = order.fulfilled_at
    if not is_parcel(order):
        return "complete", None
    if moment - (at or order.placed_at) < ON_ITS_WAY:
        return "on_its_way", None
    return ("sent_on", at) if at else ("sent", None)


def _steps(order: Any, moment: datetime) -> tuple[Step, ...]:
    steps = [Step(_("Ordered"), "done", day(order.placed_at))]
    whole = bool(order.total) and order.refunded >= order.total
    if order.paid_at:
        steps.append(Step(_("Paid"), "done", day(order.paid_at)))
    elif order.pay_status not in UNPAID:
        steps.append(Step(_("Paid"), "done", ""))
    elif not order.cancelled_at:
        steps.append(Step(_("Paid"), "", ""))
    if order.cancelled_at:
        steps.append(Step(_("Cancelled"), "stop", day(order.cancelled_at)))
    elif is_sent(order):
        word = _("Sent") if is_parcel(order) else _("Complete")
        steps.append(Step(word, "done", day(order.fulfilled_at) if order.fulfilled_at else ""))
    elif order.ship_status == PART:
        below = day(order.fulfilled_at) if order.fulfilled_at else ""
        steps += [Step(_("Partly sent"), "done", below), Step(_("All sent"), "", "")]
    elif not whole and moment - order.placed_at < WAITING:
        steps.append(Step(_("Sent"), "", ""))
    if whole:
        steps.append(Step(_("Paid back"), "done", ""))
    return _with_now(steps)


def _with_now(steps: list[Step]) -> tuple[Step, ...]:
    """Mark the last station that was reached."""
    last = max(place for place, step in enumerate(steps) if step.state)
    if steps[last].state == "done":
        steps[last] = steps[last]._replace(state="now")
    return tuple(steps)
