"""A passkey is made once, proved by user verification, and never taken twice for the same proof."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from authenticator import BE, BS, UP, Authenticator, add_passkey, proof
from factories import make_member
from flask import Flask
from webauthn.helpers import bytes_to_base64url

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.throttle import LIMITS, Limit
from portal.members import passkeys
from portal.members.keys import LastWayIn
from portal.members.models import Challenge, Event, Member, Passkey, Session


@pytest.fixture
def key() -> Authenticator:
    """A phone."""
    return Authenticator()


@pytest.fixture
def alice() -> Member:
    """Somebody with an address."""
    return make_member(email="alice@example.com")


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test here has its own shop."""


def use(client, key: Authenticator, **changed: str):
    """Sign in with a passkey."""
    return client.post("/sign-in/passkey", data={**proof(client, key), **changed})


def subjects() -> list[str]:
    """The subjects of all mails."""
    return [mail.subject for mail in Mail.select().order_by(Mail.id)]


def test_a_passkey_is_made_and_told(app: Flask, sign_in, alice: Member, key: Authenticator) -> None:
    key.flags |= BE | BS
    client = sign_in(alice)
    assert add_passkey(client, key).location == "/account/security/passkeys"
    made = Passkey.get()
    assert (made.member, made.synced, made.can_sync, made.label) == (
        alice, True, True, "Firefox on Linux",
    )  # fmt: skip
    assert made.transports == ["internal"]
    assert subjects() == ["A passkey was added to your account at Fern & Kettle"]
    page = client.get("/account/security/passkeys").get_data(as_text=True)
    assert "You have one passkey." in page
    assert "Synced to all devices that share your password manager" in page
    assert "with Firefox on Linux" in page


def test_nobody_types_a_name_to_sign_in(app: Flask, client, sign_in, alice: Member, key) -> None:
    add_passkey(sign_in(alice), key)
    options = client.post("/sign-in/passkey/options").json["publicKey"]
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    assert use(client, key, next="/account/activity").location == "/account/activity"
    session = Session.select().order_by(Session.id.desc()).get()
    assert (session.member, session.method, session.passkey_id) == (alice, "passkey", 1)
    assert Passkey.get().used_at is not None


def test_a_replayed_proof_is_refused_also_when_the_counter_stays_zero(
    app: Flask, sign_in, alice: Member, key: Authenticator
) -> None:
    add_passkey(sign_in(alice), key)
    client = app.test_client()
    sent = proof(client, key)
    assert client.post("/sign-in/passkey", data=sent).status_code == 303
    thief = app.test_client()
    assert thief.post("/sign-in/passkey", data=sent).status_code == 422
    fresh = thief.post("/sign-in/passkey/options").json["challenge_id"]
    assert thief.post("/sign-in/passkey", data={**sent, "challenge_id": fresh}).status_code == 422
    assert thief.get("/account/security").status_code == 303


def test_a_challenge_is_for_one_ceremony(client, sign_in, alice: Member, key) -> None:
    mine = sign_in(alice)
    add_passkey(mine, key)
    options = mine.post("/account/security/passkeys/options").json
    answer = key.answer(options["publicKey"])
    sent = {"challenge_id": options["challenge_id"], "credential": answer}
    assert client.post("/sign-in/passkey", data=sent).status_code == 422


def test_a_challenge_for_one_member_makes_no_passkey_for_another(sign_in, alice, key) -> None:
    options = sign_in(alice).post("/account/security/passkeys/options").json
    bob = sign_in(make_member("Bob Maes"))
    sent = {"challenge_id": options["challenge_id"], "credential": key.make(options["publicKey"])}
    assert bob.post("/account/security/passkeys", data=sent).status_code == 422
    assert Passkey.select().count() == 0


def test_a_challenge_waits_five_minutes(client, sign_in, alice: Member, key) -> None:
    add_passkey(sign_in(alice), key)
    sent = proof(client, key)
    with time_machine.travel(now() + timedelta(seconds=301)):
        assert client.post("/sign-in/passkey", data=sent).status_code == 422
        client.post("/sign-in/passkey/options")
        assert Challenge.select().count() == 1


def test_a_counter_that_goes_back_is_a_copy(client, app, sign_in, alice, key) -> None:
    key.count = 7
    add_passkey(sign_in(alice), key)
    key.count = 8
    assert use(client, key).status_code == 303
    for count in (8, 3, 0):
        key.count = count
        refused = use(app.test_client(), key)
        assert refused.status_code == 422
        assert "it behaved like a copy" in refused.get_data(as_text=True)
    assert Passkey.get().sign_count == 8
    assert Event.select().where(Event.kind == "passkey.refused").count() == 3
    assert subjects().count("We refused a passkey of your account at Fern & Kettle") == 1


def test_a_copy_is_mailed_about_again_once_the_passkey_was_good_in_between(
    client, app, sign_in, alice, key
) -> None:
    key.count = 7
    add_passkey(sign_in(alice), key)
    for count, status in ((3, 422), (8, 303), (8, 422), (2, 422)):
        key.count = count
        assert use(app.test_client(), key).status_code == status
    assert subjects().count("We refused a passkey of your account at Fern & Kettle") == 2


def test_a_passkey_that_was_restored_from_a_backup_stays_at_zero_and_is_good(
    app, sign_in, alice, key
) -> None:
    key.flags |= BE | BS
    add_passkey(sign_in(alice), key)
    for _device in range(3):
        assert use(app.test_client(), key).status_code == 303
    assert Event.select().where(Event.kind == "passkey.refused").count() == 0


def test_sixteen_proofs_of_a_copy_at_once_are_one_mail(app, sign_in, alice, key) -> None:
    key.count = 7
    add_passkey(sign_in(alice), key)
    key.count = 3
    proofs = [proof(app.test_client(), key) for _number in range(16)]

    def send(sent: dict[str, str]) -> int:
        try:
            return app.test_client().post("/sign-in/passkey", data=sent).status_code
        finally:
            db.close()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, proofs)) == {422}
    assert Event.select().where(Event.kind == "passkey.refused").count() == 16
    assert subjects().count("We refused a passkey of your account at Fern & Kettle") == 1


def test_presence_without_verification_is_refused(client, sign_in, alice: Member, key) -> None:
    add_passkey(sign_in(alice), key)
    key.flags = UP
    assert use(client, key).status_code == 422
    other = Authenticator()
    other.flags = UP
    assert add_passkey(sign_in(alice), other).status_code == 422
    assert Passkey.select().count() == 1


@pytest.mark.parametrize("wrong", [{"origin": "http://evil.example"}, {"rp_id": "evil.example"}])
def test_a_proof_for_another_site_is_refused(client, sign_in, alice, key, wrong) -> None:
    add_passkey(sign_in(alice), key)
    vars(key).update(wrong)
    assert use(client, key).status_code == 422


def test_another_key_and_another_person_are_refused(client, app, sign_in, alice, key) -> None:
    add_passkey(sign_in(alice), key)
    forger = Authenticator()
    forger.id, forger.handle = key.id, key.handle
    assert use(client, forger).status_code == 422
    key.handle = b"somebody else"
    assert use(app.test_client(), key).status_code == 422


@pytest.mark.parametrize(
    "sent", ["", "{}", "[]", "null", "x", '{"id": 7}', '{"id":"a","response":{}}']
)
def test_nonsense_is_refused_calmly(client, sign_in, alice: Member, key, sent: str) -> None:
    mine = sign_in(alice)
    add_passkey(mine, key)
    assert use(client, key, credential=sent).status_code == 422
    bent = json.dumps({"id": bytes_to_base64url(key.id), "response": {"userHandle": "%"}})
    assert use(client, key, credential=bent).status_code == 422
    options = mine.post("/account/security/passkeys/options").json
    made = mine.post(
        "/account/security/passkeys",
        data={"challenge_id": options["challenge_id"], "credential": sent},
    )
    assert made.status_code == 422


def test_a_known_device_is_named_so_that_it_is_not_made_twice(sign_in, alice, key) -> None:
    client = sign_in(alice)
    add_passkey(client, key)
    options = client.post("/account/security/passkeys/options").json["publicKey"]
    assert [known["id"] for known in options["excludeCredentials"]] == [Passkey.get().credential_id]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert add_passkey(client, key).status_code == 422


def test_a_removed_passkey_opens_nothing_and_its_sessions_end(app, sign_in, alice, key) -> None:
    mine = sign_in(alice)
    add_passkey(mine, key)
    opened = app.test_client()
    use(opened, key)
    answer = mine.post(f"/account/security/passkeys/{Passkey.get().id}/remove")
    assert answer.location == "/account/security/passkeys"
    assert opened.get("/account/security").status_code == 303
    assert mine.get("/account/security").status_code == 200
    assert use(app.test_client(), key).status_code == 422
    assert subjects()[-1] == "A passkey was removed from your account at Fern & Kettle"


def test_a_passkey_gets_another_name(sign_in, alice: Member, key: Authenticator) -> None:
    client = sign_in(alice)
    add_passkey(client, key)
    where = f"/account/security/passkeys/{Passkey.get().id}"
    assert client.post(where, data={"label": "  "}).status_code == 422
    assert client.post(where, data={"label": " my   phone "}).status_code == 303
    assert Passkey.get().label == "my phone"
    assert sign_in(make_member("Bob Maes")).get(where).status_code == 404


def test_nobody_removes_the_passkey_of_somebody_else(sign_in, alice: Member, key) -> None:
    add_passkey(sign_in(alice), key)
    bob = sign_in(make_member("Bob Maes"))
    where = f"/account/security/passkeys/{Passkey.get().id}"
    assert bob.post(f"{where}/remove").status_code == 404
    assert bob.post(where, data={"label": "mine"}).status_code == 404
    assert Passkey.get().label == "Firefox on Linux"


@pytest.mark.parametrize("who", ["staff", "without an address"])
def test_the_last_way_in_stays(sign_in, who: str, key: Authenticator) -> None:
    member = make_member("Ines Peeters", role="agent") if who == "staff" else make_member(email="")
    client = sign_in(member)
    add_passkey(client, key)
    where = f"/account/security/passkeys/{Passkey.get().id}/remove"
    assert client.post(where).status_code == 409
    add_passkey(client, Authenticator())
    assert client.post(where).status_code == 303
    assert Passkey.select().count() == 1


def test_of_two_last_passkeys_removed_at_once_one_stays(app: Flask) -> None:
    ines = make_member("Ines Peeters", role="agent")
    for number in range(16):
        Passkey.create(member=ines, credential_id=f"k{number}", public_key=b"", label=f"{number}")

    def race(number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                passkeys.remove(Passkey.get(Passkey.credential_id == f"k{number}"))
                return "removed"
            except LastWayIn:
                return "stays"
            finally:
                db.close()

    with ThreadPoolExecutor(16) as pool:
        came = sorted(pool.map(race, range(16)))
    assert came == ["removed"] * 15 + ["stays"]
    assert Passkey.select().count() == 1


def test_without_javascript_the_door_points_to_the_code(client) -> None:
    answer = client.post("/sign-in/passkey", data={"credential": "", "challenge_id": ""})
    assert answer.status_code == 422
    assert "A mailed code does not." in answer.get_data(as_text=True)


def test_changing_a_way_in_needs_a_fresh_proof(app: Flask, sign_in, alice: Member, key) -> None:
    client = sign_in(alice)
    add_passkey(client, key)
    where = f"/account/security/passkeys/{Passkey.get().id}/remove"
    with time_machine.travel(now() + timedelta(minutes=11)):
        page = client.get("/account/security/passkeys").get_data(as_text=True)
        assert ("Sign in once more" in page, "Create another passkey" in page) == (True, False)
        refused = client.post("/account/security/passkeys/options")
        assert (refused.status_code, refused.json["error"]) == (
            403, "Please sign in once more first, then make the passkey.",
        )  # fmt: skip
        door = "/sign-in?again=1&next=/account/security"
        assert client.post(where).location == door
        assert Passkey.select().count() == 1
        assert "Is it still you?" in client.get(door).get_data(as_text=True)
        again = use(client, key, next="/account/security")
        assert again.location == "/account/security"
        assert Session.select().where(Session.ended_at.is_null()).count() == 1
        assert client.post(where).location == "/account/security/passkeys"
    assert Passkey.select().count() == 0


def test_an_old_proof_makes_no_passkey_even_with_its_options(sign_in, alice: Member, key) -> None:
    client = sign_in(alice)
    with time_machine.travel(now() + timedelta(minutes=9), tick=False) as clock:
        options = client.post("/account/security/passkeys/options").json
        sent = {
            "challenge_id": options["challenge_id"],
            "credential": key.make(options["publicKey"]),
        }
        clock.shift(120)
        assert client.post("/account/security/passkeys", data=sent).status_code == 422
    assert Passkey.select().count() == 0


def spoilt(credential: str) -> list[str]:
    """What no browser sends in the place of a credential."""
    whole = ["", "{}", "[]", "null", "[" * 20_000, '{"id": "a\\u0000b"}', '{"id": 5}']
    for name in ("id", "rawId", "response"):
        whole += [
            json.dumps({**json.loads(credential), name: bad}) for bad in (None, 5, "A", "\ud800")
        ]
    for name in json.loads(credential)["response"]:
        for bad in (None, 5, "A", "é", "pGZ", {"a": 1}):
            given = json.loads(credential)
            given["response"][name] = bad
            whole.append(json.dumps(given))
    return whole


def test_a_spoilt_proof_signs_nobody_in_and_breaks_nothing(
    app: Flask, sign_in, alice: Member, key: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "passkey.try.client", Limit(1000, 900))
    add_passkey(sign_in(alice), key)
    client = app.test_client()
    answers = {
        use(client, key, credential=bad).status_code
        for bad in spoilt(proof(client, key)["credential"])
    }
    # A missing handle of the user is allowed: the passkey's own id names its member.
    assert answers <= {422, 303}


def test_a_spoilt_new_passkey_is_refused_and_breaks_nothing(
    app: Flask, sign_in, alice: Member, key: Authenticator
) -> None:
    client = sign_in(alice)
    options = client.post("/account/security/passkeys/options").json
    for bad in spoilt(key.make(options["publicKey"])):
        fresh = client.post("/account/security/passkeys/options").json
        answer = client.post(
            "/account/security/passkeys",
            data={"challenge_id": fresh["challenge_id"], "credential": bad},
        )
        assert answer.status_code == 422
    assert Passkey.select().count() == 0


def test_the_page_says_who_keeps_a_passkey_and_where_it_was_made(sign_in, alice: Member) -> None:
    yubico = "cb69481e-8ff7-4039-93ec-0a2729a154a8"
    Passkey.create(
        member=alice, credential_id="k", public_key=b"", label="blue key", aaguid=yubico,
        made_on="Safari on Mac",
    )  # fmt: skip
    page = sign_in(alice).get("/account/security/passkeys").get_data(as_text=True)
    assert "<small>On one device only: YubiKey 5</small>" in page
    assert "with Safari on Mac" in page
    assert "A second one, on another device or in a password manager" in page


def test_a_synced_passkey_needs_no_second_one(sign_in, alice: Member) -> None:
    Passkey.create(member=alice, credential_id="k", public_key=b"", label="phone", synced=True)
    page = sign_in(alice).get("/account/security/passkeys").get_data(as_text=True)
    assert "A second one" not in page


def test_the_last_way_in_is_kept_with_a_sentence_on_the_page(sign_in, key) -> None:
    client = sign_in(make_member(email=""))
    add_passkey(client, key)
    answer = client.post(f"/account/security/passkeys/{Passkey.get().id}/remove")
    assert answer.status_code == 409
    assert "This is your last way in. Make a passkey first" in answer.get_data(as_text=True)
    assert Passkey.select().count() == 1
