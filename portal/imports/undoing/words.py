"""What undoing or redoing an import does, or did, in plain lines."""

from portal.imports.undoing.deeds import TABLES
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.stays import things
from portal.lib.money import format_money
from portal.lib.text import _, ngettext


def lines(outcome: Outcome, *, redo: bool = False) -> list[str]:
    """One line for each kind of thing that goes, comes back or changes."""
    went, came = _("removed: %(things)s"), _("back again: %(things)s")
    gone, back = (came, went) if redo else (went, came)
    changed = _("as the file said: %(things)s") if redo else _("as before the import: %(things)s")
    found = []
    for words, counts in ((gone, outcome.removed), (changed, outcome.put_back),
                          (back, outcome.returned)):  # fmt: skip
        named = [things(table, counts[table]) for table in TABLES if counts[table]]
        if named:
            found.append(words % {"things": ", ".join(named)})
    return found + _people(outcome, redo) + _money(outcome, redo) or [_("nothing")]


def _people(outcome: Outcome, redo: bool) -> list[str]:
    if not outcome.emptied:
        return []
    number = f"{outcome.emptied:,}"
    if redo:
        return [
            ngettext(
                "one person has name and addresses again",
                "%(number)s people have names and addresses again",
                outcome.emptied, number=number,
            )
        ]  # fmt: skip
    return [
        ngettext(
            "one person’s history stays, without name and addresses",
            "the history of %(number)s people stays, without names and addresses",
            outcome.emptied, number=number,
        )
    ]  # fmt: skip


def _money(outcome: Outcome, redo: bool) -> list[str]:
    found = []
    for currency, amount in sorted(outcome.totals.items()):
        money = format_money(amount, currency)
        came, went = _("these orders come to %(money)s"), _("the removed orders come to %(money)s")
        found.append((came if redo else went) % {"money": money})
    return found + _points(outcome.points if redo else -outcome.points)


def _points(change: int) -> list[str]:
    """`change`: what members have more afterwards."""
    points = f"{abs(change):,}"
    if change < 0:
        return [_("%(points)s points are taken back; those that are spent stay owed",
                  points=points)]  # fmt: skip
    return [_("%(points)s points are booked again", points=points)] if change else []
