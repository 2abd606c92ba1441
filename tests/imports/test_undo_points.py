"""Undoing a file of points: the ledger says so with further rows, and keeps every old one."""

from collections.abc import Callable
from typing import Any

import pytest
from exports import counts, customer
from factories import make_member
from flask import Flask

from portal.duplicates.merge import merge
from portal.imports.exports.columns import SHEETS
from portal.imports.models import Batch
from portal.imports.undoing import words
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.undo import plan, redo, undo
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.loyalty.reversing import take_back
from portal.loyalty.vouchers import adjust
from portal.members.models import Member
from portal.ops.verify import problems


@pytest.fixture
def ana(app: Flask, bring: Callable[..., Any]) -> Any:
    bring(customer())
    return Member.get()


def entry(member: Any, key: str, points: int, day: int = 1) -> dict[str, str]:
    return dict.fromkeys(SHEETS["points"], "") | {
        "Points of member": member.number, "Entry key": key, "Entry kind": "adjusted",
        "Available": str(points), "Why": f"Why {key}", "Booked at": f"2025-03-0{day}T10:00:00Z",
    }  # fmt: skip


def held(member: Any) -> tuple[int, int]:
    account = PointsAccount.get(PointsAccount.member == member)
    return account.balance, account.owed


def ledger() -> list[tuple[str, int]]:
    query = LedgerEntry.select(LedgerEntry.why, LedgerEntry.available).order_by(LedgerEntry.id)
    return list(query.tuples())


def test_points_go_by_further_rows_and_come_back_by_others(ana, bring) -> None:
    result = bring(entry(ana, "a", 120), entry(ana, "b", -20, 2), entry(ana, "c", 5, 3))
    batch = Batch.get_by_id(result.batch)
    assert held(ana) == (105, 0)
    expected = plan(batch)
    outcome = undo(batch)
    assert outcome.as_json() == expected.as_json()
    assert words.lines(outcome) == ["105 points are taken back; those that are spent stay owed"]
    assert held(ana) == (0, 0)
    assert ledger() == [
        ("Why a", 120), ("Why b", -20), ("Why c", 5),
        (f"Why c: the import of {batch.file} was undone", -5),
        (f"Why b: the import of {batch.file} was undone", 20),
        (f"Why a: the import of {batch.file} was undone", -120),
    ]  # fmt: skip
    again = redo(Batch.get_by_id(batch.id))
    assert words.lines(again, redo=True) == ["105 points are booked again"]
    assert held(ana) == (105, 0)
    undo(Batch.get_by_id(batch.id))
    assert held(ana) == (0, 0)
    assert len(ledger()) == 12
    assert len({key for (key,) in LedgerEntry.select(LedgerEntry.key).tuples()}) == 12
    assert problems() == []


def test_points_that_are_spent_stay_owed(ana, bring) -> None:
    batch = Batch.get_by_id(bring(entry(ana, "a", 120)).batch)
    adjust(ana, -100, "Spent", ana, key="spent")
    undo(batch)
    assert held(ana) == (0, 100)
    redo(Batch.get_by_id(batch.id))
    assert held(ana) == (20, 0)
    assert problems() == []


def test_the_same_file_books_again_after_an_undo_and_once(ana, bring) -> None:
    rows = [entry(ana, "a", 120), entry(ana, "b", -20, 2)]
    first = Batch.get_by_id(bring(*rows).batch)
    undo(first)
    second = bring(*rows)
    assert counts(second, "created") == {"points": 2}
    assert held(ana) == (100, 0)
    assert counts(bring(*rows), "created") == {}
    # The first one has nothing left to bring back; the second one takes back what it brought.
    redo(Batch.get_by_id(first.id))
    assert held(ana) == (100, 0)
    undo(Batch.get_by_id(second.batch))
    assert held(ana) == (0, 0)
    assert problems() == []


def test_what_another_import_had_booked_already_stays(ana, bring) -> None:
    bring(entry(ana, "a", 120))
    other = bring(entry(ana, "a", 120), entry(ana, "b", 7, 2))
    undo(Batch.get_by_id(other.batch))
    assert held(ana) == (120, 0)


def test_points_of_somebody_who_was_merged_go_from_the_one_who_was_kept(ana, bring) -> None:
    batch = Batch.get_by_id(bring(entry(ana, "a", 120), entry(ana, "b", -20, 2)).batch)
    bring(customer(customer_id="'2", email="bob@example.com"))
    bob = Member.get(Member.id != ana.id)
    adjust(bob, 30, "Hello", bob, key="hello")
    merge(bob, ana, by=make_member("Ines", role="agent"), why="The same person")
    assert held(bob) == (130, 0)
    undo(batch)
    assert held(bob) == (30, 0)
    redo(Batch.get_by_id(batch.id))
    assert held(bob) == (130, 0)
    assert problems() == []


def test_nothing_is_taken_back_twice(ana, bring) -> None:
    bring(entry(ana, "a", 120))
    ids = [LedgerEntry.get().id]
    take_back(ids, "a mistake")
    take_back(ids, "a mistake")
    assert held(ana) == (0, 0)
    assert len(ledger()) == 2


def test_an_undo_that_is_cut_off_between_its_parts_goes_on(ana, bring, monkeypatch) -> None:
    monkeypatch.setattr("portal.imports.undoing.undo.AT_ONCE", 2)
    batch = Batch.get_by_id(bring(*(entry(ana, f"k{n}", 10) for n in range(5))).batch)

    def stop(done: int, _of: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo(batch, told=stop)
    assert held(ana) == (10, 0)
    undo(Batch.get_by_id(batch.id))
    assert held(ana) == (0, 0)
    assert Outcome.from_json(Batch.get_by_id(batch.id).undo_tally).points == 50
    assert problems() == []
