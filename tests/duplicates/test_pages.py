"""The agents' pages: the list, two people side by side, merging, parting, taking back."""

import pytest
from duplicate_people import again, bought, call
from factories import make_member

from portal.duplicates.likeness import look
from portal.duplicates.merge import merge
from portal.duplicates.models import Likeness, Move
from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.members.models import EmailAddress, Event, Member
from portal.orders.models import Order


@pytest.fixture
def ana(app, points) -> Member:
    return make_member("Ana Pérez", email="ana.perez@gmail.com")


@pytest.fixture
def twin(app, points) -> Member:
    return make_member("Ana Perez", email="anaperez@gmail.com")


@pytest.fixture
def desk(sign_in, ines):
    return sign_in(ines)


def pair(one: Member, other: Member, deed: str = "") -> str:
    return f"/staff/duplicates/{one.number}/{other.number}{deed}"


def test_the_list_names_both_and_why_with_masked_addresses(desk, ana, twin):
    look()
    page = desk.get("/staff/duplicates").text
    assert "One pair may be the same person" in page
    assert "Ana Pérez and Ana Perez" in page
    assert "Their e-mail addresses reach the same mailbox." in page
    assert "a…@gmail.com" in page
    assert "anaperez@gmail.com" not in page
    assert pair(ana, twin) in page
    assert "One pair may be the same person" in desk.get("/staff").text


def test_an_empty_list_says_so(desk):
    assert "Nobody is here twice, as far as we see" in desk.get("/staff/duplicates").text


def test_the_list_has_pages_and_costs_the_same_for_one_and_for_many(desk, statements):
    def cost() -> int:
        look()
        with statements() as seen:
            assert desk.get("/staff/duplicates").status_code == 200
        return len(seen)

    for number in range(2):
        make_member("Ana", email=f"a.na{number}@gmail.com")
        make_member("Ana", email=f"ana{number}@gmail.com")
    cost()  # the shop's settings are read now and then
    few = cost()
    for number in range(2, 30):
        make_member("Ana", email=f"a.na{number}@gmail.com")
        make_member("Ana", email=f"ana{number}@gmail.com")
    assert cost() <= few
    seen, url = [], "/staff/duplicates"
    while url:
        page = desk.get(url, htmx=url != "/staff/duplicates").text
        seen += page.split('<li><a href="')[1:]
        url = page.partition('data-hx-get="/staff/duplicates?')[2].partition('"')[0]
        url = f"/staff/duplicates?{url}" if url else ""
    assert len({row.partition('"')[0] for row in seen}) == len(seen) == 30


def test_looking_again_is_a_job(desk, ana, twin):
    assert desk.post("/staff/duplicates/look").status_code == 303
    assert Likeness.select().count() == 0
    run_waiting()
    assert Likeness.select().count() == 1


def test_side_by_side_marks_what_both_have_and_both_see_who_looked(desk, ana, twin, sign_in):
    call(ana, "+32 470 12 34 56")
    call(twin, "0470 12 34 56")
    bought(ana, 5000, number="1001")
    look()
    page = desk.get(pair(ana, twin)).text
    assert "<mark>Ana Pérez</mark>" in page
    assert "<mark>0470 12 34 56</mark>" in page
    assert "<mark>anaperez@gmail.com</mark>" in page
    assert "<span>1 order, €50.00</span>" in page
    assert "<mark>Never signed in" not in page
    looked = Event.select().where(Event.kind == "staff.looked")
    assert {event.member_id for event in looked} == {ana.id, twin.id}


def test_two_people_become_one_and_a_second_click_changes_nothing(desk, ana, twin, ines):
    bought(twin, 5000)
    form = {"keep": ana.number, "reason": "Called and named both orders."}
    answer = desk.post(pair(ana, twin, "/merge"), data=form)
    assert (answer.status_code, answer.location) == (303, f"/staff/members/{ana.number}")
    page = desk.get(answer.location).text
    assert "They are one now. Moved: 1 order, 1 e-mail address, 50 points." in page
    assert f"Merged with {twin.number}" in page
    assert "Called and named both orders." in page
    again_ = desk.post(pair(ana, twin, "/merge"), data=form)
    assert (again_.status_code, Move.select().count()) == (303, 1)
    move = Move.get()
    assert (move.target, move.source, move.by) == (ana, twin, ines)


def test_the_one_who_is_chosen_stays(desk, ana, twin):
    desk.post(pair(ana, twin, "/merge"), data={"keep": twin.number, "reason": "Prefers it"})
    assert again(ana).merged_into == twin


def test_without_a_reason_nothing_happens_and_the_choice_is_kept(desk, ana, twin):
    answer = desk.post(pair(ana, twin, "/merge"), data={"keep": twin.number, "reason": " "})
    assert answer.status_code == 422
    assert "Write how you know" in answer.text
    assert f'checked id="keep-1" name="keep" type="radio" value="{twin.number}"' in answer.text
    assert Move.select().count() == 0


def test_whoever_signed_in_stays_and_cannot_be_chosen_away(desk, ana, twin):
    Member.update(joined_at=now()).where(Member.id == twin.id).execute()
    page = desk.get(pair(ana, twin)).text
    assert f"Ana Perez, {twin.number}, has signed in and stays." in page
    data = {"keep": ana.number, "reason": "Called"}
    assert desk.post(pair(ana, twin, "/merge"), data=data).status_code == 422
    data["keep"] = twin.number
    assert desk.post(pair(ana, twin, "/merge"), data=data).status_code == 303
    assert again(ana).merged_into == twin


def test_two_who_both_signed_in_are_shown_without_a_button(desk, ana, twin):
    Member.update(joined_at=now()).execute()
    page = desk.get(pair(ana, twin)).text
    assert "Both have signed in" in page
    assert "Merge them" not in page
    sent = desk.post(pair(ana, twin, "/merge"), data={"keep": ana.number, "reason": "x"})
    assert (sent.status_code, Move.select().count()) == (422, 0)


def test_a_pair_called_different_is_gone_for_good(desk, ana, twin):
    look()
    assert desk.post(pair(twin, ana, "/dismiss")).status_code == 303
    look()
    assert pair(ana, twin) not in desk.get("/staff/duplicates").text
    assert "Somebody said that they are two people." not in desk.get("/staff/duplicates").text


def test_the_other_number_is_typed_at_the_member(desk, ana, twin, ines):
    page = f"/staff/members/{ana.number}/merge"
    assert desk.get(page).status_code == 200
    shown = desk.get(page, query_string={"other": f" {twin.number.replace('-', ' ').lower()} "})
    assert (shown.status_code, shown.location) == (303, pair(ana, twin))
    for wrong, sentence in (
        ("K7QM-4TX2-9", "No member has that number"),
        (ana.number, "this same person already"),
        (ines.number, "No member has that number"),
        ("", "Write the other number"),
    ):
        answer = desk.get(page, query_string={"other": wrong})
        assert (answer.status_code, sentence in answer.text) == (422, True)


def test_taking_back_says_what_went_home_and_what_stayed(desk, ana, twin, ines):
    stays = bought(twin, 5000)
    bought(twin, 1000)
    move = merge(ana, twin, ines, "Called")
    Order.update(member=make_member("Cleo")).where(Order.id == stays.id).execute()
    answer = desk.post(f"/staff/members/{ana.number}/moves/{move.id}/undo")
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Taken back: 1 order, 1 e-mail address, 10 points." in page
    assert "Changed since, so it stays where it is: 1 order." in page
    twice = desk.post(f"/staff/members/{ana.number}/moves/{move.id}/undo")
    assert (twice.status_code, "taken back already" in twice.text) == (409, True)


def test_a_move_is_taken_back_only_at_its_own_people(desk, ana, twin, ines):
    move = merge(ana, twin, ines, "Called")
    bob = make_member("Bob")
    assert desk.post(f"/staff/members/{bob.number}/moves/{move.id}/undo").status_code == 404
    assert again(twin).merged_into == ana


def test_parting_off_shows_first_and_does_then(desk, ana):
    order = bought(ana, 5000, number="1001")
    kept = bought(ana, 2000, number="1002")
    email = EmailAddress.find("ana.perez@gmail.com")
    here = f"/staff/members/{ana.number}/split"
    assert "Part it off" not in desk.get(here).text
    preview = desk.get(here, query_string={"order": order.id, "email": email.id}).text
    assert "50 points, with their orders" in preview
    assert Member.select().where(Member.role.is_null()).count() == 1
    sent = {"order": order.id, "email": email.id, "name": "Jan", "reason": "Brother"}
    answer = desk.post(here, data=sent)
    other = Move.get().target
    assert (answer.status_code, answer.location) == (303, f"/staff/members/{other.number}")
    assert (Order.get_by_id(order.id).member, Order.get_by_id(kept.id).member) == (other, ana)
    assert f"Parted from {ana.number}" in desk.get(answer.location).text
    assert f"Parted off to {other.number}" in desk.get(f"/staff/members/{ana.number}").text


def test_nothing_that_was_chosen_is_lost_when_the_reason_is_missing(desk, ana):
    order = bought(ana, 5000)
    here = f"/staff/members/{ana.number}/split"
    answer = desk.post(here, data={"order": order.id, "name": "Jan", "reason": ""})
    assert answer.status_code == 422
    assert f'<input type="hidden" name="order" value="{order.id}">' in answer.text
    assert 'value="Jan"' in answer.text


def test_what_belongs_to_others_is_neither_shown_nor_parted_off(desk, ana):
    foreign = bought(make_member("Bob"), 1000, number="zebrafish")
    here = f"/staff/members/{ana.number}/split"
    assert "zebrafish" not in desk.get(here, query_string={"order": foreign.id}).text
    answer = desk.post(here, data={"order": foreign.id, "reason": "x"})
    assert (answer.status_code, Move.select().count()) == (409, 0)


def test_staff_are_not_shown_side_by_side(desk, ana, ines):
    assert desk.get(pair(ana, ines)).status_code == 404
    assert desk.get(f"/staff/members/{ines.number}/split").status_code == 409


def test_an_old_pair_leads_to_the_one_kept(desk, ana, twin, ines):
    merge(ana, twin, ines, "Called")
    answer = desk.get(pair(ana, twin))
    assert (answer.status_code, answer.location) == (303, f"/staff/members/{ana.number}")


def test_the_desk_lists_nobody_twice_after_a_merge(desk, ana, twin, ines):
    desk.get(f"/staff/members/{ana.number}")
    desk.get(f"/staff/members/{twin.number}")
    merge(ana, twin, ines, "Called")
    page = desk.get("/staff").text
    assert (ana.number in page, twin.number in page) == (True, False)
    found = desk.get("/staff", query_string={"q": twin.number})  # the card that twin still has
    assert (found.status_code, found.location) == (303, f"/staff/members/{ana.number}")


def test_a_phone_that_stays_with_the_old_number_is_shown_at_the_one_kept(desk, ana, ines):
    twin = make_member("Ana", email="")
    call(twin, "0470 99 88 77")
    merge(ana, twin, ines, "Called")
    assert "0470 99 88 77" in desk.get(f"/staff/members/{ana.number}").text
