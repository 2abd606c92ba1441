"""The points ledger in its members' timelines: every change, with its reason.

Vouchers and what staff give or take are events already, with who did it.
"""

from peewee import JOIN

from portal.lib.text import _, ngettext
from portal.loyalty.models import LedgerEntry
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source
from portal.orders.models import Order
from portal.orders.timeline import key_if_of


def _for_member(values: Values) -> str:
    if values["kind"] == "earned" and values["number"]:
        return _("%(points)s from order %(order)s.", points=_what(values), order=values["subject"])
    return _for_staff(values)


def _for_staff(values: Values) -> str:
    # The reason names the order first, before any sum: there its number can be a link.
    number = values["number"]
    why = values["why"].replace(number, values["subject"], 1) if number else values["why"]
    return f"{_what(values)}: {why}."


def _what(values: Values) -> str:
    kind, available, pending = values["kind"], values["available"], values["pending"]
    if kind == "matured":
        return _ready(available)
    if kind == "settled":
        return _count("One point went", "%(points)s points went", -available)
    if kind == "taken_back":
        return _taken(values["owed"] - available - pending, values["owed"])
    if pending:
        return _count("One point pending", "%(points)s points pending", pending)
    return _count("One point earned", "%(points)s points earned", available)


def _ready(points: int) -> str:
    return _count("One point is ready to spend", "%(points)s points are ready to spend", points)


def _taken(points: int, owed: int) -> str:
    taken = _count("One point taken back", "%(points)s points taken back", points)
    return _("%(taken)s, %(owed)s of them owed", taken=taken, owed=f"{owed:,}") if owed else taken


def _count(one: str, many: str, points: int) -> str:
    return ngettext(one, many, points, points=f"{points:,}")


register("points.booked", group="points", staff=_for_staff, member=_for_member)
add_source(
    Source(
        kind="points.booked",
        rank=60,
        at=LedgerEntry.at,
        member=LedgerEntry.member,
        subject=Order.number,
        data={
            "order": key_if_of(LedgerEntry.member),
            "kind": LedgerEntry.kind,
            "available": LedgerEntry.available,
            "pending": LedgerEntry.pending,
            "owed": LedgerEntry.owed,
            "why": LedgerEntry.why,
        },
        joined=lambda query: query.join(
            Order, JOIN.LEFT_OUTER, on=(LedgerEntry.order_id == Order.id)
        ).where(LedgerEntry.kind.not_in(("redeemed", "adjusted", "moved"))),
    )
)
