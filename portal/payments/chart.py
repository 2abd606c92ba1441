"""Spending by month as a drawing: bars up for what was paid, down for what came back."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portal.lib.money import format_money
from portal.payments.spending import Month, Spending

WIDTH, HEIGHT = 640, 200
TOP, BOTTOM = 22, 24  # room for the value above the tallest bar, and for the names of the months
SLOT = WIDTH / 12
BAR = 30


class Bar(NamedTuple):
    """One bar; lengths in the units of the view box."""

    x: float
    y: float
    width: float
    height: float
    kind: str  # "" for paid, past for what came back
    words: str


@dataclass(frozen=True)
class Chart:
    """What the template draws for one currency and one year."""

    width: int
    height: int
    axis: float
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    names: list[str]
    peak: tuple[float, float, str] | None


def chart(one: Spending) -> Chart:
    """The drawing of a currency's twelve months; all bars share one scale."""
    up = max((month.paid for month in one.months), default=0)
    down = max((month.back for month in one.months), default=0)
    room = HEIGHT - TOP - BOTTOM
    scale = room / (up + down) if up + down else 0
    axis = TOP + up * scale if up + down else TOP + room
    bars: list[Bar] = []
    for month in one.months:
        bars += _bars(month, axis, scale, one.currency)
    ticks = [(_middle(number), f"{date(2000, number, 1):%b}") for number in range(1, 13)]
    names = [f"{date(2000, number, 1):%B}" for number in range(1, 13)]
    return Chart(WIDTH, HEIGHT, round(axis, 1), bars, ticks, names, _peak(one, axis, scale))


def _middle(month: int) -> float:
    return round((month - 0.5) * SLOT, 1)


def _bars(month: Month, axis: float, scale: float, currency: str) -> list[Bar]:
    x = round(_middle(month.number) - BAR / 2, 1)
    bars = []
    if month.paid > 0:
        length = max(round(month.paid * scale, 1), 1)
        words = format_money(month.paid, currency)
        bars.append(Bar(x, round(axis - length, 1), BAR, length, "", words))
    if month.back > 0:
        length = max(round(month.back * scale, 1), 1)
        words = format_money(-month.back, currency)
        bars.append(Bar(x, round(axis, 1), BAR, length, "past", words))
    return bars


def _peak(one: Spending, axis: float, scale: float) -> tuple[float, float, str] | None:
    """The tallest bar says its amount, so that the eye has a measure."""
    tallest = max(one.months, key=lambda month: month.paid)
    if tallest.paid <= 0:
        return None
    y = round(axis - tallest.paid * scale - 7, 1)
    # Kept inside the drawing at its two ends.
    x = min(max(_middle(tallest.number), 34), WIDTH - 34)
    return x, y, format_money(tallest.paid, one.currency)
