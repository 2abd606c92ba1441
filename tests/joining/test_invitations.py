"""Invitations: one link each, once; nobody twice, nobody who joined; killed work goes on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask
from newcomers import kinds_of, mailed, type_code, words

from portal.joining import invitations
from portal.joining.models import Invitation
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import EmailAddress, Member, Session
from portal.shop.models import Setting, change_settings, settings


@pytest.fixture
def owner(app: Flask) -> Member:
    """The owner of the shop."""
    return make_member("Marit De Smet", role="owner")


def link() -> str:
    """The path of the newest invitation."""
    mail = Mail.select().where(Mail.kind == "invitation").order_by(Mail.id.desc()).get()
    return f"/join/invited/{mail.secret()}"


def test_an_invited_stranger_joins_by_a_button_once(client, app: Flask, owner: Member) -> None:
    change_settings(sign_up=False)
    invitations.invite("Maren@Example.com", owner)
    path = link()
    shown = client.get(path)
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert (Invitation.get().opened_at, Invitation.get().used_at) == (None, None)
    assert client.post(path).status_code == 422
    entered = client.post(path, data={"name": "Maren Holt"})
    assert entered.location.startswith("/sign-in/offer?next=/join/steps/location")
    email = EmailAddress.get(EmailAddress.folded == "maren@example.com")
    assert (email.member.name, email.verified_at is None) == ("Maren Holt", False)
    assert client.get("/account/orders").status_code == 200
    again = app.test_client().post(path, data={"name": "Mallory"})
    assert (again.status_code, Session.select().count()) == (410, 1)
    assert "did its work already" in again.text


def test_an_imported_person_comes_in_as_themselves_even_where_an_address_is_not_enough(
    client, owner: Member
) -> None:
    change_settings(claim_by_email=False)
    clara = make_member("Clara Maes", email="clara@example.com")
    make_order(clara, "1048")
    invitations.invite("clara@example.com", owner)
    path = link()
    assert "Clara Maes" not in client.get(path).text
    client.post(path)
    assert "1048" in client.get("/account/orders").text
    assert kinds_of(clara) == ["joining.invited", "joining.found", "sign_in.done"]


def test_after_a_day_the_link_asks_for_a_code_first(client, owner: Member) -> None:
    clara = make_member("Clara Maes", email="clara@example.com")
    invitations.invite("clara@example.com", owner)
    path = link()
    with time_machine.travel(now() + timedelta(hours=25)):
        assert client.get(path).status_code == 410
        assert client.post(path).status_code == 410
        assert Session.select().count() == 0
        asked = client.post(f"{path}/code")
        assert asked.location == "/join/confirm"
        assert type_code(client, mailed()[0]).status_code == 303
    assert Session.get().member == clara
    assert Invitation.get().used_at is not None


def test_a_late_invitation_works_where_nobody_joins_by_themselves_but_for_no_other_address(
    client, owner: Member
) -> None:
    change_settings(sign_up=False)
    invitations.invite("maren@example.com", owner)
    with time_machine.travel(now() + timedelta(hours=25)):
        client.post(f"{link()}/code", data={"name": "Maren Holt"})
        client.post("/join/address", data={"email": "mallory@example.com"})
        assert Mail.select().order_by(Mail.id.desc()).get().kind == "join_other"
        client.post(f"{link()}/code", data={"name": "Maren Holt"})
        assert type_code(client, mailed()[0]).status_code == 303


def test_members_staff_and_given_up_addresses_are_not_invited(owner: Member) -> None:
    make_member(email="known@example.com", joined_at=now())
    make_member(email="ines@example.com", role="agent")
    make_member(email="former@example.com")
    EmailAddress.update(source="former").where(
        EmailAddress.folded == "former@example.com"
    ).execute()
    for name in ("known", "ines", "former"):
        with pytest.raises(Refused):
            invitations.invite(f"{name}@example.com", owner)
    assert (Invitation.select().count(), Mail.select().count()) == (0, 0)


def test_a_link_opens_no_account_of_somebody_who_joined_meanwhile(client, owner: Member) -> None:
    clara = make_member("Clara Maes", email="clara@example.com")
    invitations.invite("clara@example.com", owner)
    Member.update(joined_at=now()).where(Member.id == clara.id).execute()
    answer = client.post(link())
    assert (answer.status_code, Session.select().count()) == (410, 0)
    assert "You are a member already." in answer.text


def test_joining_in_another_way_ends_the_invitation(client, owner: Member) -> None:
    make_member("Clara Maes", email="clara@example.com")
    invitations.invite("clara@example.com", owner)
    path = link()
    client.post("/sign-in/code", data={"email": "clara@example.com"})
    code = Mail.select().where(Mail.kind == "sign_in_code").get().secret()
    client.post("/sign-in/code/enter", data={"code": code})
    assert Invitation.get().used_at is not None
    assert client.get(path).status_code == 410


def test_a_second_invitation_kills_the_first_link(client, owner: Member) -> None:
    invitations.invite("maren@example.com", owner)
    first = link()
    invitations.invite("maren@example.com", owner)
    assert Invitation.select().count() == 1
    assert "a newer mail followed it" in words(client.get(first))
    assert client.post(f"{first}/code").status_code == 410
    assert client.get(link()).status_code == 200
    assert "not whole" in words(client.get("/join/invited/nonsense"))


def test_a_page_that_a_person_sees_is_noted_and_a_scanner_is_not(client, owner: Member) -> None:
    invitations.invite("maren@example.com", owner)
    path = link()
    client.get(path)
    assert Invitation.get().opened_at is None
    assert client.post(f"{path}/opened").status_code == 204
    first = Invitation.get().opened_at
    client.post(f"{path}/opened")
    assert (first is None, Invitation.get().opened_at) == (False, first)


def test_sixteen_browsers_with_one_invitation_let_one_in(app: Flask, owner: Member) -> None:
    invitations.invite("maren@example.com", owner)
    invitation = Invitation.get()

    def race(_number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return invitations.accept(invitation, "Maren").member.name
            except Refused:
                return "refused"
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        came = sorted(pool.map(race, range(16)))
    assert came == ["Maren"] + ["refused"] * 15


def everybody(count: int) -> None:
    """People from a file, and those who are not to be invited."""
    for number in range(count):
        make_member(f"Person {number}", email=f"person{number}@example.com")
    make_member("Joined", email="joined@example.com", joined_at=now())
    make_member("Agent", email="agent@example.com", role="agent")
    make_member("Phone only", email="")
    gone = make_member("Merged", email="merged@example.com")
    Member.update(merged_into=gone.id).where(Member.name == "Merged").execute()


def test_everybody_with_an_address_is_invited_once(app: Flask, owner: Member) -> None:
    everybody(7)
    invitations.invite("person3@example.com", owner)
    assert invitations.to_invite() == 6
    invitations.CHUNK, chunk = 2, invitations.CHUNK
    try:
        invitations.invite_everybody(owner)
        with pytest.raises(Refused):
            invitations.invite_everybody(owner)
        run_waiting()
    finally:
        invitations.CHUNK = chunk
    sent = [mail.to for mail in Mail.select().where(Mail.kind == "invitation")]
    assert sorted(sent) == [f"person{number}@example.com" for number in range(7)]
    assert len({row.token_hash for row in Invitation.select()}) == 7
    assert (settings().inviting, invitations.to_invite()) == ("", 0)
    invitations.invite_everybody(owner)
    run_waiting()
    assert Mail.select().where(Mail.kind == "invitation").count() == 7


def test_work_that_was_killed_goes_on_without_doubles(app: Flask, owner: Member) -> None:
    everybody(5)
    invitations.CHUNK, chunk = 2, invitations.CHUNK
    try:
        change_settings(inviting=f"{owner.id}:0")  # its job was lost with the worker
        assert invitations._next()
        assert Invitation.select().count() == 2
        invitations.sweep.call_local()
    finally:
        invitations.CHUNK = chunk
    assert (Invitation.select().count(), settings().inviting) == (5, "")


def test_two_workers_at_once_invite_nobody_twice(app: Flask, owner: Member) -> None:
    everybody(12)
    invitations.CHUNK, chunk = 2, invitations.CHUNK
    change_settings(inviting=f"{owner.id}:0")

    def work(_number: int) -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                invitations.go_on.call_local()
            finally:
                db.close()

    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
    finally:
        invitations.CHUNK = chunk
    assert (Invitation.select().count(), Mail.select().count()) == (12, 12)


def test_stopping_leaves_the_rest_alone(app: Flask, owner: Member) -> None:
    everybody(3)
    invitations.invite_everybody(owner)
    invitations.stop_inviting()
    run_waiting()
    assert (Invitation.select().count(), Setting.get(Setting.key == "inviting").value) == (0, "")


def test_the_token_is_nowhere_in_the_database(client, owner: Member) -> None:
    invitations.invite("maren@example.com", owner)
    token = link().rpartition("/")[2]
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            assert not any(token in str(c) for c in row if not isinstance(c, bytes | memoryview))
