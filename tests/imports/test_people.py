"""Who an order belongs to."""

from collections.abc import Callable

from exports import counts, customer, order
from factories import make_member

from portal.imports.result import Result
from portal.lib.clock import now
from portal.members.models import CustomerId, EmailAddress, Member, PhoneNumber
from portal.members.models.search import find_members
from portal.orders.models import Order
from portal.payments.models import Payment

Bring = Callable[..., Result]


def test_an_address_matches_trimmed_and_case_blind(bring: Bring) -> None:
    bring(order("1001", email="ANA@Example.com "), order("1002", email="ana@example.com"))
    assert Member.select().count() == 1
    assert EmailAddress.get().address == "ANA@Example.com"


def test_the_customer_id_comes_before_the_address(bring: Bring) -> None:
    bring(customer(customer_id="'111", email="ana@example.com"))
    result = bring(customer(customer_id="'111", email="ana@new.example"))
    assert counts(result, "updated") == {"members": 1}
    assert Member.select().count() == 1
    assert sorted(row.address for row in EmailAddress.select()) == [
        "ana@example.com",
        "ana@new.example",
    ]


def test_a_phone_matches_only_where_neither_side_has_an_address(bring: Bring) -> None:
    bring(order("1001", email="ana@example.com", phone="'+32 470 12 34 56"))
    bring(order("1002", email="", phone="+32470123456"))
    assert Member.select().count() == 2
    bring(order("1003", email="", phone="0032 470 123456"))
    bring(order("1004", email="bob@example.com", phone="+32470123456"))
    owners = {found.number: found.member_id for found in Order.select()}
    assert owners["1002"] == owners["1003"]
    assert len(set(owners.values())) == 3


def test_a_name_never_matches(bring: Bring) -> None:
    bring(order("1001", email="ana@example.com"), order("1002", email="other@example.com"))
    assert [member.name for member in Member.select()] == ["Ana Pérez", "Ana Pérez"]


def test_an_order_without_any_contact_has_no_member_until_it_has_one(bring: Bring) -> None:
    bring(order("1001", email=""))
    assert Order.get().member is None
    assert Member.select().count() == 0
    result = bring(order("1001", email="ana@example.com"))
    assert counts(result, "updated") == {"orders": 1}
    assert Order.get().member == Member.get()
    assert Payment.get().member == Member.get()


def test_customers_before_or_after_orders_are_the_same_people(bring: Bring) -> None:
    first = bring(customer(), customer(customer_id="'112", email="", phone="'+32470123456"))
    assert counts(first, "created") == {"members": 2}
    result = bring(order("1001"), order("1002", email="", phone="+32470123456"))
    assert counts(result, "created") == {"orders": 2, "lines": 2, "payments": 2, "products": 1}
    assert CustomerId.select().count() == 2


def test_a_customer_without_id_address_and_phone_is_put_aside(bring: Bring) -> None:
    result = bring(customer(), customer(customer_id="", email=""))
    assert result.quarantined == [
        (3, "The row has no customer id, no e-mail address and no phone number.")
    ]


def test_what_is_no_address_puts_the_row_aside(bring: Bring) -> None:
    result = bring(customer(email="ana at example"), customer(customer_id="'9"))
    assert result.quarantined == [
        (2, "“Email” holds “ana at example”, which is not an e-mail address.")
    ]


def test_the_three_layouts_of_customers_are_one_kind(bring: Bring) -> None:
    old = {
        "First Name": "Bo", "Last Name": "Li", "Email": "bo@example.com", "Company": "",
        "Address1": "Street 1", "City": "Ghent", "Accepts Marketing": "no", "Total Orders": "2",
        "Total Spent": "1,020.00", "Phone": "", "Tags": "",
    }  # fmt: skip
    template = {name: cell for name, cell in old.items() if name != "Accepts Marketing"}
    template |= {"Accepts Email Marketing": "no", "Email": "cy@example.com"}
    kinds = {bring(row).kind for row in (old, template, customer())}
    assert kinds == {"shopify-customers"}
    assert sorted(member.name for member in Member.select()) == ["Ana Pérez", "Bo Li", "Bo Li"]


def test_import_makes_people_and_no_sign_ins(bring: Bring) -> None:
    bring(customer())
    member = Member.get()
    assert (member.source, member.joined_at, member.role) == ("import", None, None)
    assert member.username == member.number.lower()
    assert EmailAddress.get().verified_at is None


def test_somebody_who_joined_gets_no_further_address_from_a_file(bring: Bring) -> None:
    bring(customer())
    Member.update(joined_at=now()).execute()
    bring(customer(email="stranger@example.com"))
    assert [row.address for row in EmailAddress.select()] == ["ana@example.com"]


def test_a_file_fills_in_a_name_and_never_changes_one(bring: Bring) -> None:
    nameless = make_member(name="Bo", email="n@example.com")
    named = make_member(email="a@example.com")
    Member.update(name="").where(Member.id == nameless.id).execute()
    result = bring(order("1001", email="n@example.com"), order("1002", email="a@example.com"))
    assert Member.get_by_id(nameless.id).name == "Ana Pérez"
    assert Member.get_by_id(named.id).name == named.name
    assert result.tally.updated["members"] == 1


def test_agents_find_who_came_in_by_name_address_and_phone(bring: Bring) -> None:
    bring(order("10017", email="ana@example.com", phone="+32470123456"))
    member = Member.get()
    typed = ("pérez", "ana@exa", "32470123456", member.number)
    assert {text: find_members(text) for text in typed} == {text: [member.id] for text in typed}
    assert PhoneNumber.get().folded == "32470123456"
