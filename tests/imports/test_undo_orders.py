"""Files that build on each other are undone in any order: what one still needs stays till then."""

from collections.abc import Callable

import pytest
from exports import customer, line, order
from flask import Flask
from money_files import charge
from tables import contents

from portal.catalog.models import Product
from portal.imports.models import Batch
from portal.imports.result import Result
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.stays import sentence
from portal.imports.undoing.undo import plan, redo, undo
from portal.lib.dates import day
from portal.ops.verify import problems
from portal.orders.models import OrderLine
from portal.payments.models import Payment
from portal.shop.models import change_settings

Bring = Callable[..., Result]


@pytest.fixture(autouse=True)
def points(app: Flask) -> None:
    change_settings(points_per_unit=1, return_days=14, point_worth=5)


def batch(result: Result) -> Batch:
    assert result.error == ""
    found: Batch = Batch.get_by_id(result.batch)
    return found


def as_planned(made: Batch) -> Outcome:
    """Undo it, and see that the plan had said so."""
    expected = plan(made).as_json()
    outcome = undo(Batch.get_by_id(made.id))
    assert outcome.as_json() == expected
    assert problems() == []
    return outcome


def why(outcome: Outcome, table: str) -> list[str]:
    return [sentence(entry) for entry in outcome.kept.as_json() if entry["table"] == table]


@pytest.mark.parametrize("change", ["another product", "no such line any more"])
def test_a_product_stays_while_a_later_file_would_need_it_again(bring: Bring, change: str) -> None:
    empty = contents()
    first = batch(bring(order("1001"), line("1001", lineitem_sku="TEA-2", lineitem_name="Oolong")))
    one = contents()
    rows = [order("1001")]
    if change == "another product":
        rows.append(line("1001", lineitem_sku="TEA-3", lineitem_name="Gyokuro"))
    second = batch(bring(*rows))
    said = why(as_planned(first), "product")
    assert f"One product: needed if {second.file}" in " ".join(said)
    assert {p.sku for p in Product.select()} >= {"TEA-1", "TEA-2"}
    as_planned(second)
    assert contents() | {"raw": []} == one | {"raw": []}
    as_planned(first)
    assert contents() == empty


def test_lines_come_back_with_the_product_that_has_come_in_again(bring: Bring) -> None:
    bring(order("1001"))
    second = batch(bring(order("1001", lineitem_sku="TEA-2")))
    undo(second)
    bring(order("1002", lineitem_sku="TEA-2", email="x@example.com"))
    redo(second)
    tea = Product.get(Product.sku == "TEA-2")
    assert [row.product_id for row in OrderLine.select()] == [tea.id, tea.id]
    assert problems() == []


def test_money_and_its_person_stay_while_a_later_file_would_need_them_again(bring: Bring) -> None:
    """A payment that was pending came to nothing; who takes that back has it pending again."""
    empty = contents()
    people = batch(bring(customer(), customer(customer_id="'2", email="b@example.com")))
    money = batch(bring(charge(customer_email="ana@example.com", status="Pending")))
    pending = contents()
    failed = batch(bring(charge(customer_email="ana@example.com", status="Failed")))
    assert Payment.select().count() == 0
    assert why(as_planned(money), "payment") == why_later("One payment", failed)
    assert f"One person: needed if {failed.file}" in " ".join(why(as_planned(people), "member"))
    as_planned(failed)
    assert contents()["payment"] == pending["payment"]
    as_planned(money)
    as_planned(people)
    assert contents() == empty
    for made in (people, money):
        assert redo(made).kept.as_json() == []
    assert contents() == pending


def test_what_a_later_file_told_anew_of_waiting_money_goes_back_to_what_it_was(
    bring: Bring,
) -> None:
    bring(charge("ch_1", description="Order #1001"), charge("ch_2", description="Order #1002"))
    before = contents()
    retold = batch(
        bring(charge("ch_2", description="Order #1002", status="Failed", customer_email="a@b.se"))
    )
    after = contents()
    assert after["waiting_transaction"] != before["waiting_transaction"]
    for _turn in range(2):
        as_planned(retold)
        assert contents() == before
        assert redo(retold).kept.as_json() == []
        assert contents() == after


def why_later(things: str, later: Batch) -> list[str]:
    when = day(later.started_at)
    return [f"{things}: changed by {later.file}, imported on {when}. Undo that one first."]
