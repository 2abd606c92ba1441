"""People whose import was undone, and whom only history names, are nowhere among the living."""

import csv
import io
from collections.abc import Callable

import pytest
from exports import order
from factories import make_member
from flask import Flask

from portal.duplicates.likeness import look
from portal.duplicates.models import Likeness
from portal.imports.exports.writing import export
from portal.imports.models import Batch
from portal.imports.result import Result
from portal.imports.undoing.undo import redo, undo
from portal.loyalty.models import LedgerEntry
from portal.members.models import Member
from portal.shop.models import change_settings
from portal.staff.models import Look
from portal.staff.search import people, search


@pytest.fixture
def undone(app: Flask, bring: Callable[..., Result]) -> Batch:
    """Two likely same people, with an order and points each, whose import was undone."""
    change_settings(points_per_unit=1, return_days=14)
    rows = [order("1001", email="ana.perez@gmail.com"), order("1002", email="anaperez@gmail.com")]
    batch: Batch = Batch.get_by_id(bring(*rows).batch)
    assert look() == 1
    undo(batch)
    assert Member.select().where(Member.withdrawn_at.is_null(False)).count() == 2
    return batch


def exported(name: str) -> list[list[str]]:
    text = "".join(export(name, "csv", "default"))
    return list(csv.reader(io.StringIO(text)))[1:]


def test_they_are_not_likely_the_same_as_anybody(undone: Batch) -> None:
    make_member("Ana Pérez", email="ana.perez@googlemail.com")
    assert look() == 0
    assert Likeness.select().count() == 0
    redo(undone)
    assert look() == 3


@pytest.mark.parametrize("name", ["members", "orders", "lines", "payments", "points"])
def test_no_export_tells_of_them(undone: Batch, name: str) -> None:
    assert LedgerEntry.select().count() > 0
    assert exported(name) == []
    redo(undone)
    assert exported(name) != []


def test_agents_do_not_find_them(undone: Batch) -> None:
    gone = [member.id for member in Member.select()]
    assert (search("Ana").people, people(gone)) == ([], [])
    assert search(Member.get_by_id(gone[0]).number).people == []
    redo(undone)
    assert (len(search("Ana").people), len(people(gone))) == (2, 2)


def test_they_are_not_among_those_an_agent_saw_last(undone: Batch, sign_in) -> None:
    agent = make_member("Ines", role="agent")
    gone = Member.get(Member.withdrawn_at.is_null(False))
    Look.create(agent=agent, member=gone, what="")
    assert gone.number not in sign_in(agent).get("/staff").get_data(as_text=True)
    redo(undone)
    assert gone.number in sign_in(agent).get("/staff").get_data(as_text=True)


def test_a_shop_with_nobody_else_is_empty_again(undone: Batch, sign_in) -> None:
    owner = sign_in(make_member("Olga", role="owner"))
    empty = owner.get("/staff").get_data(as_text=True)
    redo(undone)
    assert owner.get("/staff").get_data(as_text=True) != empty
    assert "/staff/imports" in empty
