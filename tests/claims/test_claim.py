"""A member claims orders: two proofs, a look before, a way back; what is another's stays theirs."""

from datetime import timedelta

import pytest
from claimed import balance, kinds, owner, standing
from factories import make_member
from time_machine import travel

from portal.claims.belonging import same_phone
from portal.claims.models import Claim
from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.loyalty.points import book_orders
from portal.loyalty.verify import problems
from portal.members.models import (
    EmailAddress,
    Event,
    Member,
    PhoneNumber,
    ProofCode,
    fold_phone,
)
from portal.orders.models import Order
from portal.payments.models import Payment

OLD = "old@example.com"


@pytest.fixture
def guest(alice, place) -> Member:
    """Alice too, as the files know her by an older address: three orders, with points."""
    guest = make_member("A. Janssens", email=OLD)
    orders = [place(guest, str(n), email=OLD, total=8740 + n) for n in (1048, 1049, 1050)]
    book_orders([order.id for order in orders])
    return guest


def test_orders_of_another_address_come_with_payments_and_points(
    sign_in, alice, guest, claim
) -> None:
    client = sign_in(alice)
    preview = claim(client, contact=OLD, number="#1048", total="97.88")
    text = preview.get_data(as_text=True)
    assert ["3 orders would come" in text, "Order 1050" in text] == [True, True]
    assert {order.member_id for order in Order.select()} == {guest.id}  # nothing moved yet
    taken = client.post("/claim/take", follow_redirects=True).get_data(as_text=True)
    assert "3 orders are in your account now" in taken
    assert {order.member_id for order in Order.select()} == {alice.id}
    assert {payment.member_id for payment in Payment.select()} == {alice.id}
    assert (balance(alice), balance(guest)) == (97 + 97 + 97, 0)
    assert (kinds(alice), kinds(guest)) == (["orders.claimed"], ["orders.claimed_away"])
    assert standing() == ["1048", "1049", "1050"]
    assert problems() == []
    assert "1048" in client.get("/account/orders").get_data(as_text=True)


def test_the_code_goes_to_the_address_and_is_nowhere_to_be_read(sign_in, alice, guest) -> None:
    client = sign_in(alice)
    answer = client.post("/claim", data={"contact": OLD, "number": "1048", "postcode": "9000"})
    mail = Mail.get(Mail.kind == "claim_code")
    assert (answer.location, mail.to) == ("/claim/code", OLD)
    stored = " ".join(str(row) for model in (Mail, ProofCode) for row in model.select().tuples())
    assert mail.secret() not in stored
    assert "wants those orders in their account" in mail.text


def test_the_answer_is_the_same_for_an_address_that_nobody_has(sign_in, alice, guest) -> None:
    answers = []
    for address in (OLD, "none@example.com"):
        said = {"contact": address, "number": "1048", "postcode": "9000"}
        answer = sign_in(alice).post("/claim", data=said)
        answers.append((answer.status_code, answer.location))
    assert answers == [(303, "/claim/code")] * 2
    assert Mail.select().count() == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"number": "1048", "total": "97.87"},
        {"number": "1048", "postcode": "9001"},
        {"number": "1047", "total": "97.88"},
        {"number": "1048", "total": "97.88", "postcode": "1000"},
    ],
)
def test_a_wrong_fact_opens_nothing_and_needs_no_second_code(
    sign_in, alice, guest, claim, facts
) -> None:
    client = sign_in(alice)
    missed = claim(client, contact=OLD, **facts)
    text = missed.get_data(as_text=True)
    assert (missed.status_code, "No order fits that" in text) == (422, True)
    assert [f'value="{said}"' in text for said in (OLD, *facts.values())] == [True] * (
        len(facts) + 1
    )
    assert kinds(alice) == ["orders.claim_missed"]
    assert client.post("/claim/take").status_code == 422
    assert standing() == []
    right = claim(client, contact=OLD, number="1048", postcode="9000")
    assert (right.status_code, Mail.select().count()) == (200, 1)


def test_an_address_that_is_another_of_the_shop_opens_no_order(
    sign_in, alice, guest, claim
) -> None:
    """The mailbox is hers, the order is not of it."""
    client = sign_in(alice)
    assert (
        claim(client, contact="mine@example.com", number="1048", total="97.88").status_code == 422
    )
    assert claim(client, number="1048", total="97.88", postcode="9000").status_code == 422
    assert owner(Order.get(Order.number == "1048")) == guest.id


def test_an_order_in_somebody_elses_account_stays_there(sign_in, alice, guest, claim) -> None:
    Member.update(joined_at=now()).where(Member.id == guest.id).execute()
    client = sign_in(alice)
    answer = claim(client, contact=OLD, number="1048", total="97.88")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "somebody else’s account" in text) == (409, True)
    assert "write to hello@fernandkettle.example" in text
    assert (client.post("/claim/take").status_code, standing()) == (409, [])


def test_an_order_of_the_member_is_there_already(sign_in, alice, place, claim) -> None:
    place(alice, "2000", email="alice@example.com")
    answer = claim(sign_in(alice), number="2000", total="87.40")
    assert "is in your account already" in answer.get_data(as_text=True)


def test_an_order_without_any_contact_takes_an_own_proved_address_and_a_fact(
    sign_in, alice, place, claim
) -> None:
    order, other = place(None, "3000"), place(None, "3001")
    client = sign_in(alice)
    assert "One order would come" in claim(client, number="3000", total="87,40").get_data(
        as_text=True
    )
    client.post("/claim/take")
    assert (owner(order), owner(other)) == (alice.id, None)
    assert Mail.select().count() == 0  # her own address was proved already
    assert Claim.get().proofs == ["none", "total"]


def test_who_proved_nothing_yet_proves_the_own_address_first(sign_in, place, claim) -> None:
    bob = make_member("Bob Maes", email="bob@example.com", joined_at=now())
    order = place(None, "3000")
    client = sign_in(bob)
    assert claim(client, number="3000", postcode="9000").status_code == 200
    client.post("/claim/take")
    assert owner(order) == bob.id
    assert EmailAddress.find("bob@example.com").verified_at is not None


def test_people_known_by_phone_alone_take_the_proved_number_or_both_facts(
    sign_in, alice, place, claim
) -> None:
    caller = make_member("Caller", email="")
    PhoneNumber.create(member=caller, number="0475 12 34 56", folded="0475123456")
    orders = [place(caller, n, phone="0475 12 34 56") for n in ("4000", "4001")]
    client = sign_in(alice)
    assert claim(client, number="4000", total="87.40").status_code == 422  # one fact is too few
    assert (
        claim(client, contact="+32 475 12 34 56", number="4000", total="87.40").status_code == 422
    )
    both = claim(client, number="4000", total="87.40", postcode="9000").get_data(as_text=True)
    assert "One order would come" in both
    PhoneNumber.create(member=alice, number="+32475123456", folded="32475123456", verified_at=now())
    proved = claim(client, contact="+32 475 12 34 56", number="4000", total="87.40")
    assert "2 orders would come" in proved.get_data(as_text=True)
    client.post("/claim/take")
    assert [owner(order) for order in orders] == [alice.id] * 2


def test_a_texted_code_proves_the_number_of_who_is_known_by_phone_alone(
    app, sign_in, alice, place
) -> None:
    app.config["DEMO"] = True  # its outbox is read by hand: text messages reach people
    caller = make_member("Caller", email="")
    PhoneNumber.create(member=caller, number="0470 12 34 56", folded="0470123456")
    orders = [place(caller, n, phone="0470 12 34 56") for n in ("4000", "4001")]
    client = sign_in(alice)
    said = {"number": "4000", "total": "87.40"}
    without = client.post("/claim", data=said | {"contact": "0470 12 34 56"})
    assert "code of its country" in without.get_data(as_text=True)
    answer = client.post("/claim", data=said | {"contact": "+32 470 12 34 56"})
    message = TextMessage.get()
    assert (answer.location, message.to) == ("/claim/code", "+32470123456")
    assert message.secret() not in " ".join(map(str, TextMessage.select().tuples()))
    page = client.get("/claim/code").get_data(as_text=True)
    assert ["Look at your phone" in page, "+32 470 12 34 56" in page] == [True, True]
    assert client.post("/claim/code", data={"code": message.secret()}).status_code == 303
    assert "2 orders would come" in client.get("/claim/preview").get_data(as_text=True)
    client.post("/claim/take")
    assert [owner(order) for order in orders] == [alice.id] * 2


def test_a_code_is_bound_to_member_and_browser(sign_in, alice, guest) -> None:
    first, second = sign_in(alice), sign_in(make_member("Bob Maes", joined_at=now()))
    first.post("/claim", data={"contact": OLD, "number": "1048", "postcode": "9000"})
    code = Mail.get(Mail.kind == "claim_code").secret()
    second.post("/claim", data={"contact": OLD, "number": "1048", "postcode": "9000"})
    assert second.post("/claim/code", data={"code": code}).status_code == 422
    assert second.get("/claim/preview").location == "/claim"
    assert sign_in(alice).post("/claim/code", data={"code": code}).status_code == 422
    assert first.post("/claim/code", data={"code": code}).location == "/claim/preview"


def test_a_proof_serves_for_half_an_hour(sign_in, alice, guest, claim) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    with travel(now() + timedelta(minutes=31)):
        late = client.post("/claim/take")
    assert (late.status_code, "That took too long" in late.get_data(as_text=True)) == (409, True)
    assert standing() == []


def test_looking_writes_nothing(sign_in, alice, guest, claim) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    before = [list(model.select().tuples()) for model in (Order, Event, ProofCode, Claim)]
    for path in ("/claim", "/claim/code", "/claim/preview"):
        client.get(path)
    assert [list(m.select().tuples()) for m in (Order, Event, ProofCode, Claim)] == before


def test_guesses_end_after_ten_and_parallel_accounts_do_not_help(sign_in, alice, guest) -> None:
    client = sign_in(alice)
    said = {"contact": "", "number": "1048"}
    answers = [client.post("/claim", data=said | {"total": f"90.{n:02}"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Retry-After" in answers[-1].headers
    for n in range(11):
        helper = sign_in(make_member(f"Helper {n}", joined_at=now()))
        elsewhere = {"REMOTE_ADDR": f"203.0.113.{n}"}
        last = helper.post("/claim", data=said | {"total": "91.00"}, environ_base=elsewhere)
    assert last.status_code == 429


def test_eleven_wrong_codes_end_the_code(sign_in, alice, guest) -> None:
    client = sign_in(alice)
    client.post("/claim", data={"contact": OLD, "number": "1048", "postcode": "9000"})
    code = Mail.get(Mail.kind == "claim_code").secret()
    for _time in range(10):
        client.post("/claim/code", data={"code": "AAAAAA"})
    answer = client.post("/claim/code", data={"code": code})
    assert (answer.status_code, "too many wrong codes" in answer.get_data(as_text=True)) == (
        422, True,
    )  # fmt: skip
    jobs.run_waiting()
    assert kinds(alice) == ["orders.claim_code_missed"] * 11  # it opens no account
    assert "A code to claim an order" in client.get("/account/activity").get_data(as_text=True)


def test_a_frozen_account_claims_nothing(sign_in, alice, guest, claim) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    said = {"contact": "", "number": "1048", "total": "97.88"}
    answers = [client.post("/claim", data=said), client.post("/claim/take")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert standing() == []


@pytest.mark.parametrize("days", [0, 6])
def test_the_member_gives_everything_back_within_seven_days(
    sign_in, alice, guest, claim, days
) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    client.post("/claim/take")
    with travel(now() + timedelta(days=days)):
        client = sign_in(alice)
        assert "Give back" in client.get("/claim").get_data(as_text=True)
        undo = f"/claim/{Claim.get().id}/undo"
        page = client.post(undo, follow_redirects=True).get_data(as_text=True)
        assert "3 orders went back where they were" in page
        assert client.post(undo).status_code == 409  # and a second click moves nothing
    assert {order.member_id for order in Order.select()} == {guest.id}
    assert {payment.member_id for payment in Payment.select()} == {guest.id}
    assert (balance(alice), balance(guest)) == (0, 291)
    assert kinds(alice)[-1] == kinds(guest)[-1] == "orders.claim_undone"
    assert problems() == []


def test_after_seven_days_only_the_shop_takes_it_back(sign_in, alice, guest, claim, ines) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    client.post("/claim/take")
    id_ = Claim.get().id
    with travel(now() + timedelta(days=7, minutes=1)):
        late = sign_in(alice).post(f"/claim/{id_}/undo")
        assert (late.status_code, "more than seven days ago" in late.get_data(as_text=True)) == (
            409, True,
        )  # fmt: skip
        assert len(standing()) == 3
        desk = sign_in(ines)
        for member in (alice, guest):
            page = desk.get(f"/staff/members/{member.number}").get_data(as_text=True)
            assert ["Claimed orders" in page, "the address of the order, the total" in page] == [
                True, True,
            ]  # fmt: skip
        desk.post(f"/staff/members/{guest.number}/claims/{id_}/undo")
    assert (standing(), {order.member_id for order in Order.select()}) == ([], {guest.id})


def test_a_foreign_claim_is_not_found(sign_in, alice, guest, claim, ines) -> None:
    client = sign_in(alice)
    claim(client, contact=OLD, number="1048", total="97.88")
    client.post("/claim/take")
    bob = make_member("Bob Maes", joined_at=now())
    path = f"{Claim.get().id}/undo"
    assert sign_in(bob).post(f"/claim/{path}").status_code == 404
    answer = sign_in(ines).post(f"/staff/members/{bob.number}/claims/{path}")
    assert (answer.status_code, len(standing())) == (404, 3)


def test_whoever_else_has_an_address_there_is_told(sign_in, alice, place, claim) -> None:
    """The order names one address, its person is known by another: that one hears of it."""
    partner = make_member("Partner", email="partner@example.com")
    PhoneNumber.create(
        member=alice, number="+32475123456", folded=fold_phone("+32475123456"), verified_at=now()
    )
    place(partner, "5000", phone="+32475123456")
    client = sign_in(alice)
    claim(client, contact="+32475123456", number="5000", total="87.40")
    client.post("/claim/take")
    while jobs.run_waiting():
        pass
    mail = Mail.get(Mail.kind == "orders_claimed")
    assert (mail.to, "5000" in mail.text, "can be taken back" in mail.text) == (
        "partner@example.com", True, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("32475123456", "0475123456", True),
        ("0475123456", "32475123456", True),
        ("0475123456", "0475123456", True),
        ("32475123456", "33475123456", False),
        ("0475123456", "0575123456", False),
        ("", "", False),
        ("", "0475123456", False),
        ("01234567", "9991234567", False),  # too short to be told apart
    ],
)
def test_numbers_with_and_without_the_country_are_one(one, other, same) -> None:
    assert same_phone(one, other) is same
