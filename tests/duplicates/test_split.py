"""One number, two people: what belongs to somebody else goes to a member of their own."""

import pytest
from duplicate_people import again, bought, call, held
from exports import order as row
from factories import make_member

from portal.duplicates.merge import merge
from portal.duplicates.split import split
from portal.duplicates.undo import undo
from portal.lib.clock import now
from portal.lib.refused import Refused
from portal.loyalty.points import book_all
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust
from portal.members.models import EmailAddress, Member
from portal.members.models.search import find_members
from portal.members.timeline import timeline
from portal.orders.models import Order
from portal.payments.models import Payment

WHY = "Father and daughter shared a phone."


@pytest.fixture
def anna(app, points) -> Member:
    member = make_member("Anna Maes", email="anna@example.com")
    EmailAddress.create(member=member, address="jan@example.com", folded="jan@example.com")
    call(member, "+32 470 12 34 56")
    return member


def test_orders_with_their_money_and_points_go_to_a_new_member(anna, ines):
    kept, parted = bought(anna, 10_000, number="1"), bought(anna, 5000, number="2")
    jan = EmailAddress.find("jan@example.com")
    move = split(anna, order_ids=[parted.id], email_ids=[jan.id], name="Jan Maes", by=ines, why=WHY)
    other = move.target
    assert (other.name, other.number != anna.number) == ("Jan Maes", True)
    assert [o.id for o in other.orders] == [parted.id]
    assert Payment.get(Payment.order == parted).member == other
    assert Payment.get(Payment.order == kept).member == anna
    assert EmailAddress.find("jan@example.com").member == other
    assert (held(anna), held(other)) == ((100, 0, 0), (50, 0, 0))
    assert list(find_members("jan@example.com")) == [other.id]
    book_all()
    assert (held(anna), held(other)) == ((100, 0, 0), (50, 0, 0))
    assert problems() == []


def test_taken_back_the_new_number_names_the_first_member(anna, ines):
    parted = bought(anna, 5000)
    move = split(anna, order_ids=[parted.id], by=ines, why=WHY)
    undone = undo(move, ines)
    assert undone.whole
    assert Order.get_by_id(parted.id).member == anna
    assert held(anna) == (50, 0, 0)
    assert Member.by_number(move.target.number) == anna
    assert problems() == []


def test_what_the_new_member_got_since_stays_with_them(anna, ines):
    parted = bought(anna, 5000)
    move = split(anna, order_ids=[parted.id], by=ines, why=WHY)
    own = bought(move.target, 2000)
    undo(move, ines)
    assert Order.get_by_id(own.id).member == move.target
    assert again(move.target).merged_into is None
    assert (held(anna), held(move.target)) == ((50, 0, 0), (20, 0, 0))
    assert problems() == []


def test_points_that_were_spent_are_owed_when_their_order_goes(anna, ines):
    parted = bought(anna, 5000)
    adjust(anna, -50, "Spent in the shop", ines)
    move = split(anna, order_ids=[parted.id], by=ines, why=WHY)
    assert (held(anna), held(move.target)) == ((0, 0, 50), (50, 0, 0))
    undo(move, ines)
    assert (held(anna), held(move.target)) == ((0, 0, 0), (0, 0, 0))
    assert problems() == []


def test_a_later_order_from_the_parted_address_is_the_other_s(bring, points, ines):
    bring(row("1", email="anna@example.com"), row("2", email="jan@example.com"))
    anna, jan = (EmailAddress.find(f"{name}@example.com").member for name in ("anna", "jan"))
    merge(anna, jan, ines, WHY)
    mine = EmailAddress.find("jan@example.com")
    second = Order.get(Order.number == "2")
    move = split(anna, order_ids=[second.id], email_ids=[mine.id], by=ines, why=WHY)
    bring(row("3", email="jan@example.com"))
    assert {o.number for o in move.target.orders} == {"2", "3"}
    assert problems() == []


def test_a_merge_can_be_taken_back_after_a_part_was_split_off_again(anna, ines):
    twin = make_member("Ana Maes", email="ana.maes@example.com")
    first, second = bought(twin, 5000), bought(twin, 2000)
    move = merge(anna, twin, ines, WHY)
    part = split(anna, order_ids=[second.id], by=ines, why=WHY)
    undone = undo(move, ines)
    assert (undone.back["order"], undone.stayed["order"]) == (1, 1)
    assert Order.get_by_id(first.id).member == twin
    assert (held(anna), held(twin), held(part.target)) == ((0, 0, 0), (50, 0, 0), (20, 0, 0))
    assert problems() == []


def test_what_is_not_theirs_cannot_be_parted_off(anna, ines):
    bob = make_member("Bob")
    foreign = bought(bob, 1000)
    with pytest.raises(Refused, match="at least one thing"):
        split(anna, order_ids=[foreign.id], by=ines, why=WHY)
    assert Order.get_by_id(foreign.id).member == bob
    assert Member.select().count() == 3


def test_the_last_way_in_stays(anna, ines):
    Member.update(joined_at=now()).where(Member.id == anna.id).execute()
    mine = EmailAddress.find("anna@example.com")
    mine.verify()
    with pytest.raises(Refused, match="signs in with that e-mail address"):
        split(anna, email_ids=[mine.id], by=ines, why=WHY)
    assert EmailAddress.find("anna@example.com").member == anna


def test_who_signed_in_since_keeps_what_is_theirs(anna, ines):
    move = split(anna, order_ids=[bought(anna).id], by=ines, why=WHY)
    Member.update(joined_at=now()).where(Member.id == move.target.id).execute()
    with pytest.raises(Refused, match="theirs now"):
        undo(move, ines)


def test_both_timelines_say_it(anna, ines):
    move = split(anna, order_ids=[bought(anna).id], by=ines, why=WHY)
    number = move.target.number
    lines = [entry.words for entry in timeline(anna, True).rows]
    assert f"Ines Peeters parted something off, to the new member {number}: {WHY}" in lines
    lines = [entry.words for entry in timeline(move.target, True).rows]
    assert f"Ines Peeters made this member of what stood with {anna.number}: {WHY}" in lines
