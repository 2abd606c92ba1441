"""Agents at the same instant, an import under way, a click too many: nothing is half, or twice."""

import threading
from collections.abc import Callable

import pytest
from duplicate_people import again, bought, held
from exports import order as row
from factories import make_member

from portal.duplicates.likeness import look
from portal.duplicates.merge import merge
from portal.duplicates.models import Likeness, Move
from portal.duplicates.split import split
from portal.duplicates.undo import undo
from portal.lib.db import db
from portal.lib.refused import Refused
from portal.loyalty.models import LedgerEntry
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust
from portal.members.models import EmailAddress, Member, SearchTerm
from portal.orders.models import Order

WHY = "Called"


def at_once(app, *works: Callable[[], object]) -> list[object]:
    """Run each on a connection of its own at the same instant; refusals are results."""
    start, results = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            start.wait()
            try:
                results.append(work())
            except Refused as refusal:
                results.append(refusal)
            finally:
                db.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(works)
    return results


@pytest.fixture
def alice(app, points) -> Member:
    alice = make_member("Alice", email="alice@example.com")
    bought(alice, 10_000)
    return alice


@pytest.fixture
def twin(app, points) -> Member:
    twin = make_member("Alise", email="alise@example.com")
    bought(twin, 5000)
    return twin


@pytest.mark.parametrize("_round", range(3))
def test_two_agents_merge_crosswise_and_one_of_them_wins(app, alice, twin, ines, _round):
    results = at_once(
        app,
        lambda: merge(alice, twin, ines, WHY),
        lambda: merge(twin, alice, ines, WHY),
    )
    assert sorted(type(result).__name__ for result in results) == ["Move", "Refused"]
    kept = Move.get().target
    assert (held(kept), Order.select().where(Order.member == kept).count()) == ((150, 0, 0), 2)
    assert again(kept).merged_into is None
    assert problems() == []


def test_eight_clicks_merge_once(app, alice, twin, ines):
    results = at_once(app, *[lambda: merge(alice, twin, ines, WHY)] * 8)
    assert len({result.id for result in results}) == 1
    assert LedgerEntry.select().where(LedgerEntry.kind == "moved").count() == 2
    assert held(alice) == (150, 0, 0)


def test_eight_clicks_take_back_once(app, alice, twin, ines):
    move = merge(alice, twin, ines, WHY)
    results = at_once(app, *[lambda: undo(move, ines)] * 8)
    assert sorted(type(result).__name__ for result in results) == ["Refused"] * 7 + ["Undone"]
    assert (held(alice), held(twin)) == ((100, 0, 0), (50, 0, 0))
    assert problems() == []


def test_a_ring_of_merges_leaves_one_person_or_says_no(app, alice, twin, ines):
    third = make_member("Alyce", email="alyce@example.com")
    bought(third, 2000)
    at_once(
        app,
        lambda: merge(alice, twin, ines, WHY),
        lambda: merge(twin, third, ines, WHY),
        lambda: merge(third, alice, ines, WHY),
    )
    left = Member.select().where(Member.role.is_null() & Member.merged_into.is_null())
    into = {m.merged_into_id for m in Member.select().where(Member.merged_into.is_null(False))}
    assert into <= {m.id for m in left}  # nobody is merged into somebody who is gone
    assert sum(held(m)[0] for m in left) == 170
    assert {o.member_id for o in Order.select()} <= {m.id for m in left}
    assert problems() == []


def test_points_given_while_two_are_merged_are_not_lost(app, alice, twin, ines):
    at_once(
        app,
        lambda: merge(alice, twin, ines, WHY),
        *[lambda n=n: adjust(alice, 10, f"gift {n}", ines) for n in range(6)],
    )
    assert held(alice) == (210, 0, 0)
    assert problems() == []


def test_merging_and_parting_at_once_leave_every_order_with_somebody(app, alice, twin, ines):
    order = Order.get(Order.member == alice)
    results = at_once(
        app,
        lambda: merge(twin, alice, ines, WHY),
        lambda: split(alice, order_ids=[order.id], by=ines, why=WHY),
    )
    assert any(isinstance(result, Move) for result in results)
    assert again(Order.get_by_id(order.id).member).merged_into is None
    assert problems() == []


def test_an_import_under_way_finds_the_one_kept(app, bring, points, ines):
    rows = [
        row(str(n), email=f"{('ana', 'anna')[n % 2]}@example.com") for n in range(1, 40)
    ]  # fmt: skip
    bring(*rows[:2])
    ana, anna = (EmailAddress.find(f"{name}@example.com").member for name in ("ana", "anna"))
    at_once(app, lambda: bring(*rows), lambda: merge(ana, anna, ines, WHY))
    assert {order.member_id for order in Order.select()} == {ana.id}
    assert Order.select().count() == 39
    assert SearchTerm.select().where(SearchTerm.member == anna).count() == 0
    assert problems() == []


def test_two_searches_for_duplicates_at_once_agree(app):
    for number in range(10):
        make_member("Ana", email=f"a.na{number}@gmail.com")
        make_member("Ana", email=f"ana{number}@gmail.com")
    at_once(app, look, look, look)
    look()
    assert Likeness.select().count() == 10


def test_a_merge_that_is_cut_off_changes_nothing(app, alice, twin, ines):
    """The last thing that a merge writes fails: all of it goes back."""
    before = [held(alice), held(twin), sorted(o.member_id for o in Order.select())]
    db.execute_sql("ALTER TABLE search_term RENAME TO lost")
    try:
        with pytest.raises(Exception, match="search_term"):
            merge(alice, twin, ines, WHY)
    finally:
        db.execute_sql("ALTER TABLE lost RENAME TO search_term")
    assert [held(alice), held(twin), sorted(o.member_id for o in Order.select())] == before
    assert (Move.select().count(), again(twin).merged_into) == (0, None)
    assert problems() == []
