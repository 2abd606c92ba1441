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
    headline, short, tone = _words(order, moment)
    return Status(headline, short, tone, _steps(order, moment))


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


def _words(order: Any, moment: datetime) -> tuple[str, str, str]:
    back = format_money(order.refunded, order.currency) if order.refunded else ""
    if order.cancelled_at:
        if back:
            return (
                _("Cancelled, and %(money)s is back with you.", money=back),
                _cancelled(back),
                "up",
            )
        return _("Cancelled on %(day)s.", day=day(order.cancelled_at)), _("Cancelled"), "stop"
    if back and order.refunded >= order.total:
        return _("All of it paid back: %(money)s.", money=back), _back(back), "up"
    headline, short, tone = _progress(order, moment)
    return (headline, _back(back), "up") if back else (headline, short, tone)


def _progress(order: Any, moment: datetime) -> tuple[str, str, str]:
    if is_sent(order):
        return _sent(order, moment)
    if order.ship_status == PART:
        return _("Part of it is on its way."), _("Partly sent"), ""
    if order.pay_status == "voided":
        return _("The payment was called off."), _("Not paid"), "stop"
    if order.pay_status == "expired":
        return _("The payment ran out of time."), _("Not paid"), "stop"
    if order.pay_status == "partially_paid":
        return _("Partly paid."), _("Partly paid"), "stop"
    if order.outstanding > 0 or order.pay_status == "pending":
        return _("Waiting for your payment."), _("To be paid"), "stop"
    if moment - order.placed_at >= WAITING:
        return _("Ordered on %(day)s.", day=day(order.placed_at)), _("Complete"), ""
    if order.pay_status == "authorized":
        return _("Approved, waiting to be packed."), _("Approved"), ""
    return _("Paid, waiting to be packed."), _("Being packed"), ""


def _sent(order: Any, moment: datetime) -> tuple[str, str, str]:
    at = order.fulfilled_at
    if not is_parcel(order):
        return _("Complete."), _("Complete"), ""
    if at is None and moment - order.placed_at >= ON_ITS_WAY:
        return _("Sent."), _("Sent"), ""
    if at is None or moment - at < ON_ITS_WAY:
        return _("On its way."), _("On its way"), ""
    return _("Sent on %(day)s.", day=day(at)), _("Sent"), ""


def is_parcel(order: Any) -> bool:
    """Whether it travels; what was paid and handed over in one moment was bought at a counter."""
    return not (
        order.fulfilled_at
        and order.fulfilled_at - order.placed_at < timedelta(minutes=1)
        and not order.shipping_method
    )


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
    reached = [i for i, step in enumerate(steps) if step.state]
    last = reached[-1] if reached else 0
    if steps[last].state == "done":
        steps[last] = steps[last]._replace(state="now")
    return tuple(steps)


def _cancelled(back: str) -> str:
    return _("Cancelled, %(money)s back", money=back)


def _back(back: str) -> str:
    return _("%(money)s back with you", money=back)
