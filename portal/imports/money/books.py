"""Payouts and lines of a provider's own books, kept for the reconciliation."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.imports.loading.bulk import as_moment, lookup
from portal.imports.loading.raw import digest
from portal.imports.loading.work import Work
from portal.imports.records import BalanceRecord, PayoutRecord
from portal.lib.db import Base
from portal.payments.models import BalanceTransaction, Payout

_PAYOUT = ("amount", "currency", "status", "method", "description", "automatic", "at",
           "arrives_on", "details")  # fmt: skip
_BALANCE = ("kind", "source", "payout", "amount", "fee", "net", "currency", "status",
            "description", "at", "available_at", "details")  # fmt: skip
_BLANK: dict[str, Any] = {"automatic": None, "arrives_on": None, "available_at": None, "fee": 0}
#: How far a payout or a line has come; an export that says less is the older one.
_FURTHER = ("", "pending", "in_transit", "available", "paid", "canceled", "failed")


def take_payouts(work: Work, records: Sequence[PayoutRecord]) -> None:
    """Payouts of one chunk."""
    _take(work, Payout, "payouts", _PAYOUT, records)


def take_balance(work: Work, records: Sequence[BalanceRecord]) -> None:
    """Lines of a provider's books of one chunk."""
    _take(work, BalanceTransaction, "balance_lines", _BALANCE, records)


def _take(
    work: Work,
    model: type[Base],
    thing: str,
    names: Sequence[str],
    records: Sequence[PayoutRecord | BalanceRecord],
) -> None:
    stored = _stored(work, model, names, (record.external_id for record in records))
    made: dict[str, dict[str, Any]] = {}
    changed: dict[str, dict[str, Any]] = {}
    for record in records:
        key = record.external_id
        mark, text = digest(record.rows, work.seed)
        work.raw.append((key, mark, record.lines_of_file[0], text))
        old = changed.get(key) or made.get(key) or stored.get(key)
        if old is None:
            made[key] = {name: record.values.get(name, _BLANK.get(name, "")) for name in names}
            made[key]["details"] = record.values.get("details", {})
            work.tally.count("created", thing)
            continue
        new = _joined(old, record.values, names)
        if new == old:
            work.tally.count("unchanged", thing)
        elif key in made:
            made[key] = new
        else:
            if key not in changed:
                work.tally.count("updated", thing)
            changed[key] = new
    rows = [(work.shop, key, *values.values(), work.batch_id) for key, values in made.items()]
    work.writer.insert(model, ("shop", "external_id", *names, "batch_id"), rows)
    rows = [
        (*(values[name] for name in names), work.batch_id, values["id"])
        for values in changed.values()
    ]
    work.writer.update(model, (*names, "batch_id"), rows)


def _stored(
    work: Work, model: Any, names: Sequence[str], ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    rows = lookup(model, ("external_id", "id"), "external_id", set(ids), shop=work.shop)
    wanted = {id_: key for key, id_ in rows}
    fields = [getattr(model, name) for name in ("id", *names)]
    found = {}
    for row in model.select(*fields).where(model.id.in_(list(wanted))).dicts():
        row["at"] = as_moment(row["at"])
        found[wanted[row["id"]]] = row
    return found


def _joined(old: dict[str, Any], values: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What is known and what a report adds; a report says less or more, the books never change."""
    new = dict(old)
    later = _rank(values.get("status", "")) > _rank(old["status"])
    for name in names:
        said = values.get(name)
        if name == "details":
            new[name] = (
                {**(said or {}), **old[name]} if not later else {**old[name], **(said or {})}
            )
        elif said not in (None, "") and (later or old[name] in (None, "")):
            new[name] = said
    return new


def _rank(status: str) -> int:
    return _FURTHER.index(status) if status in _FURTHER else 0
