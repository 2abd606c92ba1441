"""Why something stays when an import is undone, in words that say what to do about it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from portal.imports.models import Batch
from portal.imports.undoing.deeds import Stay
from portal.lib.dates import day
from portal.lib.text import _, ngettext

EXAMPLES = 5


class Tallied:
    """Things that stay, counted by reason, with the first few by name."""

    def __init__(self, known: Iterable[dict[str, Any]] = ()) -> None:
        self.entries: dict[tuple[str, str, int | None], dict[str, Any]] = {}
        for entry in known:
            self.entries[entry["table"], entry["why"], entry["batch"]] = entry

    def add(self, stays: Iterable[Stay]) -> None:
        """Count more of them."""
        groups: dict[tuple[str, str, int | None], list[str]] = defaultdict(list)
        for stay in stays:
            groups[stay.table, stay.why, stay.batch].append(stay.label)
        for (table, why, batch), labels in groups.items():
            blank: dict[str, Any] = {
                "table": table,
                "why": why,
                "batch": batch,
                "count": 0,
                "examples": [],
            }
            entry = self.entries.setdefault((table, why, batch), blank)
            entry["count"] += len(labels)
            entry["examples"] = (entry["examples"] + labels)[:EXAMPLES]

    def as_json(self) -> list[dict[str, Any]]:
        """For the batch's row."""
        return list(self.entries.values())


def sentence(entry: dict[str, Any]) -> str:
    """One entry of `Tallied` in words: how many of what stay, why, and what to do about it."""
    count = entry["count"]
    what = things(entry["table"], count)
    what = what[0].upper() + what[1:]
    if entry["why"] in ("later", "held"):
        later = Batch.get_or_none(Batch.id == entry["batch"])
        if later is None:
            return _("%(things)s: changed since.", things=what)
        words = _("%(things)s: changed by %(file)s, imported on %(day)s. Undo that one first.")
        if entry["why"] == "held":
            words = _(
                "%(things)s: needed if %(file)s, imported on %(day)s, is undone."
                " Undo that one first."
            )
        return words % {"things": what, "file": later.file, "day": day(later.started_at)}
    return _("%(things)s: %(why)s", things=what, why=_(_REASONS[entry["why"]]))


def things(table: str, count: int) -> str:
    """How many of what: “3 orders”."""
    one, many = _NAMES[table]
    return ngettext(one, many, count, number=f"{count:,}")


_NAMES = {
    "order": ("one order", "%(number)s orders"),
    "order_line": ("one line of an order", "%(number)s lines of orders"),
    "fulfilment": ("one parcel", "%(number)s parcels"),
    "payment": ("one payment", "%(number)s payments"),
    "refund": ("one refund", "%(number)s refunds"),
    "member": ("one person", "%(number)s people"),
    "email_address": ("one e-mail address", "%(number)s e-mail addresses"),
    "phone_number": ("one phone number", "%(number)s phone numbers"),
    "customer_id": ("one customer number", "%(number)s customer numbers"),
    "product": ("one product", "%(number)s products"),
    "payout": ("one payout", "%(number)s payouts"),
    "balance_transaction": ("one entry of a balance", "%(number)s entries of a balance"),
    "waiting_transaction": ("one payment that waits", "%(number)s payments that wait"),
}
_REASONS = {
    "hand": "changed by hand since.",
    "tracking": "somebody at the shop set a tracking number.",
    "joined": "they have signed in since.",
    "staff": "they work for the shop.",
    "verified": "they have proved an address.",
    "worked": "somebody at the shop has worked with them.",
    "uses": "they have saved things, notes or vouchers here.",
    "points": "they have points from elsewhere.",
    "orders": "they have other orders or payments.",
    "merged": "they were joined with somebody.",
    "known": "another import knows them too.",
    "history": "their history stays, without name or addresses.",
    "in_orders": "held by other orders.",
    "wanted": "saved by somebody.",
    "sku": "another product has the SKU that it had before.",
    # of redo
    "number": "the order’s number has come in again since.",
    "taken": "somebody else has the address now, or the same thing has come in again.",
    "changed": "changed since the import was undone.",
    "lost": "what they belong to is not there any more.",
}
