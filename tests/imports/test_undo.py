"""Undoing an import, and redoing it: what goes, what comes back, what stays and why."""

from collections.abc import Callable
from typing import Any

import pytest
from exports import customer, line, order, transaction
from flask import Flask
from tables import contents, exact

from portal.imports.models import Batch, EarlierRow, RawRow, UndoneRow, WaitingTransaction
from portal.imports.result import Result
from portal.imports.undoing import undo as undoing
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.stays import sentence
from portal.imports.undoing.undo import plan, redo, undo
from portal.lib.clock import now
from portal.lib.refused import Refused
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.members.models import EmailAddress, Event, Member, SearchTerm
from portal.members.models.search import find_members
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.shop.models import change_settings

Bring = Callable[..., Result]


def batch(result: Result) -> Batch:
    found: Batch = Batch.get_by_id(result.batch)
    return found


def reasons(outcome: Outcome) -> list[str]:
    return sorted(map(sentence, outcome.kept.as_json()))


@pytest.fixture(autouse=True)
def points(app: Flask) -> None:
    change_settings(points_per_unit=1, return_days=14, point_worth=5)


@pytest.fixture
def shop_file(bring: Bring) -> Callable[[], Result]:
    def run() -> Result:
        return bring(
            order("1001", note_attributes="Tracking number: 3SFEKE123456789"), line("1001"),
            order("1002", email="new@example.com", billing_name="Bo Li", refunded_amount="1.00"),
            line("1002", lineitem_sku="TEA-2"), 
            order("1003", email="", phone="+49 151 2345678", billing_name="Cleo Ruiz"),
        )  # fmt: skip

    return run


def test_undo_takes_everything_back_that_the_only_import_brought(shop_file) -> None:
    empty = contents()
    made = batch(shop_file())
    expected = plan(made)
    outcome = undo(made)
    assert outcome.as_json() == expected.as_json()
    assert outcome.removed["order"] == 3
    assert dict(outcome.totals) == {"EUR": 3 * 2450}
    assert outcome.kept.as_json() == []
    assert contents() == empty
    assert Batch.get().state == "undone"
    assert problems() == []


def test_redo_brings_back_exactly_what_was_there(shop_file) -> None:
    made = batch(shop_file())
    before, detail = contents(), exact()
    undo(made)
    outcome = redo(made)
    assert outcome.kept.as_json() == []
    assert contents() == before
    assert exact() == detail
    assert Batch.get().state == "done"
    assert (UndoneRow.select().count(), EarlierRow.select().count()) == (0, 0)
    assert problems() == []
    assert undo(made).removed["order"] == 3
    assert redo(made).kept.as_json() == []
    assert exact() == detail


def test_the_file_can_come_in_again_after_undo(shop_file) -> None:
    first = shop_file()
    before = contents()
    undo(batch(first))
    again = shop_file()
    assert again.tally.created["orders"] == 3
    assert contents() == before
    assert problems() == []


def test_history_stays_and_says_what_happened(shop_file, sign_in) -> None:
    made = batch(shop_file())
    entries = LedgerEntry.select().count()
    undo(made)
    ana = Event.get((Event.kind == "imports.undone") & Event.data["count"].is_null(False)).member
    assert ana.withdrawn_at
    assert ana.name == ""
    assert LedgerEntry.select().count() > entries
    text = sign_in(ana).get("/account/activity").get_data(as_text=True)
    assert "The shop took back what it had told us of one of your orders." in text
    assert "/account/orders/1001" not in text
    owner = Member.make(name="Olga Own", role="owner")
    page = sign_in(owner).get(f"/staff/members/{ana.number}").get_data(as_text=True)
    assert "Ana" not in page
    assert "The import that brought this person was undone on" in page


def test_nobody_finds_who_went(shop_file) -> None:
    made = batch(shop_file())
    assert len(find_members("ana")) == 1
    undo(made)
    assert find_members("ana") == []
    assert SearchTerm.select().count() == 0
    redo(made)
    assert len(find_members("ana")) == 1


def test_a_later_file_keeps_its_orders_until_it_is_undone_first(bring: Bring) -> None:
    first = batch(bring(order("1001", financial_status="pending", paid_at=""), order("1002")))
    one = contents()
    second = batch(bring(order("1001"), order("1003")))
    both = exact()
    outcome = undo(first)
    assert outcome.removed["order"] == 1
    assert [words for words in reasons(outcome) if words.startswith("One order")] == [
        f"One order: changed by {second.file}, imported on "
        f"{sentence(outcome.kept.as_json()[0]).split('imported on ')[1]}"
    ]
    assert problems() == []
    assert redo(first).kept.as_json() == []
    assert exact() == both
    undo(second)
    assert contents() == one
    assert problems() == []
    undo(first)
    assert Order.select().count() == 0


def test_the_rest_can_be_undone_once_the_later_file_is(bring: Bring) -> None:
    empty = contents()
    first = batch(bring(order("1001", financial_status="pending", paid_at=""), order("1002")))
    second = batch(bring(order("1001"), order("1003")))
    undo(first)
    undo(second)
    undo(Batch.get_by_id(first.id))
    assert contents() == empty
    assert problems() == []


def test_undoing_twice_is_refused(shop_file) -> None:
    made = batch(shop_file())
    undo(made)
    with pytest.raises(Refused, match="undone already"):
        undo(made)
    redo(made)
    with pytest.raises(Refused, match="Only an import that was undone"):
        redo(made)


def test_an_order_with_a_tracking_number_of_the_shop_stays(shop_file) -> None:
    made = batch(shop_file())
    agent = Member.make(name="Ines", role="agent")
    found = Order.get(Order.number == "1002")
    found.set_tracking("3SABCD1234567", agent)
    outcome = undo(made)
    assert [o.number for o in Order.select()] == ["1002"]
    assert "One order: somebody at the shop set a tracking number." in reasons(outcome)
    assert "One person: they have other orders or payments." in reasons(outcome)
    assert problems() == []


@pytest.mark.parametrize("deed", ["joined", "verified", "staff", "note", "wish"])
def test_people_who_are_more_than_the_file_said_stay(shop_file, deed: str) -> None:
    from portal.staff.models import Note
    from portal.wishlist.models import WishlistItem

    made = batch(shop_file())
    ana = EmailAddress.find("ana@example.com").member
    agent = Member.make(name="Ines", role="agent")
    if deed == "joined":
        Member.update(joined_at=now()).where(Member.id == ana.id).execute()
    elif deed == "verified":
        EmailAddress.find("ana@example.com").verify()
    elif deed == "staff":
        Member.update(role="agent").where(Member.id == ana.id).execute()
    elif deed == "note":
        Note.create(member=ana, author=agent, body="Kind.")
    else:
        WishlistItem.create(member=ana, sku="X", title="X")
    expected = plan(made)
    outcome = undo(made)
    assert outcome.as_json() == expected.as_json()
    stayed = Member.get_by_id(ana.id)
    assert (stayed.name, stayed.withdrawn_at) == ("Ana Pérez", None)
    assert EmailAddress.find("ana@example.com")
    assert [words for words in reasons(outcome) if words.startswith("One person")]
    assert Order.select().count() == 0
    assert problems() == []
    assert redo(made).kept.as_json() == []
    assert Order.get(Order.number == "1001").member_id == ana.id
    assert problems() == []


def test_a_product_that_somebody_saved_stays(shop_file) -> None:
    from portal.catalog.models import Product
    from portal.wishlist.models import WishlistItem

    made = batch(shop_file())
    tea = Product.get(Product.sku == "TEA-1")
    WishlistItem.create(member=Member.make(name="Bob"), product=tea, sku="TEA-1", title="Sencha")
    outcome = undo(made)
    assert [p.sku for p in Product.select()] == ["TEA-1"]
    assert "One product: saved by somebody." in reasons(outcome)
    redo(made)
    assert problems() == []


def test_points_that_were_spent_are_owed(bring: Bring) -> None:
    from portal.loyalty.vouchers import redeem

    made = batch(bring(order("1001")))
    member = EmailAddress.find("ana@example.com").member
    redeem(member, 20, "k" * 20)
    account = PointsAccount.get(PointsAccount.member == member)
    had = account.balance
    assert plan(made).points == had + 20
    undo(made)
    account = PointsAccount.get(PointsAccount.member == member)
    assert (account.balance, account.owed) == (0, 20)
    assert problems() == []
    redo(made)
    account = PointsAccount.get(PointsAccount.member == member)
    assert (account.balance, account.owed) == (had, 0)
    assert problems() == []


def test_money_that_the_orders_took_up_waits_again(bring: Bring) -> None:
    money = batch(bring(transaction("1001"), transaction("1009")))
    waits = contents()
    assert WaitingTransaction.select().count() == 2
    orders = batch(bring(order("1001")))
    both = exact()
    assert WaitingTransaction.select().count() == 1
    stays = reasons(undo(money))
    assert len(stays) == 1
    assert orders.file in stays[0]
    assert redo(money).kept.as_json() == []
    assert exact() == both
    undo(orders)
    assert contents() == waits
    redo(orders)
    assert exact() == both
    undo(orders)
    undo(Batch.get_by_id(money.id))
    assert WaitingTransaction.select().count() == 0
    assert problems() == []


def test_transactions_go_and_the_summary_comes_back(bring: Bring) -> None:
    bring(order("1001", refunded_amount="2.00"), order("1002"))
    before, detail = contents(), exact()
    money = batch(bring(transaction("1001"), transaction("1001", kind="refund", amount="5.00")))
    after = exact()
    outcome = undo(money)
    assert outcome.put_back["order"] == 1
    assert contents() == before
    assert exact() == detail
    redo(money)
    assert exact() == after
    assert problems() == []


def test_customers_go_and_what_was_added_to_others_goes(bring: Bring) -> None:
    bring(order("1001"))
    before = contents()
    made = batch(bring(customer(phone="+49 151 1234567"),
                       customer(customer_id="'2", email="b@example.com")))  # fmt: skip
    after = contents()
    undo(made)
    assert contents() == before
    assert Member.select().where(Member.withdrawn_at.is_null(False)).count() == 0
    redo(made)
    assert contents() == after
    assert problems() == []


def test_redo_leaves_out_what_has_come_in_again(shop_file) -> None:
    first = batch(shop_file())
    undo(first)
    shop_file()
    before = contents()
    outcome = redo(first)
    assert "3 orders: the order’s number has come in again since." in reasons(outcome)
    assert contents() == before
    assert problems() == []


def test_an_address_that_is_somebody_elses_now_leads_to_them(bring: Bring) -> None:
    first = batch(bring(order("1001")))
    undo(first)
    bring(customer())
    redo(first)
    ana = EmailAddress.find("ana@example.com").member
    assert Order.get().member_id == ana.id
    assert Member.select().where(Member.withdrawn_at.is_null()).count() == 1
    assert problems() == []


def test_a_person_who_got_the_id_of_one_who_went_keeps_it(bring: Bring) -> None:
    made = batch(bring(customer(), customer(customer_id="'2", email="b@example.com")))
    undo(made)
    new = [Member.make(name=f"New {number}", source="sign-up") for number in range(3)]
    outcome = redo(made)
    assert outcome.kept.as_json() == []
    assert [Member.get_by_id(m.id).name for m in new] == ["New 0", "New 1", "New 2"]
    assert Member.select().count() == 5
    undo(made)
    assert sorted(m.name for m in Member.select()) == ["New 0", "New 1", "New 2"]
    assert problems() == []


@pytest.fixture
def cut_off(bring: Bring, monkeypatch) -> tuple[Batch, Callable[[], Result]]:
    """An import that died half in, and how its file comes in again."""
    from portal.imports.loading import loader

    monkeypatch.setattr(loader, "ROWS_AT_ONCE", 2)
    rows = [order(str(number)) for number in range(1001, 1009)]
    real, count = loader.Loader._write, 0

    def cut(self: Any, *arguments: Any) -> None:
        nonlocal count
        count += 1
        if count > 2:
            raise RuntimeError
        real(self, *arguments)

    with monkeypatch.context() as cutting:
        cutting.setattr(loader.Loader, "_write", cut)
        with pytest.raises(RuntimeError):
            bring(*rows)
    assert 0 < Order.select().count() < 8
    return Batch.get(), lambda: bring(*rows)


def test_an_import_that_was_cut_off_is_undone_and_comes_in_whole_anew(cut_off) -> None:
    made, again = cut_off
    undo(made)
    assert (Order.select().count(), Batch.get().state) == (0, "undone")
    assert again().tally.created["orders"] == 8
    assert Batch.select().count() == 2
    assert problems() == []


def test_an_import_that_was_cut_off_is_cut_off_again_once_it_is_redone(cut_off) -> None:
    made, again = cut_off
    before, had = exact(), Order.select().count()
    undo(made)
    undoing.look(made.id)
    redo(Batch.get())
    assert exact() == before
    assert (Batch.get().state, Batch.get().finished_at) == ("running", None)
    assert again().tally.created["orders"] == 8
    assert (Order.select().count(), Batch.select().count(), had < 8) == (8, 1, True)
    assert Batch.get().state == "done"
    undo(Batch.get())
    redo(Batch.get())
    assert Batch.get().state == "done"
    assert problems() == []


def test_raw_rows_of_an_undone_import_count_as_never_seen(shop_file) -> None:
    made = batch(shop_file())
    undo(made)
    assert [row.withdrawn for row in RawRow.select()] == [True] * 3
    redo(made)
    assert [row.withdrawn for row in RawRow.select()] == [False] * 3


def test_undo_in_many_parts_equals_undo_in_one(shop_file, monkeypatch) -> None:
    empty = contents()
    made = batch(shop_file())
    before = exact()
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    undo(made)
    assert contents() == empty
    redo(made)
    assert exact() == before


def test_money_that_was_given_a_person_and_then_replaced_comes_back_without(bring: Bring) -> None:
    bring(order("1001", email="", billing_name="", refunded_amount="3.00"))
    before, detail = contents(), exact()
    made = batch(bring(order("1001", refunded_amount="0.00", fulfilled_at="2025-03-05 09:00:00")))
    after = exact()
    undo(made)
    assert contents() == before
    assert exact()["refund"] == detail["refund"]
    assert problems() == []
    redo(made)
    assert exact() == after
    assert problems() == []
