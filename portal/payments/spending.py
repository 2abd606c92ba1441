"""What was spent, by month and in all: each currency by itself, refunds told and taken off."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import SQL, Case, Value, fn

from portal.lib.clock import now
from portal.lib.dates import local, to_utc
from portal.lib.db import Compiled
from portal.payments.doubles import may_be_double
from portal.payments.models import Payment, Refund

MONTHS = range(1, 13)


@dataclass
class Month:
    """What was paid in a month and what came back, in minor units."""

    number: int
    paid: int = 0
    back: int = 0

    @property
    def net(self) -> int:
        """What stayed with the shop; below zero where more came back than was paid."""
        return self.paid - self.back


@dataclass
class Spending:
    """One currency: its twelve months of the year asked for, and its sums over all years."""

    currency: str
    months: list[Month] = field(default_factory=lambda: [Month(number) for number in MONTHS])
    paid: int = 0
    back: int = 0
    count: int = 0

    @property
    def net(self) -> int:
        """What stayed with the shop over all years."""
        return self.paid - self.back

    @property
    def year(self) -> Month:
        """The sums of the twelve months."""
        return Month(0, sum(m.paid for m in self.months), sum(m.back for m in self.months))


def spending(member_id: int, year: int) -> tuple[list[Spending], int | None]:
    """Each currency's spending and the year of the first payment, with one statement.

    Months are those of the shop's time zone. Only money that moved counts, and what an order and
    a payment provider may both tell of counts once.
    """
    starts = {f"m{number}": to_utc(datetime(year, number, 1)) for number in MONTHS}
    starts["m13"] = to_utc(datetime(year + 1, 1, 1))
    found: dict[str, Spending] = {}
    oldest: datetime | None = None
    for row in _SUMS.all(member=member_id, **starts):
        one = found.setdefault(row.currency, Spending(row.currency))
        oldest = min(oldest, row.oldest) if oldest else row.oldest
        _add(one, row)
    return sorted(found.values(), key=lambda one: -one.count), local(
        oldest
    ).year if oldest else None


def this_year() -> int:
    """The present year in the shop's zone."""
    return local(now()).year


def _add(one: Spending, row: Any) -> None:
    refund = row.kind == "refund"
    if refund:
        one.back += row.amount
    else:
        one.paid += row.amount
        one.count += row.count
    if row.month in MONTHS:
        month = one.months[row.month - 1]
        if refund:
            month.back += row.amount
        else:
            month.paid += row.amount


def _sums(p: Any) -> Any:
    return _by_month(Payment, "payment", p).union_all(_by_month(Refund, "refund", p))


def _by_month(model: Any, kind: str, p: Any) -> Any:
    """Sums by currency and month: 0 for all before the year, 13 for all after it."""
    steps = [(model.at < p(f"m{number}"), number - 1) for number in (*MONTHS, 13)]
    month = Case(None, steps, 13)
    return (
        model.select(
            Value(kind).alias("kind"),
            model.currency,
            month.alias("month"),
            fn.SUM(model.amount).cast("bigint").alias("amount"),
            fn.COUNT(model.id).alias("count"),
            fn.MIN(model.at).alias("oldest"),
        )
        .where((model.member == p("member")) & (model.status == "success") & ~may_be_double(model))
        .group_by(model.currency, SQL("month"))
    )


_SUMS = Compiled(_sums)
