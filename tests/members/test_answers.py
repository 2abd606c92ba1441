""" "Was this you?": asked where it matters, answered once, and "no" freezes as the mails' link."""

from datetime import timedelta
from threading import Thread

from factories import make_member
from flask import Flask
from reviewed import review

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members import answers
from portal.members.models import Event, Member, Session

PAGE = "/account/activity"


def new_device(member: Member, **more) -> Event:
    """A sign-in on a device never seen."""
    return member.record(
        "sign_in.new_device", method="code", device="Safari on iPhone", **more
    )  # fmt: skip


def kinds_of(member: Member) -> list[str]:
    """The member's events, oldest first."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def test_a_new_device_asks_and_an_everyday_sign_in_does_not(sign_in) -> None:
    alice = make_member()
    alice.record("sign_in.done", method="code", device="Firefox on Linux")
    event = new_device(alice)
    page = sign_in(alice).get(PAGE).text
    assert page.count("Was this you?") == 1
    assert f"{PAGE}/{event.id}/not-mine" in page


def test_failures_one_after_the_other_ask_once(sign_in) -> None:
    alice = make_member()
    alice.record("password.wrong")
    alice.record("sign_in.done", method="code", device="Firefox on Linux")
    for _time in range(4):
        alice.record("sign_in.code_asked")
        newest = alice.record("sign_in.code_wrong")
    page = sign_in(alice).get(PAGE).text
    assert page.count("Was this you?") == 2
    assert f'id="was-it-you-{newest.id}"' in page


def test_yes_is_kept_once_and_shown(sign_in) -> None:
    alice = make_member()
    event = new_device(alice)
    client = sign_in(alice)
    first = client.post(f"{PAGE}/{event.id}/mine")
    assert (first.status_code, first.location) == (303, PAGE)
    again = client.post(f"{PAGE}/{event.id}/mine", follow_redirects=True).text
    assert "You answered this already." in again
    assert ("You said this was you." in again, "Was this you?" in again) == (True, False)
    assert kinds_of(alice) == ["sign_in.new_device", "sign_in.was_me"]
    assert client.post(f"{PAGE}/{event.id}/not-mine").status_code == 409
    assert Member.get_by_id(alice.id).frozen_at is None


def test_htmx_gets_the_answer_in_place(sign_in) -> None:
    alice = make_member()
    event = new_device(alice)
    told = sign_in(alice).post(f"{PAGE}/{event.id}/mine", htmx=True).text
    review(told, whole=False)
    assert f'id="was-it-you-{event.id}"' in told
    assert ("You said this was you." in told, "Thank you." in told) == (True, True)


def test_no_shows_what_it_does_and_then_freezes_and_signs_everybody_out(sign_in) -> None:
    alice = make_member()
    event = new_device(alice)
    client, thief = sign_in(alice), sign_in(alice)
    page = client.get(f"{PAGE}/{event.id}/not-mine").text
    assert "You signed in with a mailed code on Safari on iPhone." in page
    assert Session.live(alice).count() == 2
    done = client.post(f"{PAGE}/{event.id}/not-mine")
    assert (done.status_code, done.location) == (303, "/sign-in")
    assert "your account is frozen" in client.get("/sign-in").text
    assert thief.get("/").status_code == 303
    assert Member.get_by_id(alice.id).frozen_at is not None
    assert kinds_of(alice) == ["sign_in.new_device", "sign_in.was_not_me", "account.frozen"]
    told = [mail.subject for mail in Mail.select().where(Mail.member_id == alice.id)]
    assert told == ["Your account at Fern & Kettle is frozen"]


def test_the_case_on_the_desk_says_what_was_meant(sign_in) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    event = new_device(alice)
    sign_in(alice).post(f"{PAGE}/{event.id}/not-mine")
    page = sign_in(ines).get(f"/staff/members/{alice.number}").text
    assert "said of “You signed in with a mailed code on Safari on iPhone." in page


def test_nobody_answers_for_somebody_else_or_for_what_is_not_asked(sign_in) -> None:
    alice, mallory = make_member(), make_member("Mallory Cole")
    event = new_device(alice)
    plain = alice.record("passkey.added", label="phone")
    old = new_device(alice, at=now() - timedelta(days=31))
    for client, event_id in (
        (sign_in(mallory), event.id), (sign_in(alice), plain.id), (sign_in(alice), old.id),
    ):  # fmt: skip
        for path in ("mine", "not-mine"):
            assert client.post(f"{PAGE}/{event_id}/{path}").status_code == 404
        assert client.get(f"{PAGE}/{event_id}/not-mine").status_code == 404
    assert Member.get_by_id(alice.id).frozen_at is None


def test_who_was_merged_answers_for_what_came_along(sign_in) -> None:
    other, alice = make_member("Alice J"), make_member()
    event = new_device(other)
    Member.update(merged_into=alice.id).where(Member.id == other.id).execute()
    assert sign_in(alice).post(f"{PAGE}/{event.id}/mine").status_code == 303
    assert kinds_of(alice) == ["sign_in.was_me"]


def test_two_answers_at_once_are_one(app: Flask) -> None:
    alice = make_member()
    event = new_device(alice)
    refused: list[str] = []

    def answer() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                answers.was_me(alice, event)
            except Refused as told:
                refused.append(told.sentence)
            db.close()

    threads = [Thread(target=answer) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (kinds_of(alice)[1:], len(refused)) == (["sign_in.was_me"], 7)


def test_staff_read_the_answer_and_are_asked_nothing(sign_in) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    event = new_device(alice)
    sign_in(alice).post(f"{PAGE}/{event.id}/mine")
    page = sign_in(ines).get(f"/staff/members/{alice.number}").text
    assert ("Said “this was me”" in page, "Was this you?" in page) == (True, False)
