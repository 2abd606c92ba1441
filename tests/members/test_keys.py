"""Whatever opens an account counts together, and the last of it stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from factories import make_member
from flask import Flask
from keyring import make_app, make_link, make_passkey, make_password

from portal.factors import authenticators, passwords
from portal.lib.db import db
from portal.members import keys, passkeys
from portal.members.keys import LastWayIn
from portal.members.models import Member, RecoveryCode
from portal.providers import links
from portal.shop.models import change_settings


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test here has its own shop, with passwords."""
    change_settings(passwords=True)


def kinds(member: Member) -> list[str]:
    """What opens the account."""
    return [key.kind for key in keys.of(member)]


def test_every_kind_of_key_is_counted_and_recovery_codes_are_none() -> None:
    alice = make_member()
    RecoveryCode.create(member=alice, code_hash="x")
    assert kinds(alice) == ["code"]
    make_passkey(alice)
    make_link(alice)
    make_password(alice)
    assert kinds(alice) == ["passkey", "code", "password", "linked"]


def test_what_the_shop_switched_off_does_not_count() -> None:
    bob = make_member("Bob Maes")
    make_password(bob)
    make_link(bob, enabled=False)
    change_settings(passwords=False)
    assert kinds(bob) == ["code"]


def test_a_password_needs_an_address_to_go_with_it() -> None:
    nobody = make_member(email="")
    make_password(nobody)
    assert kinds(nobody) == []


def test_a_passkey_goes_while_a_linked_account_opens_the_same() -> None:
    alice = make_member(email="")
    passkey, link = make_passkey(alice), make_link(alice)
    passkeys.remove(passkey)
    with pytest.raises(LastWayIn):
        links.unlink(alice, link)


def test_staff_may_part_with_the_passkey_once_two_steps_open_the_account() -> None:
    ines = make_member("Ines Peeters", role="agent")
    passkey = make_passkey(ines)
    with pytest.raises(LastWayIn):
        passkeys.remove(passkey)
    app = make_app(ines)
    passkeys.remove(passkey)
    with pytest.raises(LastWayIn):
        authenticators.remove(app)
    make_passkey(ines, "laptop")
    authenticators.remove(app)


def race(app: Flask, deeds: list[Callable[[], Any]]) -> list[str]:
    """All at once, each on a connection of its own; what came of them, sorted."""

    def run(deed: Callable[[], Any]) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                deed()
            except LastWayIn:
                return "stays"
            finally:
                db.close()
            return "goes"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


def test_of_sixteen_keys_of_two_kinds_taken_away_at_once_one_stays(app: Flask) -> None:
    alice = make_member(email="")
    deeds: list[Callable[[], Any]] = []
    for number in range(8):
        passkey, link = make_passkey(alice, f"k{number}"), make_link(alice, f"s{number}")
        deeds.append(lambda passkey=passkey: passkeys.remove(passkey))
        deeds.append(lambda link=link: links.unlink(alice, link))
    assert race(app, deeds) == ["goes"] * 15 + ["stays"]
    assert len(keys.of(alice)) == 1


def test_the_passkey_and_the_app_of_staff_do_not_go_together(app: Flask) -> None:
    for number in range(5):
        ines = make_member("Ines Peeters", role="agent")
        passkey, factor = make_passkey(ines, f"{number}"), make_app(ines)
        make_password(ines)
        came = race(
            app,
            [
                lambda passkey=passkey: passkeys.remove(passkey),
                lambda factor=factor: authenticators.remove(factor),
                lambda ines=ines: passwords.remove(ines, session_id=0),
            ],
        )
        assert came.count("goes") >= 1
        left = {key.kind for key in keys.of(ines)}
        assert "passkey" in left or (left and keys.steps(ines))
