"""What runs by itself every few minutes reads the few rows that it is about, never all members."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.lib.db import db, is_sqlite
from portal.recovery import addresses, closing, freezing, slow


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (closing.close_due, "member_closing"),
        (closing.forget_farewells, "mail_member_id_created_at_id"),
        (addresses.forget_old, "email_address_left"),
        (slow.tell_ready, "recovery_state"),
        (freezing.cases, "member_frozen"),
    ],
)
def test_what_is_due_is_found_by_an_index(
    app: Flask, statements: Any, work: Callable[[], object], index: str
) -> None:
    if not is_sqlite():
        pytest.skip("an empty table is always read whole there")
    with statements() as seen:
        work()
    blanks = [None] * seen[0].count("?")
    plan = [step[3] for step in db.execute_sql(f"EXPLAIN QUERY PLAN {seen[0]}", blanks).fetchall()]
    assert f" USING INDEX {index}" in plan[0], plan
