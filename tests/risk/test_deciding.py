"""Warn, restrict, suspend, agree, lift: each once, told to the member, written down, reversible."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import Event, Member, Restriction, Session
from portal.members.standing import NotNow, ensure, in_force
from portal.risk.deciding import Decision, agree, decide, end_due, lift, state_of

SUSPEND = Decision("suspend", "Your card was reported stolen.", "The bank called.")
FORM = {
    "text": "Please stop selling vouchers on.",
    "why": "Seen on a marketplace.",
    "ends": "7",
    "seen": "0.0.0",
}


def path(member: Member, act: str) -> str:
    """The address of the form."""
    return f"/staff/members/{member.number}/standing/{act}"


def kinds(member: Member) -> list[str]:
    """What was written down about somebody's standing, in order."""
    told = Event.select().where((Event.member == member) & Event.kind.startswith("standing."))
    return [event.kind for event in told.order_by(Event.id)]


def timeline(browser: Any) -> str:
    """What a member reads of what happened."""
    return str(browser.get("/account/activity").text)


def test_a_warning_is_mailed_shown_and_stops_nothing(alice, ines, sign_in) -> None:
    sent = sign_in(ines).post(path(alice, "warn"), data=FORM)
    assert (sent.status_code, [r.kind for r in in_force(alice)]) == (303, ["warn"])
    for deed in ("points", "sign_in"):
        ensure(alice, deed)
    home = sign_in(alice).get("/").text
    assert ("has warned you." in home, FORM["text"] in home) == (True, True)
    mail = Mail.select().where(Mail.to == "alice@customers.example").get()
    assert (mail.subject, FORM["text"] in mail.text, FORM["text"] in mail.html) == (
        "A warning from Fern & Kettle", True, True,
    )  # fmt: skip
    assert "hello@fernandkettle.example" in mail.text
    assert FORM["why"] not in mail.text + mail.html + home


def test_a_restriction_says_what_until_when_and_whom_to_ask(alice, ines, sign_in) -> None:
    with time_machine.travel("2026-11-22 10:00", tick=False):
        sign_in(ines).post(path(alice, "restrict"), data=FORM | {"what": ["points", "claims"]})
        home = sign_in(alice).get("/").text
        with pytest.raises(NotNow) as refused:
            ensure(alice, "points")
        ensure(alice, "wishlist")
    assert "It ends by itself on 29 November." in home
    assert "turn points into vouchers; claim orders" in home
    assert refused.value.sentence == (
        "Fern & Kettle has switched this off for your account until 29 November. “Please stop "
        "selling vouchers on.” If you think that is wrong, write to hello@fernandkettle.example."
    )


def test_both_timelines_tell_it_and_only_staff_read_why_and_who(alice, ines, sign_in) -> None:
    desk = sign_in(ines)
    desk.post(path(alice, "restrict"), data=FORM | {"what": ["points"]})
    mine, theirs = timeline(sign_in(alice)), desk.get(f"/staff/members/{alice.number}").text
    assert ("restricted your account" in mine, FORM["text"] in mine) == (True, True)
    assert ("Ines" in mine, FORM["why"] in mine) == (False, False)
    assert "Ines Peeters restricted the account until" in theirs
    assert FORM["why"] in theirs


def test_a_suspension_by_the_owner_ends_every_session_at_once(alice, marit, sign_in) -> None:
    browsers = [sign_in(alice), sign_in(alice)]
    sign_in(marit).post(path(alice, "suspend"), data=FORM)
    assert [browser.get("/").status_code for browser in browsers] == [303, 303]
    assert Session.live(alice).count() == 0
    assert kinds(alice) == ["standing.suspended"]


def test_a_session_made_past_the_door_of_a_suspended_account_opens_nothing(hold, alice, sign_in):
    hold("suspend")
    assert sign_in(alice).get("/").status_code == 303


def test_an_agent_alone_suspends_nobody(alice, ines, nora, sign_in) -> None:
    desk = sign_in(ines)
    assert desk.post(path(alice, "suspend"), data=FORM).status_code == 303
    proposal = Restriction.get()
    ensure(alice, "sign_in")
    assert (sign_in(alice).get("/").status_code, Mail.select().count()) == (200, 0)
    again = desk.post(f"{path(alice, str(proposal.id))}/agree")
    assert (again.status_code, "Somebody else" in again.text) == (409, True)
    sign_in(nora).post(f"{path(alice, str(proposal.id))}/agree")
    with pytest.raises(NotNow, match="suspended this account until"):
        ensure(alice, "sign_in")
    assert kinds(alice) == ["standing.suspend_proposed", "standing.suspended"]
    assert Mail.select().count() == 1


def test_the_owner_agrees_with_an_agent(alice, ines, marit) -> None:
    agree(decide(alice, ines, SUSPEND, state_of(alice)), marit)
    assert [r.kind for r in in_force(alice)] == ["suspend"]


def test_a_proposal_is_turned_down_once_and_the_member_hears_nothing(alice, ines, nora) -> None:
    proposal = decide(alice, ines, SUSPEND, state_of(alice))
    assert [lift(proposal, nora, "A mix-up."), lift(proposal, nora, "A mix-up.")] == [True, False]
    with pytest.raises(Refused, match="Nobody has to agree any more"):
        agree(proposal, nora)
    assert (kinds(alice), Mail.select().count()) == (
        ["standing.suspend_proposed", "standing.withdrawn"], 0,
    )  # fmt: skip


def test_a_proposal_that_became_a_suspension_is_not_lifted_as_a_proposal(alice, ines, nora):
    proposal = decide(alice, ines, SUSPEND, state_of(alice))
    stale = Restriction.get_by_id(proposal.id)
    agree(proposal, nora)
    assert lift(stale, ines, "A mix-up.") is False
    assert [r.kind for r in in_force(alice)] == ["suspend"]


def test_a_late_proposal_suspends_nobody(alice, ines, nora) -> None:
    decision = Decision("suspend", "x", "y", now() + timedelta(days=1))
    proposal = decide(alice, ines, decision, state_of(alice))
    with time_machine.travel(now() + timedelta(days=2)), pytest.raises(Refused, match="is over"):
        agree(proposal, nora)


def test_nobody_decides_about_themselves_the_owner_or_without_right_about_staff(
    alice, ines, nora, marit, sign_in
) -> None:
    other = make_member("Anna Maes", role="owner")
    for who, about in ((ines, ines), (ines, marit), (marit, other), (marit, marit), (ines, nora)):
        with pytest.raises(Refused):
            decide(about, who, SUSPEND, state_of(about))
        asked = sign_in(who).get(path(about, "warn"))
        assert asked.status_code == 409
    decide(ines, marit, SUSPEND, state_of(ines))
    assert Restriction.select().count() == 1


def test_nobody_lifts_their_own_nor_an_agent_what_the_owner_decided(
    hold, alice, ines, marit
) -> None:
    with pytest.raises(Refused, match="The owner suspended"):
        lift(hold("suspend"), ines, "x")
    mine = hold("warn", member=ines)
    with pytest.raises(Refused, match="your own account"):
        lift(mine, ines, "x")
    assert lift(hold("restrict", "points"), ines, "All is well.") is True


def test_lifting_tells_the_member_and_everything_works_again(hold, alice, marit, sign_in) -> None:
    held = hold("restrict", "points")
    sent = sign_in(marit).post(f"{path(alice, str(held.id))}/lift", data={"why": "A mix-up."})
    assert sent.status_code == 303
    ensure(alice, "points")
    assert "Everything works again" in Mail.select().order_by(Mail.id.desc()).get().subject
    assert "lifted a restriction" in timeline(sign_in(alice))
    assert "restricted your account." not in sign_in(alice).get("/").text


def test_the_second_lifting_is_no_event_and_no_mail(hold, alice, ines, nora) -> None:
    held = hold("restrict", "points")
    assert [lift(held, ines, "x"), lift(held, nora, "y"), lift(held, ines, "x")] == [
        True, False, False,
    ]  # fmt: skip
    assert kinds(alice) == ["standing.restricted", "standing.lifted"]
    assert Mail.select().count() == 2


def test_lifting_asks_for_a_word(hold, alice, marit, sign_in) -> None:
    held = hold("warn")
    sent = sign_in(marit).post(f"{path(alice, str(held.id))}/lift", data={"why": " "})
    assert (sent.status_code, Restriction.get().lifted_at) == (422, None)


def test_the_same_form_twice_is_one_decision(alice, ines, sign_in) -> None:
    desk = sign_in(ines)
    data = FORM | {"what": ["points"]}
    answers = [desk.post(path(alice, "restrict"), data=data).status_code for _click in range(3)]
    assert (answers, Restriction.select().count(), Mail.select().count()) == ([303] * 3, 1, 1)
    assert kinds(alice) == ["standing.restricted"]


def test_of_two_agents_the_second_looks_first_and_loses_nothing(alice, ines, nora, sign_in):
    data = FORM | {"what": ["points"]}
    sign_in(ines).post(path(alice, "restrict"), data=data)
    second = sign_in(nora).post(path(alice, "restrict"), data=data | {"text": "Do not resell."})
    assert (second.status_code, "a moment ago" in second.text) == (409, True)
    assert "Do not resell." in second.text
    assert Restriction.select().count() == 1


@pytest.mark.parametrize("same", [True, False])
def test_at_the_same_moment_one_decision_holds(app: Flask, alice, ines, nora, same: bool) -> None:
    start, seen, ends_at = Barrier(4), state_of(alice), now() + timedelta(days=7)
    refusals: list[str] = []

    def press(agent: Member, text: str) -> None:
        with app.app_context(), db.connection_context():
            start.wait()
            try:
                decide(alice, agent, Decision("restrict", text, "x", ends_at, ("points",)), seen)
            except Refused as refused:
                refusals.append(refused.sentence)

    people = [(ines, "a")] * 4 if same else [(ines, "a"), (ines, "a"), (nora, "b"), (nora, "b")]
    db.close()
    threads = [Thread(target=press, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.connect(reuse_if_open=True)
    assert (Restriction.select().count(), Mail.select().count()) == (1, 1)
    assert len(refusals) == (0 if same else 2)


def test_it_ends_by_itself_to_the_second_and_the_timeline_says_so_once(hold, alice) -> None:
    held = hold("suspend")
    with time_machine.travel(held.ends_at + timedelta(seconds=1)):
        ensure(alice, "sign_in")
        assert [end_due(), end_due()] == [1, 0]
    ended = Event.select().where(Event.kind == "standing.ended").get()
    assert (ended.at, ended.data) == (held.ends_at, {"act": "suspend"})
    assert lift(held, make_member(role="owner"), "x") is False


def test_what_has_no_end_holds_until_it_is_lifted(hold, alice) -> None:
    hold("restrict", "points", days=None)
    with time_machine.travel(now() + timedelta(days=4000)):
        assert end_due() == 0
        with pytest.raises(NotNow):
            ensure(alice, "points")


@pytest.mark.parametrize(
    ("act", "wrong", "sentence"),
    [
        ("warn", {"text": " "}, "Write what the member is to know."),
        ("warn", {"why": ""}, "Write why; your colleagues read it."),
        ("warn", {"ends": "tomorrow"}, "Choose when it ends."),
        ("suspend", {"ends": "day", "day": "soon"}, "Choose the day on which it ends."),
        ("suspend", {"ends": "day", "day": "2020-01-01"}, "Choose a day from today on"),
        ("suspend", {"ends": "day", "day": "9999-12-31"}, "Choose a day from today on"),
        ("restrict", {}, "Choose at least one thing"),
        ("restrict", {"what": ["breathing"]}, "Choose from the list."),
    ],
)
def test_bad_input_says_what_to_do_and_keeps_what_was_typed(
    alice, ines, sign_in, act: str, wrong: dict[str, Any], sentence: str
) -> None:
    sent = sign_in(ines).post(path(alice, act), data=FORM | {"text": "Kept words."} | wrong)
    assert (sent.status_code, sentence in sent.text) == (422, True)
    assert ("Kept words." in sent.text) == ("text" not in wrong)
    assert Restriction.select().count() == 0


def test_a_chosen_day_is_the_last_one_at_the_shop(alice, ines, sign_in) -> None:
    day = (now() + timedelta(days=40)).date().isoformat()
    sign_in(ines).post(path(alice, "warn"), data=FORM | {"ends": "day", "day": day})
    assert Restriction.get().ends_at.isoformat() == f"{day}T23:59:59"


def test_an_unknown_act_or_a_foreign_decision_is_not_found(hold, alice, marit, sign_in) -> None:
    held, desk, bob = hold("warn"), sign_in(marit), make_member("Bob Maes")
    answers = [
        desk.get(path(alice, "banish")),
        desk.post(path(alice, "proposed"), data=FORM),
        desk.get(f"{path(bob, str(held.id))}/lift"),
        desk.post(f"{path(bob, str(held.id))}/lift", data={"why": "x"}),
        desk.post(f"{path(bob, str(held.id))}/agree"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


def test_an_account_that_nobody_uses_takes_no_decision(alice, marit) -> None:
    Member.update(closed_at=now()).where(Member.id == alice.id).execute()
    with pytest.raises(Refused, match="Nobody uses this account"):
        decide(Member.get_by_id(alice.id), marit, SUSPEND, state_of(alice))


def test_the_desk_shows_what_holds_and_what_was(hold, alice, ines, nora, marit, sign_in) -> None:
    lift(hold("restrict", "points"), ines, "All is well.")
    decide(alice, ines, SUSPEND, state_of(alice))
    shown = sign_in(nora).get(f"/staff/members/{alice.number}").text
    own = sign_in(ines).get(f"/staff/members/{alice.number}").text
    assert ("To be suspended without an end" in shown, "Agree and suspend" in shown) == (True, True)
    assert ("Agree and suspend" in own, "Somebody else from the shop has to agree" in own) == (
        False, True,
    )  # fmt: skip
    assert "Lifted by Ines Peeters" in shown


def test_a_proposal_stands_on_the_desk_until_it_is_settled(alice, ines, nora, sign_in) -> None:
    desk, head = sign_in(nora), "To be suspended, if you agree"
    proposal = decide(alice, ines, SUSPEND, state_of(alice))
    shown = desk.get("/staff").text
    assert (head in shown, alice.name in shown, SUSPEND.why in shown) == (True, True, True)
    assert head not in sign_in(ines).get("/staff").text
    lift(proposal, nora, "A mix-up.")
    assert head not in desk.get("/staff").text


def test_one_decision_or_many_cost_the_same_statements(
    alice, ines, marit, sign_in, statements
) -> None:
    desk, page, counts = sign_in(ines), f"/staff/members/{alice.number}", []
    desk.get(page)
    for more in (1, 5):
        for serial in range(more):
            agent = make_member(f"Agent {serial}", role="agent")
            decision = Decision("warn", f"Text {more} {serial}.", "x")
            lift(decide(alice, agent, decision, state_of(alice)), marit, "x")
            decide(alice, agent, decision, state_of(alice))
        with statements() as seen:
            desk.get(page)
        counts.append(len([sql for sql in seen if '"setting"' not in sql]))
    assert counts[0] == counts[1]
