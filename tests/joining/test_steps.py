"""After joining: steps that can be skipped and taken up again, a list that ends, one welcome."""

from datetime import timedelta

import pytest
from factories import make_member, make_order
from flask import Flask
from newcomers import ask, kinds_of, mailed, type_code, words

from portal.joining.models import Step
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.events import first_visit
from portal.members.models import Member, Passkey, Restriction
from portal.profiles.models import Profile
from portal.shop.models import change_settings


@pytest.fixture
def maren(app: Flask) -> Member:
    """Somebody who joined just now."""
    return make_member("Maren Holt", email="maren@example.com", joined_at=now(), visit_at=now())


def test_who_joined_is_led_through_the_steps_of_the_shop(client) -> None:
    change_settings(join_steps="company,role,interests", interests="Green tea, Oolong")
    ask(client, next="/account/points")
    entered = type_code(client, mailed()[0])
    assert entered.location == ("/sign-in/offer?next=/join/steps/company?next%3D/account/points")
    assert "1 of 3, if you like" in words(client.get("/join/steps/company?next=/account/points"))
    kept = client.post("/join/steps/company", data={"answer": "Holt AS", "next": "/account/points"})
    assert kept.location == "/join/steps/role?next=/account/points"
    skipped = client.post("/join/steps/role/skip", data={"next": "/account/points"})
    assert skipped.location == "/join/steps/interests?next=/account/points"
    last = client.post(
        "/join/steps/interests", data={"answer": ["Oolong"], "next": "/account/points"}
    )
    assert last.location == "/account/points"
    profile = Profile.get()
    assert (profile.company, profile.job, profile.interests) == ("Holt AS", "", ["Oolong"])
    assert {s.name: s.state for s in Step.select()} == {
        "company": "done", "role": "skipped", "interests": "done",
    }  # fmt: skip


def test_steps_are_taken_up_where_they_were_left(sign_in, maren: Member) -> None:
    change_settings(join_steps="company,location,industry")
    client = sign_in(maren)
    client.post("/join/steps/company/skip")
    assert "Go on where you were" in client.get("/join/steps").text
    assert 'href="/join/steps/location?next=/join/steps"' in client.get("/join/steps").text
    client.post("/join/steps/company", data={"answer": "Holt AS"})
    client.post("/join/steps/company/skip")
    assert "Holt AS" in client.get("/join/steps").text
    assert Step.get(Step.name == "company").state == "done"


@pytest.mark.parametrize("step", ["company", "nonsense", "checklist"])
def test_a_step_that_the_shop_switched_off_is_not_there(sign_in, maren: Member, step: str) -> None:
    change_settings(join_steps="location")
    client = sign_in(maren)
    answers = [client.get(f"/join/steps/{step}"), client.post(f"/join/steps/{step}/skip")]
    answers.append(client.post(f"/join/steps/{step}", data={"answer": "x"}))
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert (Step.select().count(), Profile.select().count()) == (0, 0)


def test_a_wrong_answer_is_explained_and_kept(sign_in, maren: Member) -> None:
    change_settings(join_steps="company,interests", interests="Oolong")
    client = sign_in(maren)
    long = client.post("/join/steps/company", data={"answer": "a" * 121})
    assert (long.status_code, "Use at most 120 characters." in long.text) == (422, True)
    assert 'value="' + "a" * 121 in long.text
    assert client.post("/join/steps/company", data={"answer": " "}).status_code == 422
    foreign = client.post("/join/steps/interests", data={"answer": ["Weapons"]})
    assert (foreign.status_code, Profile.select().count()) == (422, 0)


def test_interests_are_typed_where_the_shop_names_none(sign_in, maren: Member) -> None:
    client = sign_in(maren)
    client.post("/join/steps/interests", data={"answer": "Oolong,  teapots, Oolong,"})
    assert Profile.get().interests == ["Oolong", "teapots"]
    assert 'value="Oolong, teapots"' in client.get("/join/steps/interests").text


def test_a_restricted_profile_takes_no_answers(sign_in, maren: Member) -> None:
    Restriction.create(member=maren, kind="restrict", what=["profile"], text="Not now.")
    client = sign_in(maren)
    assert client.post("/join/steps/location", data={"answer": "Bergen"}).status_code == 403
    assert Profile.select().count() == 0


def test_the_list_ends_when_all_of_it_is_done(sign_in, maren: Member) -> None:
    client = sign_in(maren)
    assert "What to do first, 0 of 3 done" in words(client.get("/"))
    for step in ("location", "interests"):
        client.post(f"/join/steps/{step}/skip")
    Passkey.create(member=maren, credential_id="c", public_key=b"k", label="Phone")
    shown = words(client.get("/"))
    assert "What to do first, 2 of 3 done" in shown
    assert ("Make a passkey" in shown, "Fill in your profile" in shown) == (False, True)
    Profile.update(bio="Tea.").execute()
    Profile.insert(member=maren, bio="Tea.", links=[], visibility={}).on_conflict_ignore().execute()
    assert "What to do first" not in words(client.get("/"))


def test_the_list_can_be_put_away_for_good(sign_in, maren: Member) -> None:
    client = sign_in(maren)
    gone = client.post("/join/start/away", htmx=True)
    assert "Make a passkey" not in gone.text
    assert "What to do first" not in client.get("/").text
    assert client.post("/join/start/away").location == "/"
    assert "What to do first" not in client.get("/account/cards/start", htmx=True).text


def test_whoever_is_here_for_long_or_works_here_has_no_list(sign_in) -> None:
    old = make_member("Old", joined_at=now() - timedelta(days=91))
    owner = make_member("Marit", role="owner", joined_at=now())
    for member in (old, owner):
        assert "What to do first" not in sign_in(member).get("/").text


def test_a_shop_that_asks_nothing_leads_straight_in(client) -> None:
    change_settings(join_steps="")
    ask(client)
    assert type_code(client, mailed()[0]).location == "/sign-in/offer?next=/"
    assert "Tell the shop" not in client.get("/").text
    assert "asks nothing" in client.get("/join/steps").text


def test_everybody_is_welcomed_once_whatever_way_they_came(app: Flask) -> None:
    alice = make_member(email="alice@example.com")
    make_order(alice, "1048")
    for _time in range(2):
        client = app.test_client()
        client.post("/sign-in/code", data={"email": "alice@example.com"})
        secret = Mail.select().where(Mail.kind == "sign_in_code").order_by(Mail.id.desc()).get()
        client.post("/sign-in/code/enter", data={"code": secret.secret()})
    (welcome,) = Mail.select().where(Mail.kind == "welcome")
    text, html = welcome.filled()
    assert (welcome.to, welcome.subject) == ("alice@example.com", "Welcome to Fern & Kettle")
    assert ("http://localhost:8000/account/security" in text, "/join/steps" in html) == (True, True)
    assert welcome.why in text
    assert "mail.sent" not in kinds_of(alice)


def test_staff_are_not_welcomed_as_members(app: Flask) -> None:
    first_visit.send(None, member=make_member("Ines", role="agent"))
    assert Mail.select().count() == 0
