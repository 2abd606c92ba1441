"""The second step is asked for after any single one, given once, and never gone round."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from authenticator import Authenticator as Phone
from authenticator import add_passkey, proof
from factories import make_member
from flask import Flask

from portal.factors import authenticators, passwords, recovery_codes, second
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.throttle import Throttle
from portal.members import links
from portal.members.keys import LastWayIn
from portal.members.models import (
    Authenticator,
    Event,
    Member,
    PendingSignIn,
    RecoveryCode,
    Session,
)
from portal.shop.models import change_settings

GOOD = "zebra tulip ladder cobalt"
PAGE = "/account/security/second-factor"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member who has a password."""
    change_settings(passwords=True)
    alice = make_member(email="alice@example.com", nudge_after=now() + timedelta(days=9))
    passwords.keep(alice, GOOD, session_id=0)
    return alice


def digits(shared: str, later: int = 0) -> str:
    """What an app shows now, or `later` half minutes later."""
    return pyotp.TOTP(shared).at(now().replace(tzinfo=UTC), counter_offset=later)


def with_app(member: Member, label: str = "my phone") -> str:
    """Add an app long ago; returns what it shares."""
    app = authenticators.begin(member)
    Authenticator.update(confirmed_at=now(), label=label).where(
        Authenticator.id == app.id
    ).execute()
    return authenticators.secret(app)


def come(client: Any, **more: str) -> Any:
    """The first step: address and password."""
    data = {"email": "alice@example.com", "password": GOOD, **more}
    return client.post("/sign-in/password", data=data)


def give(client: Any, code: str, by: str = "app", **more: str) -> Any:
    """The second step."""
    return client.post("/sign-in/second", data={"code": code, "by": by, **more})


def is_in(client: Any) -> bool:
    """Whether the browser is signed in."""
    return client.get("/account/security").status_code == 200


def kinds_of(member: Member) -> list[str]:
    """The member's events, oldest first."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def test_an_app_is_added_by_its_first_code(alice: Member, sign_in) -> None:
    other, mine = sign_in(alice), sign_in(alice)
    begun = mine.post(f"{PAGE}/app")
    page = mine.get(begun.location).get_data(as_text=True)
    shared = re.search(r'<code class="code">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    assert 'src="data:image/svg+xml' in page
    assert second.on(alice) == []
    wrong = mine.post(begun.location, data={"code": "000000", "label": "phone"})
    assert (wrong.status_code, second.on(alice)) == (422, [])
    right = mine.post(begun.location, data={"code": digits(shared), "label": "phone"})
    assert right.location == "/account/security/recovery-codes"
    assert second.on(alice) == ["app"]
    assert (is_in(mine), is_in(other)) == (True, False)
    assert kinds_of(alice)[-1] == "factor.added"
    assert Mail.select().order_by(Mail.id.desc()).get().subject == (
        "A second step was added to your account at Fern & Kettle"
    )


def test_the_address_in_the_picture_names_shop_and_member(alice: Member) -> None:
    app = authenticators.begin(alice)
    assert authenticators.address(app) == (
        f"otpauth://totp/Fern%20%26%20Kettle:alice%40example.com?secret={authenticators.secret(app)}"
        "&issuer=Fern%20%26%20Kettle"
    )


def test_the_shared_secret_is_nowhere_in_the_database(alice: Member) -> None:
    shared = with_app(alice)
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            assert not any(shared in str(cell) for cell in row)


def test_after_the_password_the_app_is_asked_for(alice: Member, client) -> None:
    shared = with_app(alice)
    first = come(client, next="/account/orders")
    assert (first.status_code, first.location) == (303, "/sign-in/second?next=/account/orders")
    assert not is_in(client)
    assert "Now the code from your app." in client.get(first.location).get_data(as_text=True)
    done = give(client, digits(shared), next="/account/orders")
    assert (done.status_code, done.location, is_in(client)) == (303, "/account/orders", True)
    assert Session.get().method == "two-step"
    page = client.get("/account/activity").get_data(as_text=True)
    assert "You signed in with a password and an authenticator app on" in page


def test_after_a_mailed_code_or_a_link_it_is_asked_for_too(alice: Member, app: Flask) -> None:
    shared = with_app(alice)
    client = app.test_client()
    client.post("/sign-in/code", data={"email": "alice@example.com"})
    code = Mail.select().order_by(Mail.id.desc()).get().secret()
    asked = client.post("/sign-in/code/enter", data={"code": code})
    assert (asked.location, is_in(client)) == ("/sign-in/second?next=/", False)
    assert give(client, digits(shared)).status_code == 303
    other = app.test_client()
    asked = other.post(f"/sign-in/link/{links.make_link(alice)}")
    assert (asked.location, is_in(other)) == ("/sign-in/second?next=/", False)
    assert give(other, digits(shared, 1)).status_code == 303
    assert (is_in(client), is_in(other)) == (True, True)


def test_a_passkey_is_both_at_once(alice: Member, sign_in, client) -> None:
    phone = Phone()
    assert add_passkey(sign_in(alice), phone).status_code == 303
    with_app(alice)
    phone.count = 1
    entered = client.post("/sign-in/passkey", data=proof(client, phone))
    assert (entered.location, is_in(client)) == ("/", True)


def test_a_code_of_the_app_works_once(alice: Member, app: Flask) -> None:
    shared = with_app(alice)
    with time_machine.travel(now(), tick=False):
        code = digits(shared)
        first, other = app.test_client(), app.test_client()
        come(first)
        come(other)
        assert give(first, code).status_code == 303
        replayed = give(other, code)
        assert replayed.status_code == 422
        assert "That code was used already." in replayed.get_data(as_text=True)
        assert give(other, digits(shared, -1)).status_code == 422
        assert give(other, digits(shared, 1)).status_code == 303


def test_the_first_code_of_an_app_does_not_work_again(alice: Member, sign_in, client) -> None:
    with time_machine.travel(now(), tick=False):
        mine = sign_in(alice)
        where = mine.post(f"{PAGE}/app").location
        code = digits(authenticators.secret(Authenticator.get()))
        mine.post(where, data={"code": code, "label": "phone"})
        come(client)
        assert give(client, code).status_code == 422


@pytest.mark.parametrize("later", [-3, -2, 2, 3])
def test_a_code_of_another_minute_is_wrong(alice: Member, client, later: int) -> None:
    shared = with_app(alice)
    come(client)
    with time_machine.travel(now(), tick=False):
        assert give(client, digits(shared, later)).status_code == 422


def test_sixteen_browsers_with_one_code_make_one_use(alice: Member, app: Flask) -> None:
    shared = with_app(alice)
    code = digits(shared)

    def race(_number: int) -> bool:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                authenticators.use(alice, code)
            except authenticators.WrongCode:
                return False
            finally:
                db.close()
            return True

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(race, range(16))) == [False] * 15 + [True]


@pytest.mark.parametrize("typed", ["", "      ", "12345", "١٢٣٤٥٦", "1" * 4000, "abcdef", "\0"])
def test_garbage_is_no_second_step(alice: Member, client, typed: str) -> None:
    with_app(alice)
    recovery_codes.make(alice)
    come(client)
    for by in ("app", "recovery", "password", "sms", "nonsense"):
        assert give(client, typed, by).status_code == 422
    assert not is_in(client)


def test_only_the_ways_that_a_member_has_are_taken(alice: Member, client) -> None:
    with_app(alice)
    come(client)
    assert give(client, GOOD, "password").status_code == 422  # it was the first step
    assert not is_in(client)


def test_ten_wrong_ones_end_the_sign_in_and_are_told_once(alice: Member, client) -> None:
    shared = with_app(alice)
    Mail.delete().execute()
    come(client)
    answers = [give(client, "000000").status_code for _try in range(10)]
    assert answers == [422] * 9 + [303]
    door = client.get("/sign-in").get_data(as_text=True)
    assert "That were ten wrong ones, so this sign-in ended." in door
    assert give(client, digits(shared)).status_code == 303
    assert not is_in(client)
    run_waiting()
    assert kinds_of(alice).count("factor.wrong") == 10
    assert [mail.subject for mail in Mail.select()] == [
        "Somebody failed ten times to get into your account at Fern & Kettle"
    ]


def test_beginning_again_does_not_give_endless_tries(alice: Member, app: Flask) -> None:
    with_app(alice)
    answers = []
    for _time in range(3):
        client = app.test_client()
        come(client)
        answers += [give(client, "000000").status_code for _try in range(9)]
    assert (answers[19], answers[20], answers[26]) == (422, 429, 429)


def test_the_second_step_waits_ten_minutes(alice: Member, client) -> None:
    shared = with_app(alice)
    come(client)
    with time_machine.travel(now() + timedelta(seconds=601)):
        late = give(client, digits(shared))
        assert (late.status_code, late.location) == (303, "/sign-in?next=/")
        page = client.get("/sign-in").get_data(as_text=True)
        assert "took longer than ten minutes" in page
        assert not is_in(client)


def test_another_browser_has_no_sign_in_to_finish(alice: Member, app: Flask) -> None:
    shared = with_app(alice)
    come(app.test_client())
    stranger = app.test_client()
    assert give(stranger, digits(shared)).location == "/sign-in?next=/"
    assert "No sign-in waits in this browser." in stranger.get("/sign-in").get_data(as_text=True)
    assert Session.select().count() == 0


def test_a_finished_sign_in_is_not_finished_again(alice: Member, client) -> None:
    shared = with_app(alice)
    come(client)
    with client.session_transaction() as stored:
        kept = dict(stored)
    assert give(client, digits(shared)).status_code == 303
    other = client.application.test_client()
    with other.session_transaction() as stored:
        stored.update(kept)
    assert give(other, digits(shared, 1)).location == "/sign-in?next=/"
    assert "finished already" in other.get("/sign-in").get_data(as_text=True)
    assert not is_in(other)


def test_what_is_switched_off_meanwhile_is_not_asked(alice: Member, client) -> None:
    with_app(alice)
    come(client)
    Authenticator.delete().execute()
    assert client.get("/sign-in/second").location == "/sign-in?next=/"


def test_nobody_is_sent_elsewhere_after_the_second_step(alice: Member, client) -> None:
    shared = with_app(alice)
    come(client)
    assert give(client, digits(shared), next="//evil.example").location == "/"


def test_adding_and_removing_ask_for_a_fresh_proof(alice: Member, sign_in) -> None:
    with_app(alice)
    app = authenticators.begin(alice)
    mine = sign_in(alice)
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    for path in (
        f"{PAGE}/app", f"{PAGE}/app/{app.id}", f"{PAGE}/app/1/remove",
        "/account/security/recovery-codes",
    ):  # fmt: skip
        assert mine.post(path).location.startswith("/sign-in?again=1"), path
    assert mine.get(f"{PAGE}/app/{app.id}").location.startswith("/sign-in?again=1")
    assert (second.on(alice), RecoveryCode.select().count()) == (["app"], 0)


def test_removing_is_mailed_and_one_proof_is_enough_again(alice: Member, sign_in, client) -> None:
    with_app(alice)
    removed = sign_in(alice).post(f"{PAGE}/app/1/remove")
    assert removed.location == PAGE
    assert Mail.select().order_by(Mail.id.desc()).get().subject == (
        "A second step was removed from your account at Fern & Kettle"
    )
    assert kinds_of(alice)[-1] == "factor.removed"
    assert come(client).location == "/"


def test_nobody_touches_anothers_app(alice: Member, sign_in) -> None:
    with_app(alice)
    waiting = authenticators.begin(alice)
    bob = sign_in(make_member("Bob Maes"))
    asked = [
        bob.get(f"{PAGE}/app/{waiting.id}"),
        bob.post(f"{PAGE}/app/{waiting.id}", data={"code": "123456"}),
        bob.post(f"{PAGE}/app/1/remove"),
    ]
    assert [a.status_code for a in asked] == [404] * 3
    assert second.on(alice) == ["app"]


def test_an_app_that_gave_no_code_in_an_hour_does_not_count(alice: Member, sign_in) -> None:
    app = authenticators.begin(alice)
    with time_machine.travel(now() + timedelta(minutes=61)):
        answer = sign_in(alice).post(
            f"{PAGE}/app/{app.id}", data={"code": digits(authenticators.secret(app))}
        )
    assert (answer.status_code, second.on(alice)) == (409, [])


def test_five_apps_are_enough(alice: Member) -> None:
    for number in range(5):
        with_app(alice, f"phone {number}")
    with pytest.raises(authenticators.NoApp, match="Five apps are enough"):
        authenticators.begin(alice)


def test_staff_come_in_with_password_and_app(app: Flask, alice: Member) -> None:
    agent = make_member("Ines Peeters", email="ines@example.com", role="agent")
    passwords.keep(agent, GOOD, session_id=0)
    shared = with_app(agent)
    client = app.test_client()
    assert come(client, email="ines@example.com").location == "/sign-in/second?next=/"
    assert client.get("/staff").status_code == 303
    assert give(client, digits(shared)).status_code == 303
    assert client.get("/staff").status_code == 200
    with pytest.raises(LastWayIn):
        authenticators.remove(authenticators.of(agent)[0])


def test_ten_recovery_codes_are_shown_once(alice: Member, sign_in) -> None:
    mine = sign_in(alice)
    page = mine.post("/account/security/recovery-codes").get_data(as_text=True)
    codes = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}(?=\n|<)", page)
    assert len(set(codes)) == 10
    again = mine.get("/account/security/recovery-codes").get_data(as_text=True)
    assert ("10 recovery codes are left." in again, codes[0] in again) == (True, False)
    stored = [row.code_hash for row in RecoveryCode.select()]
    assert all(re.fullmatch(r"argon2id:[0-9a-f]{64}", text) for text in stored)
    assert len(set(stored)) == 10
    assert kinds_of(alice)[-1] == "recovery_codes.made"


def test_a_recovery_code_stands_in_once(alice: Member, app: Flask) -> None:
    with_app(alice)
    code = recovery_codes.make(alice)[3]
    client, other = app.test_client(), app.test_client()
    come(client)
    assert "a recovery code" in client.get("/sign-in/second").get_data(as_text=True)
    assert give(client, code.lower().replace("-", " "), "recovery").status_code == 303
    assert is_in(client)
    come(other)
    assert give(other, code, "recovery").status_code == 422
    assert recovery_codes.left(alice) == 9
    assert Mail.select().where(Mail.subject == (
        "A recovery code of your account at Fern & Kettle was used"
    )).count() == 1  # fmt: skip
    page = client.get("/account/activity").get_data(as_text=True)
    assert "A recovery code was used; 9 are left." in page


def test_sixteen_browsers_with_one_recovery_code_make_one_use(alice: Member, app: Flask) -> None:
    code = recovery_codes.make(alice)[0]

    def race(_number: int) -> bool:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return recovery_codes.use(alice, code)
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(race, range(16))) == [False] * 15 + [True]
    assert recovery_codes.left(alice) == 9


def test_new_codes_end_the_old_ones_and_nobody_uses_anothers(alice: Member) -> None:
    old = recovery_codes.make(alice)[0]
    new = recovery_codes.make(alice)[0]
    bob = make_member("Bob Maes")
    assert [recovery_codes.use(*a) for a in ((alice, old), (bob, new), (alice, new))] == [
        False, False, True,
    ]  # fmt: skip


def test_recovery_codes_alone_ask_nobody_for_a_second_step(alice: Member, client) -> None:
    recovery_codes.make(alice)
    assert come(client).location == "/"


def test_what_waits_is_cleared_when_the_next_one_begins(alice: Member, app: Flask) -> None:
    with_app(alice)
    come(app.test_client())
    with time_machine.travel(now() + timedelta(minutes=11)):
        Throttle.delete().execute()
        come(app.test_client())
        assert PendingSignIn.select().count() == 1


def test_a_step_that_was_switched_off_meanwhile_begins_anew(alice: Member, client: Any) -> None:
    with_app(alice)
    come(client)
    Authenticator.delete().execute()
    answer = give(client, "123456")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/")
    assert "switched off meanwhile" in client.get("/sign-in").get_data(as_text=True)
