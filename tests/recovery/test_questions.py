"""Security questions: an extra proof in a slow recovery, off by default, and never enough alone."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from factories import make_member
from flask import Flask
from outbox import last, link, subjects

from portal.factors import hashing
from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import Event, Member, Recovery, SecurityQuestion, Session
from portal.recovery import asking, questions, slow
from portal.recovery.questions import LIST
from portal.shop.models import change_settings

PAGE = "/account/security/questions"
EMAIL = "alice@customers.example"
RIGHT = ["Rex", "Rue de l’Église", "crème brûlée"]
TYPED = ["  REX ", "rue de l'eglise", "Creme-Brulee"]
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same argon2id with the smallest parameters: many guesses are typed here."""
    monkeypatch.setattr(hashing, "_hasher", QUICK)
    monkeypatch.setattr(hashing, "NOBODY", QUICK.hash("nobody's"))


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member of a shop that has the questions on."""
    change_settings(security_questions=True)
    return make_member(email=EMAIL)


@pytest.fixture
def asked(alice: Member) -> Member:
    """The same, with three questions; the second is her own."""
    chosen = [LIST[0], "Where did grandmother live?", LIST[2]]
    questions.keep(alice, list(zip(chosen, RIGHT, strict=True)))
    return alice


def form(**changed: str) -> dict[str, str]:
    """What somebody types on the page of the questions."""
    typed = {
        "question_1": LIST[0], "own_1": "", "answer_1": "Rex",
        "question_2": "", "own_2": "Where did grandmother live?", "answer_2": "Rue de l’Église",
        "question_3": LIST[2], "own_3": "", "answer_3": "crème brûlée",
    }  # fmt: skip
    return {**typed, **changed}


def way(client: Any, address: str = EMAIL) -> str:
    """The link of a recovery that was asked for."""
    client.post("/recover", data={"email": address})
    jobs.run_waiting()
    return link(address, "/recover/way/")


def kinds(member: Member) -> list[str]:
    """What the timeline says, mails left out."""
    return [e.kind for e in Event.select().where(Event.member == member).order_by(Event.id)]


def test_they_are_off_until_the_owner_switches_them_on_beside_a_warning(
    app: Flask, sign_in: Any
) -> None:
    owner, alice = sign_in(make_member("Marit De Smet", role="owner")), make_member(email=EMAIL)
    browser = sign_in(alice)
    assert "Security questions" not in browser.get("/account/security").text
    answers = [browser.get(PAGE), browser.post(PAGE, data=form()), browser.post(f"{PAGE}/remove")]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert "ASVS (6.4.2)" in owner.get("/staff/settings/sign-in").text
    owner.post("/staff/settings/sign-in", data={"security_questions": "y"})
    assert browser.post(PAGE, data=form()).location == "/account/security"
    owner.post("/staff/settings/sign-in", data={})
    assert (browser.get(PAGE).status_code, SecurityQuestion.select().count()) == (404, 3)


def test_a_member_chooses_three_and_nobody_reads_the_answers(alice: Member, sign_in: Any) -> None:
    browser = sign_in(alice)
    assert "Choose three" in browser.get("/account/security").text
    assert browser.post(PAGE, data=form()).status_code == 303
    shown = browser.get(PAGE).text
    assert [LIST[0] in shown, "Where did grandmother live?" in shown] == [True, True]
    rows = list(SecurityQuestion.select())
    assert {row.answer_hash.split("$")[1] for row in rows} == {"argon2id"}
    stored = " ".join(str(r) for m in (SecurityQuestion, Mail, Event) for r in m.select().tuples())
    assert ["rex" in stored.lower(), "brul" in stored.lower()] == [False, False]
    assert kinds(alice)[-1] == "questions.set"
    assert subjects(EMAIL)[-1] == "New security questions for your account at Fern & Kettle"


def test_they_are_replaced_and_removed_at_any_time_with_a_mail(asked: Member, sign_in: Any) -> None:
    browser = sign_in(asked)
    browser.post(PAGE, data=form(own_2="Which tree stood in the yard?", answer_2="a walnut"))
    assert [q.question for q in questions.of(asked)][1] == "Which tree stood in the yard?"
    browser.post(f"{PAGE}/remove")
    assert (questions.of(asked), kinds(asked)[-1]) == ([], "questions.removed")
    assert "were removed" in last(EMAIL).subject
    mails = Mail.select().count()
    browser.post(f"{PAGE}/remove")
    assert Mail.select().count() == mails


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"answer_1": " "}, "Write an answer."),
        ({"answer_1": "- !"}, "Write at least three letters or digits as an answer."),
        ({"answer_1": "x" * 201}, "Use at most 200 characters."),
        ({"question_1": ""}, "Choose a question, or write one."),
        ({"question_1": "What is the password?"}, "Choose a question, or write one."),
        ({"own_2": "Pet?"}, "Write a whole question."),
        ({"own_2": LIST[2].upper()}, "Choose three questions that differ."),
        ({"answer_2": "rex."}, "Give each question an answer of its own."),
        ({"answer_2": "Grandmother"}, "An answer must not stand in its question."),
        ({"answer_2": "a\0b"}, "Please take out the invisible characters."),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    asked: Member, sign_in: Any, changed: dict[str, str], sentence: str
) -> None:
    before = list(SecurityQuestion.select().tuples())
    answer = sign_in(asked).post(PAGE, data=form(**changed))
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "crème brûlée" in answer.text
    assert list(SecurityQuestion.select().tuples()) == before


def test_a_recovery_begins_with_mail_and_answers_and_waits_its_48_hours(
    asked: Member, client: Any
) -> None:
    there = way(client)
    shown = client.get(there).text
    assert ["Where did grandmother live?" in shown, "Rex" in shown] == [True, False]
    assert "You can come in from" in client.post(there, data={"answer": TYPED}).text
    assert Recovery.get().state == "waiting"
    with time_machine.travel(now() + timedelta(hours=47, minutes=59)):
        client.post(there, data={"answer": RIGHT})
    assert Session.select().count() == 0
    with time_machine.travel(now() + timedelta(hours=48, seconds=1)):
        assert client.post(there).location.startswith("/sign-in/offer")
    assert SecurityQuestion.select().count() == 0


def test_mail_alone_does_not_begin_it_and_answers_alone_do_not(asked: Member, client: Any) -> None:
    there = way(client)
    for answers in ([], ["", "", ""], [*RIGHT[:2], ""], [RIGHT[1], RIGHT[0], RIGHT[2]]):
        answer = client.post(there, data={"answer": answers})
        assert (answer.status_code, Recovery.get().state) == (422, "asked")
    with pytest.raises(Refused):
        slow.prove("no-link", RIGHT)
    with pytest.raises(Refused):
        slow.prove(there.rpartition("/")[2])
    with time_machine.travel(now() + timedelta(hours=49)):
        assert client.post(there, data={"answer": RIGHT}).status_code == 410


def test_a_wrong_answer_is_counted_told_and_not_named(asked: Member, client: Any) -> None:
    there = way(client)
    answer = client.post(there, data={"answer": [*RIGHT[:2], "flan"]})
    assert "Not all of the answers are right. 4 tries are left." in answer.text
    assert 'value="flan"' in answer.text
    assert kinds(asked)[-1] == "recovery.wrong_answers"
    assert client.post(there, data={"answer": RIGHT}).status_code == 200


def test_the_fifth_wrong_one_ends_the_recovery_and_tells_every_address(
    asked: Member, client: Any
) -> None:
    there = way(client)
    sent = [client.post(there, data={"answer": ["guess"] * 3}).status_code for _ in range(6)]
    assert sent == [422, 422, 422, 422, 410, 410]
    late = client.post(there, data={"answer": RIGHT})
    assert (late.status_code, "wrong five times" in late.text) == (410, True)
    assert (Recovery.get().state, kinds(asked).count("recovery.wrong_answers")) == ("refused", 5)
    told = [s for s in subjects(EMAIL) if s.startswith("Wrong answers ended a recovery")]
    assert len(told) == 1


def test_new_recoveries_do_not_bring_endless_guesses(asked: Member, client: Any) -> None:
    compared = []
    for _ in range(3):
        there = way(client)
        for _guess in range(5):
            compared.append(client.post(there, data={"answer": ["guess"] * 3}).status_code)
    assert compared == [422, 422, 422, 422, 410] * 2 + [429] * 5
    assert client.post(there, data={"answer": RIGHT}).status_code == 429
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        there = way(client)
        assert client.post(there, data={"answer": RIGHT}).status_code == 200


def test_sixteen_guesses_at_once_are_five(asked: Member, client: Any, app: Flask) -> None:
    token = way(client).rpartition("/")[2]
    outcomes: list[str] = []

    def guess() -> None:
        with app.app_context():  # where a write waits for its turn as long as it takes
            db.connect(reuse_if_open=True)
            try:
                slow.prove(token, ["guess"] * 3)
            except Refused as refused:
                outcomes.append(type(refused).__name__)
            finally:
                db.close()

    threads = [Thread(target=guess) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (outcomes.count("WrongAnswers"), len(outcomes)) == (4, 16)
    assert kinds(asked).count("recovery.wrong_answers") == 5
    assert Recovery.get().state == "refused"


def test_who_has_none_is_asked_decoys_that_any_answer_fits(alice: Member, client: Any) -> None:
    there = way(client)
    shown = [q for q in LIST if q in client.get(there).text]
    again = [q for q in LIST if q in client.get(there).text]
    assert (len(shown), shown) == (3, again)
    assert "You can come in from" in client.post(there, data={"answer": ["", "", ""]}).text


def test_both_take_the_same_work(
    asked: Member, client: Any, statements: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_member("Bob Maes", email="bob@customers.example")
    ways = [way(client), way(client, "bob@customers.example")]
    hashes: list[str] = []
    plain = asking.matches
    monkeypatch.setattr(
        asking, "matches", lambda stored, typed: hashes.append(typed) or plain(stored, typed)
    )
    work = []
    for there in ways:
        hashes.clear()
        with statements() as seen:
            client.get(there)
        shown = len([sql for sql in seen if '"setting"' not in sql])  # kept for two seconds
        with statements() as seen:
            client.post(there, data={"answer": TYPED})
        done = len([sql for sql in seen if '"setting"' not in sql])
        work.append((shown, done, len(hashes)))
    assert work[0] == work[1]
    assert work[0][2] == 3


def test_switched_off_they_are_not_asked(asked: Member, client: Any) -> None:
    change_settings(security_questions=False)
    there = way(client)
    assert "grandmother" not in client.get(there).text
    assert "You can come in from" in client.post(there).text


def test_a_recovery_that_an_agent_began_asks_none(asked: Member, client: Any, sign_in: Any) -> None:
    desk = sign_in(make_member("Ines Peeters", role="agent"))
    desk.post(
        f"/staff/members/{asked.number}/recovery",
        data={"email": "alice@new.example", "reason": "Knew the last three orders."},
    )
    there = link("alice@new.example", "/recover/way/")
    assert "grandmother" not in client.get(there).text
    assert "You can come in from" in client.post(there).text


def test_a_colleague_answers_also_where_two_agreed_first(
    app: Flask, client: Any, sign_in: Any
) -> None:
    change_settings(security_questions=True)
    lost = make_member("Nora Claes", email="nora@shop.example", role="agent")
    questions.keep(lost, list(zip(LIST[:3], RIGHT, strict=True)))
    there = way(client, "nora@shop.example")
    for name in ("Ines Peeters", "Jo Maes"):
        agent = sign_in(make_member(name, role="agent"))
        agent.post(f"/staff/members/{lost.number}/recovery/agree")
    assert client.post(there).status_code == 422
    assert Recovery.get().state == "asked"
    client.post(there, data={"answer": RIGHT})
    assert Recovery.get().state == "waiting"


def test_answers_open_nothing_else(asked: Member, client: Any) -> None:
    client.post("/sign-in/code", data={"email": EMAIL})
    for typed in RIGHT:
        client.post("/sign-in/code/enter", data={"code": typed})
        client.post("/sign-in/second", data={"code": typed})
    assert Session.select().count() == 0
