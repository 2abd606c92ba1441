"""What looks odd about accounts, each with its reason: found across all members at once.

Each sign is one statement over recent rows, found by an index, however many members there are.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import SQL, Case, Expression, fn

from portal.lib.clock import now
from portal.members.models import Member, Recovery, Restriction, Session
from portal.members.models.member import FAILURES, IS_A_SIGN, IS_FROZEN, Event
from portal.payments.models import IS_A_DISPUTE, BalanceTransaction, Payment, Refund

MOST = 1000  # accounts that one sign names at most, those of late first
RECENT = timedelta(days=30)
WEEK = timedelta(days=7)
HALF_YEAR = timedelta(days=182)
FAILED = 10  # in one day
MISSED = 5  # claims in one day that named no order of theirs
DEVICES = 5  # in one week
HASTE = timedelta(hours=2)  # less than that between two countries
SHARED = 4  # accounts in one browser; a family has three
REFUNDS, SHARE = 3, 50  # refunds, and percent of what was paid

#: Whose a row is, said so that SQLite groups what it found by time, and does not read a whole table
#: in the order of its members.
_WHOSE = Expression(Session.member, "+", SQL("0"))
_REFUNDED = Expression(Refund.member, "+", SQL("0"))


class Sign(NamedTuple):
    """One reason: whose, of which kind, since when, how many, and what its words need."""

    member: int
    kind: str
    at: datetime
    number: int = 1
    data: Any = ""


def events() -> list[Sign]:
    """Failures, copied passkeys, "this was not me" and claims that missed, by the day."""
    day = fn.DATE(Event.at)

    def sums(*kinds: str) -> Any:
        return fn.SUM(Case(None, ((Event.kind.in_(kinds), 1),), 0))

    failed, copied = sums(*FAILURES), sums("passkey.refused")
    frozen, missed = sums("account.frozen"), sums("orders.claim_missed")
    odd = (failed >= FAILED) | (copied >= 1) | (frozen >= 1) | (missed >= MISSED)
    rows = (
        Event.select(Event.member, fn.MAX(Event.at), failed, copied, frozen, missed)
        .where(IS_A_SIGN & (Event.at > now() - RECENT))
        .group_by(Event.member, day)
        .having(odd)
        .order_by(fn.MAX(Event.at).desc())
        .limit(MOST)
        .tuples()
    )
    found = []
    for member, at, *counts in rows:
        least = {"failures": FAILED, "copied": 1, "not_me": 1, "claims": MISSED}
        for (kind, few), count in zip(least.items(), counts, strict=True):
            if count >= few:
                found.append(Sign(member, kind, _moment(at), int(count)))
    return found


def frozen() -> list[Sign]:
    """Accounts that are frozen now, whenever that was."""
    rows = Member.select(Member.id, Member.frozen_at).where(IS_FROZEN & Member.closed_at.is_null())
    return [Sign(id_, "frozen", at) for id_, at in rows.limit(MOST).tuples()]


def devices() -> list[Sign]:
    """Many devices in a week."""
    device = Case(None, ((Session.browser_hash == "", Session.device),), Session.browser_hash)
    count = fn.COUNT(device.distinct())
    rows = (
        Session.select(_WHOSE, fn.MAX(Session.created_at), count)
        .where(Session.created_at > now() - WEEK)
        .group_by(_WHOSE)
        .having(count >= DEVICES)
        .order_by(count.desc())
        .limit(MOST)
        .tuples()
    )
    return [Sign(member, "devices", _moment(at), count) for member, at, count in rows]


def places() -> list[Sign]:
    """Two countries in less time than the way takes, where places are known."""
    over = {"partition_by": [_WHOSE], "order_by": [Session.created_at, Session.id]}
    seen = Session.select(
        Session.member,
        Session.created_at.alias("at"),
        Session.place.alias("place"),
        fn.LAG(Session.place).over(**over).alias("earlier"),
        fn.LAG(Session.created_at).over(**over).alias("since"),
    ).where((Session.created_at > now() - RECENT) & (Session.place != ""))
    rows = (
        Session.select(seen.c.member_id, seen.c.at, seen.c.place, seen.c.earlier, seen.c.since)
        .from_(seen)
        .where(seen.c.earlier.is_null(False) & (seen.c.earlier != seen.c.place))
        .order_by(SQL('"at" DESC'))
        .limit(MOST)
        .tuples()
    )
    found = []
    for member, at, place, earlier, since in rows:
        took = _moment(at) - _moment(since)
        if _country(place) != _country(earlier) and took < HASTE:
            minutes = max(1, int(took.total_seconds() // 60))
            found.append(Sign(member, "places", _moment(at), minutes, (earlier, place)))
    return found


def browsers() -> list[Sign]:
    """Many accounts that were entered with one browser; `data` is a session of it."""
    known = (Session.created_at > now() - RECENT) & (Session.browser_hash != "")
    accounts = fn.COUNT(Session.member.distinct())
    shared = (
        Session.select(Session.browser_hash.alias("browser"), accounts.alias("accounts"))
        .where(known)
        .group_by(Session.browser_hash)
        .having(accounts >= SHARED)
        .order_by(accounts.desc())
        .limit(MOST)
    )
    rows = (
        Session.select(
            _WHOSE,
            fn.MAX(Session.created_at),
            fn.MAX(shared.c.accounts),
            fn.MAX(Session.id),
        )
        .join(shared, on=(Session.browser_hash == shared.c.browser))
        .where(known)
        .group_by(_WHOSE)
        .limit(MOST)
        .tuples()
    )
    return [Sign(member, "browsers", _moment(at), n, id_) for member, at, n, id_ in rows]


def refunds() -> list[Sign]:
    """Three refunds or more in half a year that come to half of what was paid."""
    since, count = now() - HALF_YEAR, fn.COUNT(Refund.id)
    often = (
        Refund.select(
            _REFUNDED.alias("whose"),
            Refund.currency.alias("currency"),
            fn.MAX(Refund.at).alias("at"),
            count.alias("number"),
            fn.SUM(Refund.amount).alias("back"),
        )
        .where((Refund.at > since) & _REFUNDED.is_null(False) & (Refund.status == "success"))
        .group_by(_REFUNDED, Refund.currency)
        .having(count >= REFUNDS)
        .order_by(fn.SUM(Refund.amount).desc())
        .limit(MOST)
    )
    paid = Payment.select(fn.SUM(Payment.amount)).where(
        (Payment.member == often.c.whose)
        & (Payment.currency == often.c.currency)
        & (Payment.status == "success")
        & (Payment.at > since)
    )
    rows = (
        Refund.select(often.c.whose, often.c.at, often.c.number, often.c.back, paid)
        .from_(often)
        .tuples()
    )
    found = []
    for member, at, number, back, spent in rows:
        share = min(100, round(100 * int(back) / int(spent))) if spent else 100
        if share >= SHARE:
            found.append(Sign(member, "refunds", _moment(at), number, share))
    return found


def restrictions() -> list[Sign]:
    """What staff decided and holds, or waits for a second agent."""
    rows = (
        Restriction.select(Restriction.member, Restriction.at, Restriction.kind)
        .where(Restriction.open_at(now()))
        .order_by(Restriction.id.desc())
        .limit(MOST)
        .tuples()
    )
    return [Sign(member, "standing", at, 1, kind) for member, at, kind in rows]


def recoveries() -> list[Sign]:
    """Recoveries whose 48 hours run, or that can be finished."""
    rows = (
        Recovery.select(Recovery.member, Recovery.asked_at)
        .where(Recovery.state.in_(("waiting", "ready")))
        .order_by(Recovery.id.desc())
        .limit(MOST)
        .tuples()
    )
    return [Sign(member, "recovery", at) for member, at in rows]


def disputes() -> list[Sign]:
    """Payments whose bank took the money back, as a provider's own books say."""
    lines = (
        BalanceTransaction.select(
            BalanceTransaction.source,
            BalanceTransaction.description,
            BalanceTransaction.details,
            BalanceTransaction.at,
        )
        .where(IS_A_DISPUTE & (BalanceTransaction.at > now() - 2 * HALF_YEAR))
        .order_by(BalanceTransaction.at.desc())
        .limit(MOST)
    )
    charges = {charge: line.at for line in lines if (charge := _charge(line))}
    if not charges:
        return []
    rows = Payment.select(Payment.member, Payment.key).where(
        Payment.key.in_([f"stripe:{charge}" for charge in charges])
        & (SQL("\"reference\" <> ''") | Payment.order.is_null())
        & Payment.member.is_null(False)
    )
    return [
        Sign(member, "disputes", charges[key.removeprefix("stripe:")])
        for member, key in rows.tuples()
    ]


#: Each makes one statement at most (disputes: two).
ALL = (events, frozen, devices, places, browsers, refunds, restrictions, recoveries, disputes)


def _charge(line: BalanceTransaction) -> str:
    """The charge that a line is about, named in a column or as in “Chargeback for ch_1A”."""
    details = line.details or {}
    told = [str(details.get(name, "")) for name in ("charge_id", "Charge ID", "payment_id")]
    words = [*told, *line.description.split(), line.source]
    return next((word.strip(".,") for word in words if word.startswith(("ch_", "py_"))), "")


def _country(place: str) -> str:
    """The last part of a place such as “Ghent, Belgium”."""
    return place.rpartition(",")[2].strip()


def _moment(at: Any) -> datetime:
    """A time as a computed column gives it: SQLite knows it as text only."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)
