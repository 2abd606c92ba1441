"""Claims beside other deeds: another member's, a merge, an import again, an import undone."""

import csv
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from claimed import balance, owner, standing
from exports import ORDER
from exports import order as row
from factories import make_member
from flask import Flask

from portal.claims import asking
from portal.claims.belonging import facts_of
from portal.claims.models import Claim
from portal.claims.taking import take, undo
from portal.duplicates.merge import merge
from portal.duplicates.undo import undo as undo_move
from portal.imports.models import Batch
from portal.imports.run import import_file
from portal.imports.undoing.undo import redo
from portal.imports.undoing.undo import undo as undo_import
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.refused import Refused
from portal.lib.tokens import new_token
from portal.loyalty.models import PointsAccount
from portal.loyalty.points import book_orders
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import redeem
from portal.members.models import EmailAddress, Member, ProofCode
from portal.members.proofs import begin
from portal.orders.models import Order
from portal.payments.models import Payment
from portal.shop.models import change_settings


def proof(member: Member, number: str, contact: str = "") -> ProofCode:
    """What a browser of the member has proved: an address, by its code, and the total."""
    facts = facts_of(number, "", "87.40")
    if not contact:
        browser, _there = asking.begin(member, "", facts, None)
        row = asking.proved(member, browser)
        assert row
        return row
    begun = begin("claim", "mail", contact, member=member, data=facts)
    return asking.use(member, begun.browser, begun.code)


def at_once(app: Flask, *works: Callable[[], object]) -> list[object]:
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


def refused(results: list[object]) -> int:
    """How many were refused."""
    return sum(isinstance(result, Refused) for result in results)


@pytest.fixture
def bob(app: Flask) -> Member:
    """Another member, with a proved address."""
    bob = make_member("Bob Maes", email="bob@example.com", joined_at=now())
    EmailAddress.update(verified_at=now()).where(EmailAddress.member == bob).execute()
    return bob


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Callable[..., Batch]:
    """`bring(row("1048", email="…"), …)`: import these orders from a file."""

    def go(*rows: dict[str, str]) -> Batch:
        path = tmp_path / "orders.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            table = csv.DictWriter(stream, list(ORDER))
            table.writeheader()
            table.writerows(rows)
        assert import_file(path).error == ""
        return Batch.select().order_by(Batch.id.desc()).get()

    return go


@pytest.mark.parametrize("_round", range(3))
def test_two_members_claim_one_order_and_one_gets_it(app, alice, bob, place, _round) -> None:
    order = place(None, "3000")
    book_orders([order.id])
    proofs = [proof(alice, "3000"), proof(bob, "3000")]
    results = at_once(app, lambda: take(alice, proofs[0]), lambda: take(bob, proofs[1]))
    assert (refused(results), standing()) == (1, ["3000"])
    winner, loser = (alice, bob) if owner(order) == alice.id else (bob, alice)
    assert (balance(winner), balance(loser)) == (87, 0)
    assert Payment.get(Payment.order == order).member_id == winner.id
    assert problems() == []


def test_eight_clicks_take_once_and_give_back_once(app, alice, place) -> None:
    order = place(None, "3000")
    said = proof(alice, "3000")
    assert refused(at_once(app, *[lambda: take(alice, said)] * 8)) == 7
    assert (owner(order), balance(alice), len(standing())) == (alice.id, 87, 1)
    claim = Claim.get()
    assert refused(at_once(app, *[lambda: undo(claim)] * 8)) == 7
    assert (owner(order), balance(alice), standing()) == (None, 0, [])
    assert problems() == []


def test_a_claim_and_a_merge_of_whose_it_was_leave_one_owner(app, alice, ines, place) -> None:
    guest = make_member("Guest", email="old@example.com")
    order = place(guest, "1048", email="old@example.com")
    kept = make_member("Kept", email="kept@example.com")
    said = proof(alice, "1048", "old@example.com")
    at_once(app, lambda: take(alice, said), lambda: merge(kept, guest, ines, "Same"))
    assert owner(order) in (alice.id, kept.id)
    assert Payment.get(Payment.order == order).member_id == owner(order)
    assert (owner(order) == alice.id) == bool(standing())
    assert problems() == []


def test_given_back_after_a_merge_it_goes_to_the_one_kept(alice, ines, place) -> None:
    guest = make_member("Guest", email="old@example.com")
    order = place(guest, "1048", email="old@example.com")
    take(alice, proof(alice, "1048", "old@example.com"))
    kept = make_member("Kept", email="kept@example.com")
    merge(kept, guest, ines, "Same")
    undo(Claim.get())
    assert owner(order) == kept.id


def test_a_merge_taken_back_leaves_what_was_claimed_since(alice, ines, place) -> None:
    guest, kept = make_member("Guest", email="old@example.com"), make_member("Kept")
    order = place(guest, "1048", email="old@example.com")
    move = merge(kept, guest, ines, "Same")
    take(alice, proof(alice, "1048", "old@example.com"))
    undo_move(move, ines)
    assert (owner(order), standing()) == (alice.id, ["1048"])


def test_joined_with_whose_it_was_nothing_is_left_to_give_back(alice, ines, place) -> None:
    guest = make_member("Guest", email="old@example.com")
    order = place(guest, "1048", email="old@example.com")
    take(alice, proof(alice, "1048", "old@example.com"))
    merge(alice, guest, ines, "Same")
    with pytest.raises(Refused, match="joined since"):
        undo(Claim.get(), ines)
    assert (owner(order), standing()) == (alice.id, ["1048"])


def test_a_claimed_order_stays_claimed_when_the_file_comes_again(alice, bring) -> None:
    first = row("1048", email="old@example.com", total="87.40")
    bring(first)
    order = Order.get(Order.number == "1048")
    guest = order.member
    take(alice, proof(alice, "1048", "old@example.com"))
    bring(first)
    bring(first | {"Financial Status": "refunded", "Refunded Amount": "87.40"})
    again = Order.get_by_id(order.id)
    assert (again.member_id, again.refunded) == (alice.id, 8740)
    assert {p.member_id for p in Payment.select().where(Payment.order == order)} <= {alice.id}
    bring(row("1049", email="old@example.com"))
    assert Order.get(Order.number == "1049").member_id == guest.id
    assert problems() == []


def test_an_import_undone_takes_the_claimed_order_and_redone_brings_it_back(alice, bring) -> None:
    batch = bring(row("1048", email="old@example.com", total="87.40"))
    take(alice, proof(alice, "1048", "old@example.com"))
    undo_import(batch)
    assert (Order.select().count(), balance(alice)) == (0, 0)
    with pytest.raises(Refused, match="not in the account any more"):
        undo(Claim.get())
    redo(Batch.get_by_id(batch.id))
    assert Order.get().member_id == alice.id
    undo(Claim.get())
    assert (owner(Order.get()), standing()) == (
        EmailAddress.find("old@example.com").member_id, [],
    )  # fmt: skip
    assert problems() == []


def test_points_spent_meanwhile_are_owed_when_the_order_goes_back(alice, place) -> None:
    change_settings(points_per_unit=2)
    order = place(None, "3000", placed_at=now() - timedelta(days=60))
    take(alice, proof(alice, "3000"))
    redeem(alice, 100, new_token())
    undo(Claim.get())
    account = PointsAccount.get(PointsAccount.member == alice)
    assert (owner(order), account.balance, account.owed) == (None, 0, 100)
    assert problems() == []
