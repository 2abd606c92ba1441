"""Whom and what undone rows name when they come back: perhaps another id now, or nothing."""

from collections.abc import Iterable, Sequence

from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import lookup
from portal.imports.models import UndoneRow
from portal.imports.undoing.deeds import TABLES, Deed, there
from portal.lib.db import Base
from portal.members.models import Member

NAMED: dict[str, type[Base]] = {"product_id": TABLES["product"], "member_id": Member}


class Names:
    """The products and members that rows of one batch name."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id

    def rename(self, deeds: Sequence[Deed]) -> None:
        """Let what comes back name who stands for those that did not come back, or nobody."""
        rows = [row for deed in deeds for some in deed.removed.values() for row in some]
        changes = [
            change for deed in deeds for some in deed.put_back.values() for change in some.values()
        ]
        for column, model in NAMED.items():
            pairs = [change[column] for change in changes if column in change]
            named = [row.get(column) for row in rows] + [pair[1] for pair in pairs]
            instead = self._instead(model, named)
            for row in rows:
                if row.get(column):
                    row[column] = instead[row[column]]
            for pair in pairs:
                if pair[1]:
                    pair[1] = instead[pair[1]]

    def stands_for(self, table: str, row: int, other: int) -> None:
        """Note that another row is what comes back of one."""
        Writer().insert(
            UndoneRow, ("batch", "table", "row", "deed", "data"),
            [(self.batch_id, table, row, "instead", str(other))],
        )  # fmt: skip

    def _instead(self, model: type[Base], ids: Iterable[int | None]) -> dict[int, int | None]:
        """By id, what stands for it now: as a rule itself."""
        named = {id_ for id_ in ids if id_}
        rows = lookup(
            UndoneRow, ("row", "data"), "row", named,
            batch=self.batch_id, table=model._meta.table_name, deed="instead",
        )  # fmt: skip
        found = {id_: id_ for id_ in named} | {row: int(data) for row, data in rows}
        if model is Member:
            merged = lookup(Member, ("id", "merged_into"), "id", found.values())
            kept = {id_: into for id_, into in merged if into}
            found = {id_: kept.get(new, new) for id_, new in found.items()}
        known = there(model, found.values())
        return {id_: new if new in known else None for id_, new in found.items()}
