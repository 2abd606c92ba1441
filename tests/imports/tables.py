"""Every row of the tables that an import writes, as it reads without chance, clocks and history."""

from typing import Any

from portal.imports.models import RawRow
from portal.imports.undoing.deeds import TABLES
from portal.loyalty.models import PointsAccount, PointsLot
from portal.members.models import Member, SearchTerm

CHANCE = {"created_at", "version", "batch_id", "username", "number_", "withdrawn_at"}
REFERS = {"member_id", "product_id", "order_id"}


def contents() -> dict[str, list[Any]]:
    """Tables by name; ids are left out, and what they refer to stands in words."""
    words = _words()
    found: dict[str, list[Any]] = {}
    for name, model in TABLES.items():
        rows = []
        for row in model.select().dicts():
            if name == "member" and row["withdrawn_at"]:
                continue
            rows.append(_read(name, model, row, words))
        found[name] = sorted(rows, key=repr)
    found["points"] = sorted(
        (words["member_id"].get(row.member_id), row.balance, row.pending, row.owed)
        for row in PointsAccount.select()
        if row.balance or row.pending or row.owed
    )
    found["lots"] = sorted(
        (words["member_id"].get(row.member_id), words["order_id"].get(row.order_id), row.points,
         row.rate, str(row.earned_at), str(row.available_at))
        for row in PointsLot.select() if row.points
    )  # fmt: skip
    numbers = {row.number.replace("-", "").lower() for row in Member.select()}
    found["terms"] = sorted(
        (words["member_id"].get(row.member_id), row.term)
        for row in SearchTerm.select()
        if row.term not in numbers
    )
    found["raw"] = sorted(
        {(row.kind, row.key, row.digest) for row in RawRow.select() if not row.withdrawn}
    )
    return found


def exact() -> dict[str, list[Any]]:
    """The same tables with ids and all, for what must be exactly what it was."""
    return {
        name: sorted(
            (
                tuple(v for k, v in sorted(row.items()) if k != "version")
                for row in model.select().dicts()
            ),
            key=repr,
        )
        for name, model in TABLES.items()
    }


def _words() -> dict[str, dict[int, str]]:
    people = {}
    for member in Member.select():
        contacts = [e.folded for e in member.emails] + [p.folded for p in member.phones]
        contacts += [c.external_id for c in member.customer_ids]
        people[member.id] = " ".join([member.name, *sorted(contacts)])
    return {
        "member_id": people,
        "product_id": {p.id: p.sku for p in TABLES["product"].select()},
        "order_id": {o.id: o.number for o in TABLES["order"].select()},
    }


def _read(table: str, model: Any, row: dict[str, Any], words: Any) -> dict[str, Any]:
    away = CHANCE | {"id", "batch"} | ({"number", "user_handle"} if table == "member" else set())
    read = {}
    for name, value in row.items():
        column = model._meta.fields[name].column_name
        if name in away or column in away:
            continue
        read[name] = words[column].get(value) if column in REFERS and value else str(value)
    return read
