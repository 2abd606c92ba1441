"""“This was not me” ends sessions and freezes, until two people or a recovery thaw the account."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask
from outbox import last, link, text_of

from portal.lib.clock import now
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.loyalty.models import Voucher
from portal.loyalty.points import book_orders
from portal.loyalty.vouchers import redeem
from portal.members.letters import tell_change
from portal.members.models import Event, Member, OneTimeLink, Session
from portal.members.standing import NotNow
from portal.recovery import freezing
from portal.shop.models import change_settings

EMAIL = "alice@customers.example"


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member who just got a mail about her account."""
    alice = make_member(email=EMAIL)
    tell_change(alice, subject="A new device", sentence="Somebody came.", advice="Look.")
    return alice


def pressed(client: Any) -> Any:
    """The answer to the button of the newest mail."""
    return client.post(link(EMAIL, "/not-me/"))


def agents() -> list[Member]:
    """Two people of the staff."""
    return [make_member("Ines Peeters", role="agent"), make_member("Nora Claes", role="agent")]


def test_every_mail_about_the_account_has_a_link_of_its_own(alice: Member, app: Flask) -> None:
    first = link(EMAIL, "/not-me/")
    tell_change(alice, subject="A passkey", sentence="It is new.", advice="Look.")
    assert link(EMAIL, "/not-me/") != first
    for mail in Mail.select():
        token = (mail.secret() or "").strip()
        assert token not in mail.text + mail.html
        assert token in "".join(mail.filled(token))
        assert f"/not-me/{token}" in mail.filled(token)[1]


def test_looking_at_the_page_changes_nothing(alice: Member, client: Any, sign_in: Any) -> None:
    browser = sign_in(alice)
    page = client.get(link(EMAIL, "/not-me/"))
    assert ["A new device" in page.get_data(as_text=True), page.status_code] == [True, 200]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert Member.get_by_id(alice.id).frozen_at is None
    assert browser.get("/").status_code == 200


def test_one_press_ends_every_session_and_freezes(alice: Member, client: Any, sign_in: Any) -> None:
    browsers = [sign_in(alice), sign_in(alice)]
    assert "Nobody is signed in any more." in pressed(client).get_data(as_text=True)
    assert [browser.get("/").status_code for browser in browsers] == [303, 303]
    assert Member.get_by_id(alice.id).frozen_at is not None
    assert last(EMAIL).subject == "Your account at Fern & Kettle is frozen"
    assert "pressed “This was not me”" in text_of(last(EMAIL))


def test_a_frozen_account_spends_no_points(alice: Member, client: Any) -> None:
    change_settings(points_per_unit=1)
    order = make_order(alice, total=100_000, placed_at=now() - timedelta(days=60))
    book_orders([order.id])
    pressed(client)
    with pytest.raises(NotNow, match="frozen"):
        redeem(alice, 100, "k" * 20)
    assert Voucher.select().count() == 0


def test_a_frozen_account_still_signs_in_and_reads_why(
    alice: Member, client: Any, sign_in: Any
) -> None:
    pressed(client)
    page = sign_in(alice).get("/").get_data(as_text=True)
    assert "Your account is frozen" in page


def test_a_freeze_stops_a_closing_that_somebody_else_asked_for(
    alice: Member, client: Any, sign_in: Any
) -> None:
    sign_in(alice).post("/account/close")
    pressed(client)
    assert Member.get_by_id(alice.id).closing_at is None


def test_a_used_late_unknown_or_closed_link_says_which_it_is(alice: Member, client: Any) -> None:
    way = link(EMAIL, "/not-me/")
    with time_machine.travel(now() + timedelta(days=31)):
        late = client.get(way)
    client.post(way)
    used = client.post(way)
    unknown = client.get("/not-me/nonsense")
    tell_change(alice, subject="Another", sentence="x", advice="y")
    Member.update(closed_at=now()).execute()
    closed = client.get(link(EMAIL, "/not-me/"))
    words = {"thirty days": late, "said so already": used, "don’t know": unknown, "closed": closed}
    assert [w for w, a in words.items() if w not in a.get_data(as_text=True)] == []
    assert {a.status_code for a in words.values()} == {410}


def test_a_link_for_signing_in_freezes_nothing(alice: Member, client: Any) -> None:
    token = OneTimeLink.make("sign-in", alice, timedelta(minutes=5))
    assert client.post(f"/not-me/{token}").status_code == 410
    mine = link(EMAIL, "/not-me/").rpartition("/")[2]
    assert client.post(f"/sign-in/link/{mine}").status_code == 410
    assert (Session.select().count(), Member.get_by_id(alice.id).frozen_at) == (0, None)


def test_sixteen_presses_at_once_freeze_once(alice: Member, app: Flask) -> None:
    token = link(EMAIL, "/not-me/").rpartition("/")[2]
    outcomes: list[bool] = []

    def press() -> None:
        with app.test_request_context():
            db.connect(reuse_if_open=True)
            try:
                freezing.report(token)
                outcomes.append(True)
            except Refused:
                outcomes.append(False)
            finally:
                db.close()

    presses = [Thread(target=press) for _ in range(16)]
    [thread.start() for thread in presses]
    [thread.join() for thread in presses]
    assert sorted(outcomes) == [False] * 15 + [True]
    assert Event.select().where(Event.kind == "account.frozen").count() == 1


def test_the_desk_shows_what_happened_until_it_is_settled(
    alice: Member, client: Any, sign_in: Any
) -> None:
    one, two = agents()
    desk = sign_in(one)
    assert "Urgent" not in desk.get("/staff").get_data(as_text=True)
    sign_in(alice)
    pressed(client)
    page = desk.get("/staff").get_data(as_text=True)
    assert ["Urgent" in page, "A new device" in page, "One session was ended" in page] == [True] * 3
    for agent in (one, two):
        sign_in(agent).post(f"/staff/members/{alice.number}/thaw")
    assert "Urgent" not in desk.get("/staff").get_data(as_text=True)


def test_thirty_cases_cost_the_desk_what_one_costs(
    app: Flask, sign_in: Any, statements: Any
) -> None:
    one, two = agents()
    desk, costs, names = sign_in(one), [], []
    desk.get("/staff")
    for count in (1, 29):
        for _number in range(count):
            member = make_member(name=f"Case {len(names)}", email=f"c{len(names)}@example.com")
            names.append(member.name)
            freezing.freeze(member, "a sign-in")
            freezing.thaw_by_staff(member, two)
        with statements() as seen:
            page = desk.get("/staff").get_data(as_text=True)
        costs.append(len(seen))
        assert [name for name in names if f">{name}<" not in page] == []
        assert page.count("wants to thaw it") == len(names)
    assert costs[0] == costs[1]


def test_two_different_people_thaw_it(alice: Member, client: Any, sign_in: Any) -> None:
    pressed(client)
    one, two = agents()
    where = f"/staff/members/{alice.number}"
    first = sign_in(one)
    first.post(f"{where}/thaw")
    assert "Somebody else from the shop has to agree" in first.get(where).get_data(as_text=True)
    assert first.post(f"{where}/thaw").status_code == 409
    assert Member.get_by_id(alice.id).frozen_at is not None
    second = sign_in(two)
    assert "Ines Peeters wants to thaw it" in second.get(where).get_data(as_text=True)
    second.post(f"{where}/thaw")
    assert Member.get_by_id(alice.id).frozen_at is None
    assert last(EMAIL).subject == "Your account at Fern & Kettle is open again"
    assert second.post(f"{where}/thaw").status_code == 409


def test_a_proposal_from_before_counts_for_no_later_freeze(
    alice: Member, client: Any, sign_in: Any
) -> None:
    one, two = agents()
    pressed(client)
    freezing.thaw_by_staff(alice, one)
    freezing.thaw_by_staff(alice, two)
    pressed(client)
    assert freezing.thaw_by_staff(alice, two) is False
    assert Member.get_by_id(alice.id).frozen_at is not None


def test_nobody_thaws_their_own_account(app: Flask, client: Any) -> None:
    one, _two = agents()
    Member.update(frozen_at=now()).where(Member.id == one.id).execute()
    with pytest.raises(Refused, match="Two others"):
        freezing.thaw_by_staff(Member.get_by_id(one.id), one)


def test_the_member_reads_it_in_the_timeline_without_names(
    alice: Member, client: Any, sign_in: Any
) -> None:
    pressed(client)
    for agent in agents():
        freezing.thaw_by_staff(alice, agent)
    page = sign_in(alice).get("/account/activity").get_data(as_text=True)
    assert ["this was not me" in page, "thawed your account" in page] == [True, True]
    assert ["Ines" in page, "Nora" in page] == [False, False]
