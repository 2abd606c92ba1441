"""An agent sees what the member sees; every look is written down, and the member reads it."""

from datetime import timedelta
from html import unescape

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.loyalty.card import held
from portal.members.models import EmailAddress, Event, Member, OneTimeLink, Session
from portal.shop.models import change_settings
from portal.staff.models import Look, Note


@pytest.fixture
def agent(app):
    return make_member("Ines Peeters", role="agent")


@pytest.fixture
def alice(app):
    return make_member("Alice Janssens", email="alice@customers.example")


@pytest.fixture
def points(app):
    change_settings(points_per_unit=1, point_worth=1, currency="EUR")


def page_of(member, tail=""):
    return f"/staff/members/{member.number}{tail}"


def looks(member):
    query = Event.select().where((Event.member == member) & (Event.kind == "staff.looked"))
    return [(event.actor_id, event.subject) for event in query.order_by(Event.id)]


def kinds(member):
    query = Event.select(Event.kind).where(Event.member == member).order_by(Event.id)
    return [event.kind for event in query]


def test_a_look_is_written_down_once_in_ten_minutes_and_the_member_reads_it(sign_in, agent, alice):
    browser = sign_in(agent)
    for _ in range(3):
        assert browser.get(page_of(alice)).status_code == 200
    assert looks(alice) == [(agent.id, "")]
    activity = unescape(sign_in(alice).get("/account/activity").text)
    assert "Somebody from Fern & Kettle looked at your orders." in activity
    assert "Ines Peeters" not in activity


def test_a_look_after_ten_minutes_is_another_look(sign_in, agent, alice):
    sign_in(agent).get(page_of(alice))
    with write_tx():
        Look.update(at=now() - timedelta(minutes=11)).execute()
    sign_in(agent).get(page_of(alice))
    assert len(looks(alice)) == 2


def test_each_agent_looks_for_themselves(sign_in, agent, alice):
    other = make_member("Noor Maes", role="agent")
    sign_in(agent).get(page_of(alice))
    sign_in(other).get(page_of(alice))
    assert looks(alice) == [(agent.id, ""), (other.id, "")]


def test_opening_an_order_is_a_look_at_that_order(sign_in, agent, alice):
    make_order(alice, "1048", lines=[("Kyusu teapot, rust", 1, 6400)])
    page = sign_in(agent).get(page_of(alice, "/orders/1048"))
    assert "Order 1048 of Alice Janssens" in page.text
    assert "Kyusu teapot, rust" in page.text
    assert looks(alice) == [(agent.id, "1048")]
    assert "looked at your order 1048" in sign_in(alice).get("/account/activity").text


def test_a_member_found_by_an_order_is_headed_by_it(sign_in, agent, alice):
    make_order(alice, "1048", lines=[("Kyusu teapot, rust", 1, 6400)])
    make_order(alice, "1050", placed_at=now() - timedelta(days=1))
    page = sign_in(agent).get(page_of(alice, "?order=1048"))
    assert "Order 1048 belongs to Alice Janssens" in page.text
    assert "Kyusu teapot, rust" in page.text
    assert looks(alice) == [(agent.id, ""), (agent.id, "1048")]


def test_an_order_of_somebody_else_is_not_found_under_this_member(sign_in, agent, alice):
    bob = make_member("Bob Verhoeven")
    make_order(bob, "2001")
    browser = sign_in(agent)
    assert browser.get(page_of(alice, "/orders/2001")).status_code == 404
    assert "2001 belongs" not in browser.get(page_of(alice, "?order=2001")).text
    assert looks(bob) == []


def test_the_number_is_found_however_it_is_written(sign_in, agent, alice):
    browser = sign_in(agent)
    typed = alice.number.replace("-", "").lower()
    assert browser.get(f"/staff/members/{typed}").location == page_of(alice)
    assert browser.get("/staff/members/K7QM-4TX2-9").status_code == 404


def test_sums_of_two_currencies_stand_apart(sign_in, agent, alice):
    make_order(alice, total=10000)
    make_order(alice, total=2000, refunded=500)
    make_order(alice, total=3000, currency="GBP")
    make_order(alice, total=9900, cancelled_at=now())
    page = sign_in(agent).get(page_of(alice)).text
    assert "4 orders, €115.00 + £30.00 in all, 1 refund" in page


def test_a_member_without_orders_has_a_page_too(sign_in, agent):
    nobody = make_member("", email="")
    page = sign_in(agent).get(page_of(nobody)).text
    assert "No orders" in page
    assert "Send a sign-in mail" not in page


def test_all_orders_are_listed_and_searched(sign_in, agent, alice):
    for serial in range(25):
        make_order(alice, f"3{serial:03}")
    browser = sign_in(agent)
    page = browser.get(page_of(alice, "/orders"))
    assert page.text.count('<span class="money">') == 20
    assert "Show earlier orders" in page.text
    found = browser.get(page_of(alice, "/orders?q=3004")).text
    assert found.count('<span class="money">') == 1
    assert page_of(alice, "/orders/3004") in found


def test_the_page_costs_the_same_for_one_and_for_many(sign_in, agent, points, statements):
    def cost(orders):
        member = make_member(f"Member With{orders}")
        for _ in range(orders):
            make_order(member)
            with write_tx():
                Note.create(member=member, author=agent, body="Prefers mornings.")
                member.record("staff.noted", actor=agent)
        browser = sign_in(agent)
        browser.get(page_of(member))
        with statements() as seen:
            assert browser.get(page_of(member)).status_code == 200
        return len(seen)

    assert cost(30) == cost(1)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_note_is_for_staff_alone(sign_in, agent, alice, htmx):
    browser = sign_in(agent)
    answer = browser.post(
        page_of(alice, "/notes"), data={"body": " Calls in the mornings.\r\nLoud dog. "}, htmx=htmx
    )
    assert answer.status_code == (200 if htmx else 303)
    shown = answer if htmx else browser.get(answer.location)
    assert "Calls in the mornings.\nLoud dog." in shown.text
    assert Note.get().author == agent
    theirs = sign_in(alice)
    for path in ("/", "/account/activity", "/account/profile", "/account/security"):
        page = theirs.get(path).text
        assert "Loud dog" not in page
        assert "note" not in page.lower()


def test_an_empty_note_is_refused(sign_in, agent, alice):
    answer = sign_in(agent).post(page_of(alice, "/notes"), data={"body": "  "})
    assert (answer.status_code, Note.select().count()) == (422, 0)
    assert "Write the note first." in answer.text


def test_only_its_author_takes_a_note_away(sign_in, agent, alice):
    sign_in(agent).post(page_of(alice, "/notes"), data={"body": "Calls in the mornings."})
    path = page_of(alice, f"/notes/{Note.get().id}/remove")
    other = sign_in(make_member("Noor Maes", role="agent"))
    assert "Take it away" not in other.get(page_of(alice)).text
    assert other.post(path).status_code == 404
    assert Note.select().count() == 1
    assert sign_in(agent).post(path).status_code == 303
    assert Note.select().count() == 0
    assert "staff.note_removed" in kinds(alice)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_sign_in_mail_goes_to_the_member_and_the_agent_never_sees_the_link(
    sign_in, agent, alice, htmx
):
    answer = sign_in(agent).post(page_of(alice, "/sign-in-mail"), htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    mail = Mail.get()
    assert (mail.to, mail.member_id) == ("alice@customers.example", alice.id)
    lives = OneTimeLink.get().expires_at - OneTimeLink.get().created_at
    assert abs(lives - timedelta(minutes=10)) < timedelta(seconds=2)
    assert mail.secret() not in answer.text
    assert mail.secret() not in mail.text
    assert "staff.sign_in_mail" in kinds(alice)


def test_the_mail_goes_to_the_address_that_was_proved(sign_in, agent, alice):
    with write_tx():
        EmailAddress.create(
            member=alice, address="new@alice.example", folded="new@alice.example", verified_at=now()
        )
    sign_in(agent).post(page_of(alice, "/sign-in-mail"))
    assert Mail.get().to == "new@alice.example"


def test_staff_get_no_sign_in_mail(sign_in, agent):
    other = make_member("Noor Maes", role="agent")
    assert sign_in(agent).post(page_of(other, "/sign-in-mail")).status_code == 409
    assert Mail.select().count() == 0


@pytest.mark.parametrize("htmx", [True, False])
def test_an_agent_signs_a_member_out_everywhere(sign_in, agent, alice, htmx):
    theirs = sign_in(alice)
    Session.start(alice, device="Safari on iPhone", method="code")
    answer = sign_in(agent).post(page_of(alice, "/sessions/end"), htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert Session.live(alice).count() == 0
    assert theirs.get("/account/activity").status_code == 303
    assert (
        "Fern &amp; Kettle signed you out everywhere."
        in sign_in(alice).get("/account/activity").text
    )


def test_an_agent_signs_no_colleague_out_but_the_owner_does(sign_in, agent):
    owner = make_member("Marit De Smet", role="owner")
    Session.start(owner, device="Safari on iPhone", method="passkey")
    assert sign_in(agent).post(page_of(owner, "/sessions/end")).status_code == 409
    assert Session.live(owner).count() == 1
    Session.start(agent, device="Safari on iPhone", method="passkey")
    assert sign_in(owner).post(page_of(agent, "/sessions/end")).status_code == 303
    assert Session.live(agent).count() == 0


@pytest.mark.parametrize("htmx", [True, False])
def test_points_are_given_with_a_reason_that_the_member_reads(sign_in, agent, alice, points, htmx):
    typed = {"points": "+250", "reason": "Broken teapot", "key": "one-form"}
    browser = sign_in(agent)
    answer = browser.post(page_of(alice, "/points"), data=typed, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert held(alice).balance == 250
    browser.post(page_of(alice, "/points"), data=typed)
    assert held(alice).balance == 250
    assert "Broken teapot" in sign_in(alice).get("/account/activity").text


@pytest.mark.parametrize(
    ("typed", "reason", "sentence"),
    [
        ("0", "x", "Write a whole number of points, such as 100 or -100."),
        ("1_0", "x", "Write a whole number of points, such as 100 or -100."),
        ("٣", "x", "Write a whole number of points, such as 100 or -100."),
        ("1e3", "x", "Write a whole number of points, such as 100 or -100."),
        ("99999999", "x", "Write a whole number of points, such as 100 or -100."),
        ("10", " ", "Write the reason; the member reads it."),
        ("-10", "x", "There are only 0 points to take from."),
    ],
)
def test_wrong_points_are_refused_and_stay_typed(
    sign_in, agent, alice, points, typed, reason, sentence
):
    answer = sign_in(agent).post(
        page_of(alice, "/points"), data={"points": typed, "reason": reason}
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed}"' in answer.text
    assert held(alice).balance == 0


def test_nobody_gives_points_to_themselves(sign_in, agent, points):
    data = {"points": "100", "reason": "Because"}
    assert sign_in(agent).post(page_of(agent, "/points"), data=data).status_code == 409
    assert held(agent).balance == 0


@pytest.mark.parametrize("htmx", [True, False])
def test_a_tracking_number_is_set_and_the_member_sees_it(sign_in, agent, alice, htmx):
    make_order(alice, "1048")
    path = page_of(alice, "/orders/1048/tracking")
    answer = sign_in(agent).post(path, data={"number": "RR123456785GB"}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert "RR123456785GB" in sign_in(alice).get("/account/orders/1048").text
    assert "orders.tracking_set" in kinds(alice)


def test_what_is_no_tracking_number_is_refused(sign_in, agent, alice):
    make_order(alice, "1048")
    path = page_of(alice, "/orders/1048/tracking")
    answer = sign_in(agent).post(path, data={"number": "<script>"})
    assert answer.status_code == 422
    assert "A tracking number has only letters, digits, blanks and hyphens." in answer.text


def test_the_timeline_is_filtered_and_goes_on(sign_in, agent, alice):
    with write_tx():
        for serial in range(30):
            alice.record("orders.tracking_set", subject=str(serial), actor=agent, number="1Z")
        alice.record("staff.noted", actor=agent)
    browser = sign_in(agent)
    browser.get(page_of(alice))
    first = browser.get(page_of(alice, "?group=orders"), htmx=True)
    assert first.text.count("set the tracking number") == 12
    assert "wrote a note" not in first.text
    more = unescape(first.text.partition('class="more" href="')[2].partition('"')[0])
    rest = browser.get(more, htmx=True)
    assert rest.text.count("set the tracking number") == 12
    assert browser.get(more).status_code == 200


def test_what_a_member_wrote_is_never_code_on_the_desk(sign_in, agent):
    marker = "\"'><svg/onload=alert(1)>"
    member = make_member(marker)
    make_order(member, "1048", lines=[(marker, 1, 100)])
    with write_tx():
        Note.create(member=member, author=agent, body=marker)
    for tail in ("", "?order=1048", "/orders", "/orders/1048"):
        assert "<svg/onload" not in sign_in(agent).get(page_of(member, tail)).text
    assert "<svg/onload" not in sign_in(agent).get("/staff?q=svg").text


def test_the_way_from_the_search_to_the_look(sign_in, agent, alice):
    browser = sign_in(agent)
    assert f'href="{page_of(alice)}"' in browser.get("/staff?q=janssens").text
    page = browser.get(page_of(alice)).text
    assert "alice@customers.example" in page
    assert f"Member {alice.number}, since" in page
    assert Member.get_by_id(alice.id).version > alice.version
