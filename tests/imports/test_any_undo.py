"""Whatever comes in, goes and comes back: what is there is what the files that stand bring."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exports import customer, order, transaction
from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from money_files import charge
from tables import contents, exact

from portal.imports.models import Batch
from portal.imports.run import import_file
from portal.imports.undoing import undo as undoing
from portal.lib.db import db, is_sqlite
from portal.ops.verify import problems
from portal.schema import MODELS
from portal.shop.models import change_settings, forget

NUMBERS = st.sampled_from(["1001", "1002", "1003", "1004"])
EMAILS = st.sampled_from(["ana@example.com", "b@example.com", "C@example.com", ""])


@st.composite
def an_order(draw: Any) -> dict[str, str]:
    number = draw(NUMBERS)
    paid = draw(st.booleans())
    return order(
        number,
        email=draw(EMAILS),
        phone=draw(st.sampled_from(["", "+49 151 2345678"])),
        billing_name=draw(st.sampled_from(["Ana Pérez", "", "Bo Li"])),
        financial_status="paid" if paid else "pending",
        paid_at="2025-03-01 10:00:00 +0100" if paid else "",
        lineitem_sku=draw(st.sampled_from(["TEA-1", "TEA-2", ""])),
        lineitem_name=draw(st.sampled_from(["Sencha", "Hojicha"])),
        refunded_amount=draw(st.sampled_from(["0.00", "0.00", "3.00"])),
        created_at=draw(
            st.sampled_from(["2025-03-01 09:58:12 +0100", "2025-02-01 08:00:00 +0100"])
        ),
        note_attributes=draw(st.sampled_from(["", "Tracking number: 3SFEKE123456789"])),
    )


def a_transaction(number: str, kind: str, amount: str) -> dict[str, str]:
    return transaction(number, kind=kind, amount=amount)


def a_customer(number: int, email: str, phone: str) -> dict[str, str]:
    return customer(customer_id=f"'{number}", email=email, phone=phone)


@st.composite
def a_charge(draw: Any) -> dict[str, str]:
    return charge(
        draw(st.sampled_from(["ch_1", "ch_2", "ch_3"])),
        status=draw(st.sampled_from(["Paid", "Paid", "Pending", "Failed"])),
        amount_refunded=draw(st.sampled_from(["0.00", "2.00"])),
        customer_email=draw(EMAILS),
        customer_id=draw(st.sampled_from(["", "cus_1"])),
        description=draw(st.sampled_from(["", "Order #1001", "Order #1002"])),
    )


FILES = st.one_of(
    st.lists(an_order(), min_size=1, max_size=4, unique_by=lambda row: row["Name"]),
    st.lists(
        st.builds(a_transaction, NUMBERS, st.sampled_from(["sale", "refund"]),
                  st.sampled_from(["24.50", "5.00"])),
        min_size=1, max_size=3, unique_by=lambda row: row["Name"],
    ),
    st.lists(a_charge(), min_size=1, max_size=3, unique_by=lambda row: row["id"]),
    st.lists(
        st.builds(a_customer, st.integers(1, 3), EMAILS, st.sampled_from(["", "+49 30 1234567"])),
        min_size=1, max_size=3, unique_by=lambda row: row["Customer ID"],
    ),
)  # fmt: skip
FEW = 2 if os.environ.get("TEST_DATABASE_URL") else 5  # emptying it takes longer there
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
#: What fails is shown as it was found: to make it smaller takes minutes.
QUICK = settings(max_examples=FEW, deadline=None, suppress_health_check=SLOW,
                 phases=set(Phase) - {Phase.shrink, Phase.explain})  # fmt: skip
LONG = settings(QUICK, max_examples=400)
STEPS = st.lists(st.sampled_from(["undo", "redo", "again"]), max_size=5)


def empty() -> None:
    """Every table empty, without the triggers that keep history."""
    names = [model._meta.table_name for model in reversed(MODELS)]
    names.remove("setting")
    if not is_sqlite():
        db.execute_sql("TRUNCATE " + ", ".join(f'"{name}"' for name in names) + " CASCADE")
        return
    with db.atomic():
        for name in ("event", "ledger_entry"):
            for what in ("rows", "words"):
                db.execute_sql(f"DROP TRIGGER IF EXISTS {name}_keeps_{what}")
        for name in names:
            db.execute_sql(f'DELETE FROM "{name}"')


STORIES = given(st.lists(st.tuples(FILES, STEPS), min_size=1, max_size=3))
ORDERS = given(st.lists(FILES, min_size=2, max_size=4), st.lists(st.integers(0, 3), max_size=8))
#: Another product in a line, in a later file; that one, and then the first, is undone and redone.
SWAPPED = ([[order("1001")], [order("1001", lineitem_sku="TEA-2")]], [0, 1, 0, 1, 1, 0])
REMADE = (
    [[order("1001")], [order("1001", lineitem_sku="TEA-2")],
     [order("1002", lineitem_sku="TEA-2", email="b@example.com")]],
    [2, 1, 2, 1],
)  # fmt: skip
FAILED = (
    [[customer(customer_id="'1")], [charge(status="Pending", customer_email="ana@example.com")],
     [charge(status="Failed", customer_email="ana@example.com")]],
    [1, 0, 2, 0, 1],
)  # fmt: skip


@QUICK
@STORIES
def test_undoing_the_newest_is_as_if_it_had_never_come(
    app: Flask, written: Callable[..., Path], story: list[Any]
) -> None:
    undo_the_newest(written, story)


@pytest.mark.soak
@LONG
@STORIES
def test_undoing_the_newest_is_as_if_it_had_never_come_in_many_stories(
    app: Flask, written: Callable[..., Path], story: list[Any]
) -> None:
    undo_the_newest(written, story)


def undo_the_newest(written: Callable[..., Path], story: list[Any]) -> None:
    empty()
    forget()
    change_settings(points_per_unit=1, return_days=14)
    standing = [(contents(), exact())]
    for rows, steps in story:
        batch = Batch.get_by_id(import_file(written(*rows)).batch)
        after = (contents(), exact())
        _walk(batch, steps, standing[-1][0], after)
        standing.append(after)
    for batch in Batch.select().order_by(Batch.id.desc()):
        standing.pop()
        undoing.undo(batch)
        assert contents() == standing[-1][0]
        assert problems() == []


def _walk(batch: Batch, steps: list[str], before: Any, after: Any) -> None:
    """Undo and redo some times, and stand as after the import in the end."""
    undone = False
    for step in steps:
        if not undone:
            assert undoing.undo(batch).kept.as_json() == []
            assert contents() == before
        else:
            assert undoing.redo(batch).kept.as_json() == []
            assert (contents(), exact()) == after
        undone = not undone
        assert step
        assert problems() == []
    if undone:
        undoing.redo(batch)
    assert (contents(), exact()) == after


@QUICK
@ORDERS
@example(*SWAPPED)
@example(*REMADE)
@example(*FAILED)
def test_undoing_in_any_order_never_breaks_a_rule(
    app: Flask, written: Callable[..., Path], files: list[Any], turns: list[int]
) -> None:
    undo_in_any_order(written, files, turns)


@pytest.mark.soak
@LONG
@ORDERS
def test_undoing_in_any_order_never_breaks_a_rule_in_many_orders(
    app: Flask, written: Callable[..., Path], files: list[Any], turns: list[int]
) -> None:
    undo_in_any_order(written, files, turns)


def undo_in_any_order(written: Callable[..., Path], files: list[Any], turns: list[int]) -> None:
    empty()
    forget()
    change_settings(points_per_unit=1, return_days=14)
    blank = contents()
    for rows in files:
        import_file(written(*rows))
    batches = list(Batch.select().order_by(Batch.id))
    for turn in turns:
        batch = Batch.get_by_id(batches[turn % len(batches)].id)
        if batch.state == "done":
            expected = undoing.plan(batch).as_json()
            assert undoing.undo(batch).as_json() == expected
        else:
            undoing.redo(batch)
        assert problems() == []
    for _round in range(len(batches)):
        for batch in Batch.select().order_by(Batch.id.desc()):
            if batch.state == "done" or batch.undo_tally.get("kept"):
                undoing.undo(batch)
    assert problems() == []
    assert contents()["order"] == blank["order"]
