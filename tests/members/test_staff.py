"""Who works for the shop comes in by a set-up link and a passkey, and leaves at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from authenticator import UP, Authenticator, proof
from factories import make_member
from flask import Flask

from portal.cli import main
from portal.lib.clock import now
from portal.lib.db import db
from portal.members.models import Authenticator as Authenticators
from portal.members.models import EmailAddress, Event, Member, Passkey, Session
from portal.members.staff import (
    NotStaff,
    add_staff,
    list_staff,
    make_owner_link,
    remove_staff,
)


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test here has its own shop."""


def set_up(client, token: str, key: Authenticator, **typed: str):
    """Go through a set-up link as a person does: the name, then the passkey."""
    where = f"/setup/{token}"
    named = client.post(where, data=typed)
    assert (named.status_code, named.location) == (303, where)
    options = client.post(f"{where}/options").json
    credential = key.make(options["publicKey"])
    return client.post(
        where, data={"challenge_id": options["challenge_id"], "credential": credential}
    )


def make_owner(name: str = "Marit De Smet", email: str = "marit@example.com") -> Member:
    """An owner who can sign in."""
    owner = make_member(name, email=email, role="owner")
    Passkey.create(member=owner, credential_id=f"key of {name}", public_key=b"", label="key")
    return owner


def test_an_empty_shop_gets_its_owner_by_link_and_passkey(app: Flask, client) -> None:
    token = make_owner_link()
    first = client.get(f"/setup/{token}")
    assert (first.status_code, first.headers["Referrer-Policy"]) == (200, "no-referrer")
    key = Authenticator()
    entered = set_up(client, token, key, name="Marit De Smet", email="Marit@Example.com")
    assert (entered.status_code, entered.location) == (303, "/staff")
    owner = Member.get()
    assert (owner.role, owner.name, Session.get().method) == ("owner", "Marit De Smet", "passkey")
    assert EmailAddress.find("marit@example.com").member == owner
    assert client.get("/staff").status_code == 200
    assert app.test_client().get(f"/setup/{token}").status_code == 410
    assert make_owner_link() is None
    again = app.test_client()
    assert again.post("/sign-in/passkey", data=proof(again, key)).status_code == 303


def test_a_set_up_link_lets_nobody_in_without_a_verified_passkey(client) -> None:
    token = make_owner_link()
    key = Authenticator()
    key.flags = UP
    assert set_up(client, token, key, name="Eve", email="eve@example.com").status_code == 422
    assert client.post(f"/setup/{token}", data={"credential": ""}).status_code == 422
    assert client.get("/staff").status_code == 303
    assert (Session.select().count(), Member.select().count()) == (0, 0)


def test_ten_colleagues_set_up_in_one_office_within_a_quarter_of_an_hour(app: Flask) -> None:
    for number in range(10):
        token = add_staff(f"c{number}@example.com", "agent")
        colleague = app.test_client()
        colleague.get(f"/setup/{token}")
        assert set_up(colleague, token, Authenticator(), name="Ines").status_code == 303
    tries = [app.test_client().post("/setup/wrong").status_code for _try in range(31)]
    assert (tries[0], tries[-1]) == (410, 429)


def test_the_passkey_step_cannot_come_before_the_name(client) -> None:
    token = make_owner_link()
    assert client.post(f"/setup/{token}/options").status_code == 410
    sent = client.post(f"/setup/{token}", data={"credential": "{}"})
    assert (sent.status_code, sent.location) == (303, f"/setup/{token}")
    assert Member.select().count() == 0


def test_a_wrong_address_is_explained_at_set_up(client) -> None:
    answer = client.post(f"/setup/{make_owner_link()}", data={"name": "", "email": "marit"})
    assert answer.status_code == 422
    assert "Write your name." in answer.get_data(as_text=True)


def test_one_owner_link_makes_one_owner(app: Flask, client) -> None:
    first = make_owner_link()
    second = make_owner_link()
    assert client.get(f"/setup/{first}").status_code == 410
    set_up(client, second, Authenticator(), name="Marit", email="marit@example.com")
    other = app.test_client()
    assert other.post(f"/setup/{second}", data={"name": "Eve"}).status_code == 410
    assert [member.name for member in list_staff()] == ["Marit"]


def test_an_imported_customer_becomes_an_agent_and_old_sessions_end(app, sign_in, client) -> None:
    ines = make_member("Ines Peeters", email="ines@example.com")
    before = sign_in(ines)
    token = add_staff("INES@example.com", "agent")
    assert before.get("/account/security").status_code == 303
    assert client.get("/staff").status_code == 303
    set_up(client, token, Authenticator(), name="Ines P.")
    assert client.get("/staff").status_code == 200
    assert (Member.get_by_id(ines.id).role, Member.get_by_id(ines.id).name) == ("agent", "Ines P.")
    assert Event.get(Event.kind == "role.given").data == {"role": "agent"}


def test_adding_again_gives_a_new_link_which_is_the_way_back(client) -> None:
    owner = make_owner()
    first = add_staff("marit@example.com", "owner")
    second = add_staff("marit@example.com", "owner")
    assert client.get(f"/setup/{first}").status_code == 410
    assert set_up(client, second, Authenticator(), name="Marit").location == "/staff"
    assert Passkey.select().where(Passkey.member == owner).count() == 2


def test_a_set_up_link_lives_a_day_and_dies_with_the_role(client) -> None:
    make_owner()
    token = add_staff("ines@example.com", "agent")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert client.get(f"/setup/{token}").status_code == 410
    token = add_staff("ines@example.com", "agent")
    remove_staff("ines@example.com")
    assert client.get(f"/setup/{token}").status_code == 410


def test_whoever_leaves_is_signed_out_at_once(sign_in) -> None:
    make_owner()
    ines = make_member("Ines Peeters", email="ines@example.com", role="agent")
    client = sign_in(ines)
    assert client.get("/staff").status_code == 200
    remove_staff("ines@example.com")
    assert client.get("/staff").status_code == 303
    assert Member.get_by_id(ines.id).role is None


def test_the_last_owner_stays() -> None:
    make_owner()
    add_staff("half@example.com", "owner")  # not set up, so nobody who could own the shop
    with pytest.raises(NotStaff, match="The last owner stays"):
        remove_staff("marit@example.com")
    with pytest.raises(NotStaff, match="The last owner stays"):
        add_staff("marit@example.com", "agent")
    with pytest.raises(NotStaff, match="Nobody on the staff"):
        remove_staff("nobody@example.com")


def test_an_owner_with_app_and_code_owns_the_shop_like_one_with_a_passkey() -> None:
    make_owner()
    noor = make_member("Noor Claes", email="noor@example.com", role="owner")
    app = Authenticators.create(member=noor, sealed="", label="phone")
    with pytest.raises(NotStaff, match="The last owner stays"):
        remove_staff("marit@example.com")  # Noor's app gave no code yet
    Authenticators.update(confirmed_at=now()).where(Authenticators.id == app.id).execute()
    remove_staff("marit@example.com")
    assert make_owner_link() is None
    with pytest.raises(NotStaff, match="The last owner stays"):
        remove_staff("noor@example.com")


def test_two_owners_who_remove_each_other_leave_one(app: Flask) -> None:
    make_owner()
    make_owner("Noor Claes", "noor@example.com")

    def race(email: str) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                remove_staff(email)
                return "gone"
            except NotStaff:
                return "stays"
            finally:
                db.close()

    with ThreadPoolExecutor(2) as pool:
        came = sorted(pool.map(race, ["marit@example.com", "noor@example.com"]))
    assert came == ["gone", "stays"]
    assert [member.role for member in list_staff()] == ["owner"]


@pytest.mark.parametrize("email", ["", "x", "@", "a b@example.com"])
def test_staff_need_an_address(email: str) -> None:
    with pytest.raises(NotStaff, match="is no e-mail address"):
        add_staff(email, "agent")


def test_the_commands_are_there() -> None:
    assert {"staff", "sign-in-link"} <= set(main.list_commands(None))
