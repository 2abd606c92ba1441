"""A big shop out of a small one: every member and order of the demo shop a hundred times."""

import shutil
import sqlite3
from pathlib import Path

from portal.schema import MODELS

# These belong to the shop, not to a member, and stay as they are.
SHARED = {"setting", "logo", "product", "batch", "quarantined_row", "raw_row", "throttle", "mail"}
SHARED |= {"made_rows", "earlier_row", "undone_row", "saved_map", "upload", "self_check"}
SHARED |= {"job_slot", "challenge", "waiting_transaction", "note", "look"}
KEPT_KEYS = {"product_id", "batch_id", "actor_id", "author_id", "passkey_id", "by_id"}
# Columns that must differ from copy to copy.
UNIQUE = {"number", "username", "address", "folded", "external_id", "token_hash", "code", "digest"}
STEP = 1_000_000  # ids of a copy start this far from those of the one before


def multiply(small: Path, big: Path, times: int) -> None:
    """Write `big`: the people of `small`, `times` over, by raw executemany."""
    shutil.copy(small, big)
    with sqlite3.connect(big) as database:
        database.execute("PRAGMA synchronous = off")
        database.execute("PRAGMA cache_size = -200000")
        database.execute("ATTACH ? AS small", (str(small),))
        for model in MODELS:
            table = model._meta.table_name
            if table in SHARED:
                continue
            columns = [field.column_name for field in model._meta.sorted_fields]
            values = ", ".join(_value(table, column, model) for column in columns)
            names = ", ".join(f'"{column}"' for column in columns)
            database.executemany(
                f'INSERT INTO "{table}" ({names}) SELECT {values} FROM small."{table}"',
                [{"copy": number} for number in range(1, times)],
            )
    database.execute("ANALYZE")
    database.commit()
    database.close()


def _value(table: str, column: str, model: type) -> str:
    key = f'"{column}"'
    if column in KEPT_KEYS or (table == "order" and column == "shop"):
        return key
    if column == "id" or (column.endswith("_id") and column != "external_id"):
        return f"{key} + :copy * {STEP}"
    if column in UNIQUE:
        return f"{key} || '-' || :copy"
    if table == "ledger_entry" and column == "key":
        return f"{key} || '-' || :copy"
    if table == "search_term" and column == "term":
        # Many share a first name; nobody shares an address or a number.
        return f"CASE WHEN {key} GLOB '*[0-9@]*' THEN {key} || :copy ELSE {key} END"
    return key
