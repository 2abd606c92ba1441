"""A password opens the account where the shop allows it, for its member alone, and is kept well."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from factories import make_member
from flask import Flask

from portal.factors import hashing, passwords
from portal.factors.jobs import remind
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.throttle import Throttle
from portal.members.keys import LastWayIn
from portal.members.models import EmailAddress, Event, Member, Passkey, Password, Session
from portal.shop.models import change_settings

GOOD = "zebra tulip ladder cobalt"
OTHER = "seven kettles under a moon"
PAGE = "/account/security/password"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member of a shop that allows passwords."""
    change_settings(passwords=True)
    return make_member(email="alice@example.com")


@pytest.fixture
def with_password(alice: Member) -> Member:
    """Alice, with a password."""
    passwords.keep(alice, GOOD, session_id=0)
    return alice


def come(client: Any, password: str, email: str = "alice@example.com", **more: str) -> Any:
    """Type address and password at the door."""
    return client.post("/sign-in/password", data={"email": email, "password": password, **more})


def age(client: Any, member: Member) -> None:
    """Let the last proof of every session grow old."""
    Session.update(proved_at=now() - timedelta(minutes=11)).where(
        Session.member == member
    ).execute()


def kinds_of(member: Member) -> list[str]:
    """The member's events, oldest first."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def subjects() -> list[str]:
    """What mails say, oldest first."""
    return [mail.subject for mail in Mail.select().order_by(Mail.id)]


def test_a_password_is_set_and_opens_the_account(alice: Member, sign_in, client) -> None:
    saved = sign_in(alice).post(PAGE, data={"password": GOOD})
    assert (saved.status_code, saved.location) == (303, "/account/security")
    entered = come(client, GOOD, " Alice@Example.com ", next="/account/orders")
    assert (entered.status_code, entered.location) == (303, "/account/orders")
    assert client.get("/account/security").status_code == 200
    assert [s.method for s in Session.select().order_by(Session.id)] == ["code", "password"]
    assert kinds_of(alice) == ["password.set", "sign_in.new_device"]
    assert subjects()[0] == "Your account at Fern & Kettle has a password now"
    page = client.get("/account/activity").get_data(as_text=True)
    assert "You signed in with a password on" in page


@pytest.mark.real_hashes
def test_only_argon2id_is_stored(with_password: Member) -> None:
    stored = Password.get().hash
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    for table in db.get_tables():
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            assert not any(GOOD in str(cell) for cell in row)


@pytest.mark.real_hashes
def test_strangers_are_held_against_a_hash_as_dear_as_members(with_password: Member) -> None:
    assert not hashing.outdated(hashing.NOBODY)
    assert hashing.NOBODY.split("$")[1:4] == Password.get().hash.split("$")[1:4]
    assert not hashing.matches(None, "a")


@pytest.mark.real_hashes
def test_a_hash_of_weaker_days_is_made_anew_at_the_next_sign_in(with_password, client) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    Password.update(hash=weak).execute()
    assert come(client, GOOD).status_code == 303
    assert "m=65536,t=3,p=4" in Password.get().hash


@pytest.mark.parametrize("wrong", [GOOD.upper(), GOOD + " ", GOOD[:-1], " " + GOOD, OTHER])
def test_a_password_is_compared_as_it_was_typed(with_password, client, wrong: str) -> None:
    assert come(client, wrong).status_code == 422
    assert Session.select().count() == 0


def test_the_73rd_character_counts(alice: Member, client) -> None:
    long = "zebra tulip ladder cobalt " * 4
    passwords.keep(alice, long, session_id=0)
    assert come(client, long[:72]).status_code == 422
    assert come(client, long[:-1] + "x").status_code == 422
    assert come(client, long).status_code == 303


def test_a_letter_composed_by_another_keyboard_is_the_same(alice: Member, client) -> None:
    passwords.keep(alice, "café ladder cobalt moon", session_id=0)
    assert come(client, "cafe\N{COMBINING ACUTE ACCENT} ladder cobalt moon").status_code == 303


def test_known_and_unknown_addresses_read_the_same(app: Flask, with_password: Member) -> None:
    make_member("Bob Maes", email="bobby@example.com")  # has no password
    passwords.keep(
        make_member("Ines", email="agent@example.com", role="agent"), OTHER, session_id=0
    )
    seen = set()
    for name in ("alice", "bobby", "nobod", "agent"):
        answer = come(app.test_client(), "wrong wrong wrong", f"{name}@example.com")
        body = answer.get_data(as_text=True).replace(f"{name}@", "name@")
        body = re.sub(r'(name="csrf.token"|data-csrf|"csrf-token")[^>]*', "", body)
        seen.add((answer.status_code, body, tuple(sorted(n for n, _v in answer.headers))))
    assert len(seen) == 1
    assert "do not belong together" in body
    assert 'value="name@example.com"' in body


def test_known_and_unknown_addresses_take_the_same_work(
    app: Flask, with_password, statements
) -> None:
    come(app.test_client(), "wrong wrong wrong", "warm@example.com")
    counts = []
    for email in ("alice@example.com", "nobody@example.com"):
        with statements() as seen:
            come(app.test_client(), "wrong wrong wrong", email)
        counts.append(
            [re.sub(r"\d+", "", sql.split(" WHERE")[0]) for sql in seen if '"setting"' not in sql]
        )
    assert counts[0] == counts[1]


def test_ten_wrong_ones_are_told_by_one_mail(app: Flask, with_password: Member) -> None:
    Mail.delete().execute()
    for _try in range(12):
        Throttle.delete().execute()
        assert come(app.test_client(), "wrong wrong wrong").status_code == 422
    run_waiting()
    assert kinds_of(with_password).count("password.wrong") == 12
    assert subjects() == ["Somebody failed ten times to get into your account at Fern & Kettle"]
    assert come(app.test_client(), GOOD).status_code == 303


def test_guessing_is_slowed_for_known_and_unknown_alike(app: Flask, with_password: Member) -> None:
    answers = {}
    for email in ("alice@example.com", "nobody@example.com"):
        Throttle.delete().execute()  # from twenty tries on one place is asked for the small step
        answers[email] = [come(app.test_client(), "wrong", email).status_code for _try in range(11)]
    assert answers["alice@example.com"] == [422] * 10 + [429]
    assert answers["nobody@example.com"] == answers["alice@example.com"]
    asked = app.test_client().post("/sign-in/code", data={"email": "alice@example.com"})
    assert asked.status_code == 303  # nobody can lock somebody else out


def test_a_shop_without_passwords_has_none(app: Flask, with_password: Member, sign_in) -> None:
    change_settings(passwords=False)
    client = app.test_client()
    assert "password" not in client.get("/sign-in").get_data(as_text=True).lower()
    assert come(client, GOOD).status_code == 404
    mine = sign_in(with_password)
    assert "assword" not in mine.get("/account/security").get_data(as_text=True)
    asked = [
        mine.get(PAGE),
        mine.post(PAGE),
        mine.post(f"{PAGE}/remove"),
        mine.post(f"{PAGE}/strength"),
    ]
    assert [a.status_code for a in asked] == [404] * 4
    change_settings(passwords=True)
    assert come(client, GOOD).status_code == 303


def test_staff_do_not_come_in_with_a_password_alone(app: Flask, alice: Member) -> None:
    for role in ("agent", "owner"):
        email = f"{role}@example.com"
        passwords.keep(make_member("Ines", email=email, role=role), OTHER, session_id=0)
        answer = come(app.test_client(), OTHER, email)
        assert answer.status_code == 409
        told = answer.get_data(as_text=True)
        assert "comes in with a passkey, or with two-step verification" in told
    assert Session.select().count() == 0


@pytest.mark.parametrize("bad", ["kettle", "password123", "alice@example.com", "x" * 257, ""])
def test_a_weak_one_is_refused_in_words_and_changes_nothing(alice, sign_in, bad: str) -> None:
    answer = sign_in(alice).post(PAGE, data={"password": bad})
    assert (answer.status_code, Password.select().count()) == (422, 0)
    assert 'class="error" id="password-error"' in answer.get_data(as_text=True)


def test_a_megabyte_is_refused_at_once(alice: Member, client, sign_in) -> None:
    began = time.monotonic()
    assert come(client, "a" * 1_000_000).status_code == 422
    assert sign_in(alice).post(PAGE, data={"password": "a" * 1_000_000}).status_code == 422
    assert time.monotonic() - began < 5


def test_setting_the_first_one_needs_a_fresh_proof(alice: Member, sign_in) -> None:
    client = sign_in(alice)
    age(client, alice)
    for answer in (client.get(PAGE), client.post(PAGE, data={"password": GOOD})):
        assert answer.location.startswith("/sign-in?again=1")
    assert Password.select().count() == 0


def test_changing_needs_the_old_one_or_a_fresh_proof(
    with_password: Member, sign_in, client
) -> None:
    mine = sign_in(with_password)
    age(mine, with_password)
    assert "Your password now" in mine.get(PAGE).get_data(as_text=True)
    wrong = mine.post(PAGE, data={"password": OTHER, "current": "wrong wrong wrong"})
    assert (
        wrong.status_code,
        "That is not your password now." in wrong.get_data(as_text=True),
    ) == (422, True)
    assert mine.post(PAGE, data={"password": OTHER}).status_code == 422
    assert come(client, GOOD).status_code == 303
    assert mine.post(PAGE, data={"password": OTHER, "current": GOOD}).status_code == 303
    assert come(client, GOOD).status_code == 422
    fresh = sign_in(with_password)
    assert fresh.post(PAGE, data={"password": "cobalt ladder zebra tulip"}).status_code == 303


def test_a_weak_new_one_is_refused_after_the_old_one_too(with_password: Member, sign_in) -> None:
    mine = sign_in(with_password)
    age(mine, with_password)
    assert mine.post(PAGE, data={"password": "short", "current": GOOD}).status_code == 422
    assert passwords.is_right(with_password, GOOD)


def test_the_old_one_is_not_guessed_in_a_session_that_lies_open(with_password, sign_in) -> None:
    mine = sign_in(with_password)
    age(mine, with_password)
    codes = [
        mine.post(PAGE, data={"password": OTHER, "current": f"wrong {n}"}).status_code
        for n in range(11)
    ]
    assert codes == [422] * 10 + [429]


def test_a_change_signs_every_other_browser_out_and_is_mailed(with_password, sign_in) -> None:
    other, mine = sign_in(with_password), sign_in(with_password)
    Mail.delete().execute()
    assert mine.post(PAGE, data={"password": OTHER}).status_code == 303
    assert other.get("/account/security").status_code == 303
    assert mine.get("/account/security").status_code == 200
    assert subjects() == ["The password of your account at Fern & Kettle was changed"]


def test_removing_asks_again_and_the_password_is_dead(with_password, sign_in, client) -> None:
    mine = sign_in(with_password)
    age(mine, with_password)
    assert mine.post(f"{PAGE}/remove").location.startswith("/sign-in?again=1")
    assert Password.select().count() == 1
    assert sign_in(with_password).post(f"{PAGE}/remove").location == "/account/security"
    assert come(client, GOOD).status_code == 422
    assert subjects()[-1] == "The password of your account at Fern & Kettle was removed"


def test_staff_keep_their_only_way_in(alice: Member, sign_in) -> None:
    agent = make_member("Ines Peeters", role="agent")
    passwords.keep(agent, OTHER, session_id=0)
    with pytest.raises(LastWayIn):
        passwords.remove(agent, session_id=0)
    Passkey.create(member=agent, credential_id="k", public_key=b"", label="phone")
    assert passwords.remove(agent, session_id=0)


def test_what_is_typed_is_judged_in_words(alice: Member, sign_in) -> None:
    mine = sign_in(alice)

    def say(text: str) -> str:
        answer = mine.post(f"{PAGE}/strength", data={"password": text}, htmx=True)
        return re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)).strip()

    assert say("") == ""
    assert say("kettle").startswith("4 more characters.")
    assert say("password123").startswith("This one, or one like it, stands on the lists")
    assert say(GOOD) == "Very strong."
    assert say("alice@example.com").startswith("It is made of your name")
    assert Password.select().count() == 0


def test_an_address_that_a_merge_brought_opens_nothing_until_it_is_proved(
    with_password, client
) -> None:
    EmailAddress.update(source="merge").execute()
    assert come(client, GOOD).status_code == 422
    EmailAddress.update(verified_at=now()).execute()
    assert come(client, GOOD).status_code == 303


def test_two_changes_at_once_leave_one_whole_password(app: Flask, alice: Member) -> None:
    def change(words: str) -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                passwords.keep(Member.get_by_id(alice.id), words, session_id=0)
            finally:
                db.close()

    with ThreadPoolExecutor(4) as pool, app.test_request_context():
        list(pool.map(change, [GOOD, OTHER] * 2))
    assert Password.select().count() == 1
    assert sorted([passwords.is_right(alice, GOOD), passwords.is_right(alice, OTHER)]) == [
        False,
        True,
    ]
    assert kinds_of(alice).count("password.set") == 1


def test_who_has_had_theirs_for_a_year_is_told_once_a_year(
    app: Flask, with_password: Member
) -> None:
    change_settings(password_reminder=True)
    Mail.delete().execute()
    remind.call_local()
    with time_machine.travel(now() + timedelta(days=366)) as clock:
        remind.call_local()
        remind.call_local()
        assert subjects() == ["Your password at Fern & Kettle is a year old"]
        assert "tells everybody once a year" in Mail.get().text
        clock.shift(timedelta(days=366))
        remind.call_local()
        assert len(subjects()) == 2
        passwords.keep(with_password, OTHER, session_id=0)
        remind.call_local()
        assert len(subjects()) == 3  # the third tells of the change


def test_nobody_is_reminded_where_the_shop_does_not_want_it(with_password: Member) -> None:
    Mail.delete().execute()
    with time_machine.travel(now() + timedelta(days=366)):
        remind.call_local()
    assert Mail.select().count() == 0


def test_the_owner_switches_passwords_on_and_off(app: Flask, sign_in, client) -> None:
    owner = sign_in(make_member("Marit De Smet", role="owner"))
    page = "/staff/settings/sign-in"
    assert owner.get(page).status_code == 200
    assert owner.post(page, data={"passwords": "y"}).location == page
    assert "Sign in with a password" in client.get("/sign-in").get_data(as_text=True)
    owner.post(page, data={})
    assert "Sign in with a password" not in client.get("/sign-in").get_data(as_text=True)
