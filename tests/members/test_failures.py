"""Ten failures are told by one mail, whichever ways they came and however many at once."""

from datetime import timedelta

import pytest
import time_machine
from coming import at_once, kinds, rolled_back, told
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.members import kinds as registry
from portal.members.models import Event, Member
from portal.members.models.member import FAILURES

TOLD = "Somebody failed ten times to get into your account at Fern & Kettle"


@pytest.fixture
def alice(app: Flask) -> Member:
    """Somebody with an address."""
    return make_member(email="alice@example.com")


def fail(member: Member, kind: str, times: int = 1) -> None:
    """That many failures, each in a transaction of its own."""
    for _time in range(times):
        with write_tx():
            member.record(kind, device="Firefox on Linux", label="my phone")


def test_ways_count_together_and_the_tenth_is_told(alice: Member) -> None:
    fail(alice, "sign_in.code_wrong", 4)
    fail(alice, "password.wrong", 3)
    fail(alice, "passkey.wrong", 2)
    assert told() == []
    fail(alice, "password.wrong")
    assert told() == [TOLD]
    fail(alice, "sign_in.code_wrong", 30)
    assert told() == [TOLD]
    event = Event.get(Event.kind == "sign_in.failed_often")
    assert event.data == {"count": 10}
    mail = Mail.get(Mail.kind == "account_change")
    assert "/not-me/" in mail.text
    assert "Nobody got in by them." in mail.text


def test_wrong_second_proofs_say_that_the_first_is_known(alice: Member) -> None:
    fail(alice, "password.wrong", 8)
    fail(alice, "factor.wrong", 2)
    assert "somebody else knows your password or reads your mail" in Mail.get().text


def test_nine_in_an_hour_and_more_later_are_not_ten(alice: Member) -> None:
    fail(alice, "password.wrong", 9)
    with time_machine.travel(now() + timedelta(minutes=61)):
        fail(alice, "password.wrong", 9)
    assert told() == []


def test_it_is_told_again_once_a_day(alice: Member) -> None:
    fail(alice, "password.wrong", 10)
    with time_machine.travel(now() + timedelta(hours=23)):
        fail(alice, "password.wrong", 20)
    assert told() == [TOLD]
    with time_machine.travel(now() + timedelta(hours=25)):
        fail(alice, "password.wrong", 20)
    assert told() == [TOLD] * 2


def test_failures_of_others_do_not_count(alice: Member) -> None:
    bob = make_member("Bob Maes")
    fail(bob, "password.wrong", 9)
    fail(alice, "password.wrong", 9)
    fail(alice, "sign_in.code_asked", 9)
    assert told() == []


def test_sixteen_failures_at_once_are_told_by_one_mail(app: Flask, alice: Member) -> None:
    at_once(app, [lambda: fail(alice, "password.wrong")] * 16)
    assert told() == [TOLD]
    assert kinds(alice).count("sign_in.failed_often") == 1


def test_a_deed_that_is_rolled_back_is_told_to_nobody(alice: Member) -> None:
    fail(alice, "password.wrong", 9)
    with pytest.raises(ZeroDivisionError):
        rolled_back(alice, "password.wrong")
    assert told() == []


def test_every_failure_that_counts_is_one_that_is_recorded(app: Flask) -> None:
    assert sorted(set(FAILURES) - set(registry.names())) == []
