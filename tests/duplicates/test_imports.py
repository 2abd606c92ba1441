"""Imports around a merge: what came is found where it went, and both can be taken back."""

from duplicate_people import again, held
from exports import order as row

from portal.duplicates.merge import merge
from portal.duplicates.models import Likeness
from portal.duplicates.undo import undo
from portal.imports.models import Batch
from portal.imports.undoing.undo import redo
from portal.imports.undoing.undo import undo as undo_import
from portal.lib.jobs import run_waiting
from portal.loyalty.verify import problems
from portal.members.models import EmailAddress, Member
from portal.members.models.search import find_members
from portal.orders.models import Order

WHY = "Called"


def two(bring) -> tuple[Member, Member]:
    """Ana of one file, and Ana of another."""
    bring(row("1", email="ana@example.com", total="20.00", shipping="0.00"))
    bring(row("2", email="anna@example.com", total="20.00", shipping="0.00"))
    ana, anna = (EmailAddress.find(f"{name}@example.com").member for name in ("ana", "anna"))
    return ana, anna


def test_a_refund_that_a_file_brings_after_a_merge_goes_home_with_its_order(bring, points, ines):
    ana, anna = two(bring)
    move = merge(ana, anna, ines, WHY)
    assert held(ana) == (40, 0, 0)
    bring(
        row("2", email="anna@example.com", total="20.00", shipping="0.00",
            refunded_amount="5.00", financial_status="partially_refunded")
    )  # fmt: skip
    assert held(ana) == (35, 0, 0)
    undone = undo(move, ines)
    assert (held(ana), held(anna)) == ((20, 0, 0), (15, 0, 0))
    assert undone.back["order"] == 1
    assert problems() == []


def test_undoing_the_import_of_a_merged_person_keeps_the_numbers_and_the_sums(bring, points, ines):
    ana, anna = two(bring)
    move = merge(ana, anna, ines, WHY)
    undo_import(Batch.get(Batch.id == 2), ines)
    assert problems() == []
    assert Member.by_number(anna.number) == ana
    assert list(find_members(anna.number)) == [ana.id]
    assert Order.select().where(Order.number == "1").get().member == ana
    redo(Batch.get(Batch.id == 2), ines)
    assert problems() == []
    assert {order.number for order in Order.select()} == {"1", "2"}
    undo(move, ines)
    assert problems() == []
    assert again(anna).merged_into is None


def test_undoing_the_import_of_the_one_kept_leaves_no_sum_wrong(bring, points, ines):
    ana, anna = two(bring)
    move = merge(ana, anna, ines, WHY)
    undo_import(Batch.get(Batch.id == 1), ines)
    assert problems() == []
    assert Member.by_number(anna.number) == ana
    undo(move, ines)
    assert problems() == []
    assert Order.get(Order.number == "2").member == anna


def test_an_import_of_people_is_followed_by_a_look_for_duplicates(bring):
    bring(row("1", email="ana.perez@gmail.com"))
    bring(row("2", email="anaperez+tea@googlemail.com"))
    run_waiting()
    (pair,) = Likeness.select()
    found = {EmailAddress.of(person).folded for person in (pair.first, pair.second)}
    assert found == {"ana.perez@gmail.com", "anaperez+tea@googlemail.com"}
