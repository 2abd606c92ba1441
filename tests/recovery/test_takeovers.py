"""Who took an account over for a while does not keep it, or get it back, by way of a recovery."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from factories import make_member
from flask import Flask
from outbox import last, link

from portal.lib import jobs
from portal.lib.clock import now
from portal.members.models import EmailAddress, Member, OneTimeLink, Passkey, Recovery, Session

EMAIL, SECOND = "alice@customers.example", "alice@work.example"
THIEF, THIEF_TOO, ELSEWHERE = "one@thief.example", "two@thief.example", "alice@new.example"
WAIT = timedelta(hours=48, seconds=1)


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with two addresses."""
    alice = make_member(email=EMAIL)
    EmailAddress.create(member=alice, address=SECOND, folded=SECOND)
    return alice


@pytest.fixture
def desk(app: Flask, sign_in: Any) -> Any:
    """The browser of an agent."""
    return sign_in(make_member("Ines Peeters", role="agent"))


def begin(client: Any, address: str = EMAIL) -> str:
    """A slow way back asked for at an address, its 48 hours begun."""
    client.post("/recover", data={"email": address})
    jobs.run_waiting()
    way = link(address, "/recover/way/")
    client.post(way)
    return way


def begin_at_desk(desk: Any, client: Any, member: Member) -> str:
    """One that an agent started at an address that the shop did not know."""
    desk.post(
        f"/staff/members/{member.number}/recovery",
        data={"email": ELSEWHERE, "reason": "She called; both mailboxes are lost."},
    )
    way = link(ELSEWHERE, "/recover/way/")
    client.post(way)
    return way


def change(browser: Any, new: str, old: str) -> str:
    """A change of address asked for; the link that proves the new one."""
    known = EmailAddress.find(old)
    browser.post("/account/email", data={"email": new, "old": known.id if known else ""})
    return link(new, "/email/prove/")


def opening(member: Member) -> list[str]:
    """The addresses that open the account."""
    return sorted(email.address for email in member.emails if email.opens)


def test_a_change_of_address_that_waits_is_over_once_somebody_got_back_in(
    alice: Member, client: Any, sign_in: Any
) -> None:
    way = begin(client, SECOND)
    with time_machine.travel(now() + WAIT):
        proof = change(sign_in(alice), THIEF, EMAIL)
        client.post(way)
        assert client.post(proof).status_code == 410
    assert opening(alice) == [EMAIL, SECOND]


def test_an_address_of_a_thief_is_no_way_back_after_a_recovery_by_staff(
    alice: Member, client: Any, desk: Any, sign_in: Any
) -> None:
    thief = sign_in(alice)
    client.post(change(thief, THIEF, EMAIL))
    client.post(change(thief, THIEF_TOO, THIEF))
    back = link(THIEF, "/email/back/")
    way = begin_at_desk(desk, client, alice)
    with time_machine.travel(now() + WAIT):
        client.post(way)
        assert opening(alice) == [ELSEWHERE]
        assert client.post(back).status_code == 410
        assert opening(alice) == [ELSEWHERE]


def test_an_address_that_was_taken_back_finishes_no_recovery(
    alice: Member, client: Any, sign_in: Any
) -> None:
    EmailAddress.delete().where(EmailAddress.address == SECOND).execute()
    client.post(change(sign_in(alice), THIEF, EMAIL))
    way = begin(client, THIEF)
    client.post(link(EMAIL, "/email/back/"))
    with time_machine.travel(now() + WAIT):
        answer = client.post(way)
        assert (answer.status_code, opening(alice)) == (410, [EMAIL])
        assert client.get("/account/security").status_code == 303


def test_an_address_that_was_given_up_finishes_no_recovery(
    alice: Member, client: Any, sign_in: Any
) -> None:
    EmailAddress.delete().where(EmailAddress.address == SECOND).execute()
    way = begin(client, EMAIL)
    client.post(change(sign_in(alice), ELSEWHERE, EMAIL))
    with time_machine.travel(now() + WAIT):
        answer = client.post(way)
        assert (answer.status_code, opening(alice)) == (410, [ELSEWHERE])


def test_a_stranger_ends_no_recovery_that_staff_began(
    alice: Member, client: Any, desk: Any
) -> None:
    desk.post(
        f"/staff/members/{alice.number}/recovery",
        data={"email": ELSEWHERE, "reason": "She called; both mailboxes are lost."},
    )
    way = link(ELSEWHERE, "/recover/way/")
    client.post("/recover", data={"email": EMAIL})
    jobs.run_waiting()
    client.post(way)
    assert Recovery.get(Recovery.address == ELSEWHERE).state == "waiting"


def test_a_stranger_ends_no_recovery_to_which_colleagues_agree(app: Flask, client: Any) -> None:
    make_member("Nora Claes", email="nora@shop.example", role="agent")
    begin(client, "nora@shop.example")
    client.post("/recover", data={"email": "nora@shop.example"})
    jobs.run_waiting()
    assert [row.state for row in Recovery.select()] == ["asked"]
    assert "is under way" in last("nora@shop.example").subject


def test_a_member_who_came_to_work_for_the_shop_needs_two_colleagues_as_well(
    alice: Member, client: Any
) -> None:
    way = begin(client)
    Member.update(role="agent").where(Member.id == alice.id).execute()
    with time_machine.travel(now() + WAIT):
        answer = client.post(way)
    assert (
        answer.status_code,
        OneTimeLink.select().where(OneTimeLink.purpose == "setup").count(),
    ) == (410, 0)


def test_a_colleague_whose_answer_got_lost_goes_on_until_there_is_a_passkey(
    app: Flask, client: Any, sign_in: Any
) -> None:
    nora = make_member("Nora Claes", email="nora@shop.example", role="agent")
    way = begin(client, "nora@shop.example")
    for name in ("Ines Peeters", "Jo Maes"):
        staff = sign_in(make_member(name, role="agent"))
        staff.post(f"/staff/members/{nora.number}/recovery/agree")
    with time_machine.travel(now() + WAIT):
        first, second = (client.post(way).location for _time in range(2))
        assert [place.startswith("/setup/") for place in (first, second)] == [True, True]
        assert [client.get(place).status_code for place in (first, second)] == [410, 200]
        Passkey.create(member=nora, credential_id="n", public_key=b"x", label="phone")
        assert client.post(way).status_code == 410
    assert Session.select().where(Session.member == nora).count() == 0


def test_a_way_back_that_nobody_went_on_with_stands_in_no_way(alice: Member, client: Any) -> None:
    begin(client)
    with time_machine.travel(now() + WAIT + timedelta(days=7)):
        jobs.run_waiting()
        way = begin(client)
        assert "You can come in from" in client.get(way).get_data(as_text=True)
    assert [row.state for row in Recovery.select().order_by(Recovery.id)] == [
        "cancelled",
        "waiting",
    ]
