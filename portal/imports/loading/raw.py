"""The rows of a file as they stood in it: their digest, and keeping them."""

import hashlib
import json
from collections import defaultdict

from portal.imports.loading.bulk import lookup
from portal.imports.loading.work import Work
from portal.imports.models import QuarantinedRow, RawRow

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def text(rows: list[list[str]]) -> str:
    """Rows as JSON, blank cells at their ends left away."""
    for cells in rows:
        while cells and not cells[-1]:
            cells.pop()
    return encode(rows)


def digest(rows: list[list[str]], seed: str) -> tuple[str, str]:
    """(what makes these rows equal to others under the same header and currency, their text)."""
    whole = text(rows)
    return hashlib.blake2b((seed + whole).encode(), digest_size=20).hexdigest(), whole


def keep(work: Work) -> None:
    """Write the chunk's raw rows that are not kept yet, and the rows that were put aside."""
    known: dict[str, set[str]] = defaultdict(set)
    keys = {key for key, _digest, _line, _text in work.raw}
    where = {"kind": work.kind, "shop": work.shop, "withdrawn": False}
    for key, mark in lookup(RawRow, ("key", "digest"), "key", keys, **where):
        known[key].add(mark)
    rows = [
        (work.batch_id, work.shop, work.kind, key, mark, line, whole)
        for key, mark, line, whole in work.raw
        if mark not in known[key]
    ]
    names = ("batch", "shop", "kind", "key", "digest", "line", "rows")
    work.writer.insert(RawRow, names, rows)
    aside = [
        (work.batch_id, line, bad.key.replace("\0", ""), reason.replace("\0", ""),
         text([[cell.replace("\0", "") for cell in cells]]), bad.rows[0][0])
        for bad in work.bad
        for line, reason, cells in bad.rows
    ]  # fmt: skip
    work.writer.insert(QuarantinedRow, ("batch", "line", "key", "reason", "cells", "head"), aside)
