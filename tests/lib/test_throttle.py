"""Limits: one table, held by its use in the source; every try counts; each refusal says when."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
import time_machine
from factories import make_member

from portal.lib.db import db
from portal.lib.limits import NEVER, SHOP
from portal.lib.refused import TooMany
from portal.lib.throttle import (
    LIMITS,
    Throttle,
    duration,
    forget_old,
    limit,
    near,
    once,
    retry_after,
    within,
)
from portal.staff.limits import table

PORTAL = Path(__file__).resolve().parents[2] / "portal"
COUNTING = {"limit", "within", "careful"}  # calls whose text arguments are rows of LIMITS
PASSING_ON = {"lib/throttle.py", "members/views/blueprint.py", "members/views/bots.py"}


def counted(path: Path) -> tuple[set[str], list[int]]:
    """The rows that a file counts uses of, and the lines where no row is named plainly."""
    purposes: set[str] = set()
    unclear: list[int] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        plain = isinstance(node.func, ast.Name)
        name = node.func.id if plain else getattr(node.func, "attr", "")  # type: ignore[attr-defined]
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name not in COUNTING or not (plain or owner == "throttle"):
            continue
        named = node.args if name == "careful" else node.args[:1]
        for purpose in named:
            if isinstance(purpose, ast.Constant) and isinstance(purpose.value, str):
                purposes.add(purpose.value)
            else:
                unclear.append(node.lineno)
    return purposes, unclear


def test_what_the_source_counts_is_what_the_table_declares() -> None:
    used: set[str] = set()
    for path in sorted(PORTAL.rglob("*.py")):
        place = path.relative_to(PORTAL).as_posix()
        purposes, unclear = counted(path)
        used |= purposes
        assert place in PASSING_ON or unclear == [], f"{place} counts what it does not name"
    assert sorted(used) == sorted(LIMITS)


@pytest.mark.parametrize("purpose", LIMITS)
def test_every_row_says_what_it_counts_and_what_happens_next(purpose: str) -> None:
    row = LIMITS[purpose]
    assert row.what, "the owner reads what is counted"
    if row.times == NEVER:
        assert (row.told, row.step > 0, row.per) == ("", True, SHOP)
        return
    told = row.told % {"wait": "in 12 minutes"}
    assert "in 12 minutes" in told
    assert told.endswith(".")
    assert 40 < len(told) < 200
    assert row.step < row.times


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "in a minute"), (60, "in a minute"), (61, "in 2 minutes"), (700, "in 12 minutes"),
        (3541, "in an hour"), (3600, "in an hour"), (3601, "in 2 hours"), (86400, "in 24 hours"),
    ],
)  # fmt: skip
def test_the_time_to_wait_is_said_in_words_and_never_too_short(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_the_refusal_carries_its_row_and_only_the_first_is_news(app) -> None:
    with time_machine.travel("2026-11-21T10:03:00Z", tick=False):
        for _use in range(LIMITS["sms.ask.number"].times):
            limit("sms.ask.number", "+32 470 12 34 56")
        seen = []
        for _use in range(3):
            with pytest.raises(TooMany) as refused:
                limit("sms.ask.number", "+32 470 12 34 56")
            seen.append(refused.value)
        limit("sms.ask.number", "+32 470 99 99 99")
    assert {refusal.sentence for refusal in seen} == {
        "Several text messages went out already. Look at the newest one, or ask again "
        "in 57 minutes."
    }
    assert {refusal.retry_after for refusal in seen} == {57 * 60}
    assert [refusal.first for refusal in seen] == [True, False, False]


def test_sixteen_tries_at_the_same_moment_all_count(app, monkeypatch) -> None:
    monkeypatch.setitem(LIMITS, "picture", replace(LIMITS["picture"], times=10, seconds=10**8))
    start, answers = Barrier(16), []

    def try_once() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            start.wait()
            answers.append(within("picture", "one"))
            db.close()

    threads = [Thread(target=try_once) for _thread in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(True), answers.count(False)) == (10, 6)
    assert Throttle.get().count == 16


def test_a_name_is_new_once_even_when_the_windows_of_others_change(app) -> None:
    with time_machine.travel("2026-11-21T10:14:59Z", tick=False):
        assert once("stamp", 1_800_000_000)
    with time_machine.travel("2026-11-21T10:15:01Z", tick=False):
        assert not once("stamp", 1_800_000_000)
    assert once("another", 1_800_000_000)


def test_looking_whether_a_limit_is_near_counts_nothing(app) -> None:
    for _use in range(LIMITS["code.ask.client"].step):
        assert not near("code.ask.client", "203.0.113.7")
        assert within("code.ask.client", "203.0.113.7")
    assert near("code.ask.client", "203.0.113.7")
    assert not near("code.ask.client", "203.0.113.8")
    assert Throttle.get().count == LIMITS["code.ask.client"].step


def test_counters_are_forgotten_once_no_limit_can_reach_them(app) -> None:
    with time_machine.travel("2026-11-19T10:00:00Z"):
        within("sms.all", "all")
    with time_machine.travel("2026-11-20T23:00:00Z"):
        forget_old()
        assert Throttle.select().count() == 1
    with time_machine.travel("2026-11-22T10:00:00Z"):
        forget_old()
        assert Throttle.select().count() == 0


def test_keys_are_not_readable_in_the_database(app) -> None:
    within("code.ask.address", "alice@example.com")
    assert re.fullmatch("[0-9a-f]{64}", Throttle.get().key)


def test_the_page_says_when_and_what_else(client) -> None:
    make_member(email="alice@example.com")
    with time_machine.travel("2026-11-21T10:03:00Z", tick=False):
        for _use in range(6):
            answer = client.post("/sign-in/code", data={"email": "alice@example.com"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "720")
        assert retry_after("code.ask.pair") == 720
    assert (
        "Many mails went to this address already. Look at the newest one, or ask again "
        "in 12 minutes. A passkey works at any time."
    ) in answer.get_data(as_text=True)


def test_the_owner_reads_the_whole_table(sign_in) -> None:
    page = sign_in(make_member("Ines", role="owner")).get("/staff/settings/sign-in")
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.get_data(as_text=True)))
    assert [row.what for row in table() if row.what not in words] == []
    assert "Passwords typed for one address, from one place 10 in 15 minutes" in words
    assert "Mails to join any number small step from 60 in 15 minutes the whole shop" in words
    assert "each address or number, from one network" in words
    assert len(table()) == len(LIMITS)


def test_the_page_about_security_has_the_table_as_it_is() -> None:
    page = (PORTAL.parent / "docs/security.md").read_text("utf-8")
    shown = page.partition("<!-- limits -->\n")[2].partition("<!-- /limits -->")[0]
    head = "| what | how often | for | small step |\n|---|---|---|---|\n"
    rows = "".join(f"| {row.what} | {row.often} | {row.per} | {row.step} |\n" for row in table())
    assert shown == head + rows
