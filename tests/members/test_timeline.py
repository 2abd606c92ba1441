"""One timeline: plain for the member, complete for the agent, in pages that never repeat a line."""

from datetime import timedelta

from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import SECRET_PLACE
from portal.lib.sms import TextMessage, post_text
from portal.members.models import Member
from portal.members.timeline import timeline


def fill(member: Member, count: int) -> None:
    """Events a minute apart, two at each moment."""
    start = now() - timedelta(days=2)
    for number in range(count):
        at = start + timedelta(minutes=number // 2)
        member.record("passkey.added", at=at, label=f"key {number}")


def test_pages_follow_each_other_without_a_gap(app: Flask) -> None:
    alice = make_member()
    fill(alice, 25)
    seen, after = [], None
    while True:
        page = timeline(alice, after=after, size=7)
        seen += [entry.words for entry in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == [f"You made the passkey “key {number}”." for number in reversed(range(25))]


def test_the_member_reads_who_looked_and_the_agent_reads_the_name(app: Flask, sign_in) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    alice.record("staff.looked", actor=ines)
    entry = timeline(alice).rows[0]
    assert (entry.words, entry.by_staff) == (
        "Somebody from Fern & Kettle looked at your orders.", True,
    )  # fmt: skip
    assert "Ines Peeters" in timeline(alice, True).rows[0].words
    page = sign_in(alice).get("/account/activity").get_data(as_text=True)
    assert "Somebody from Fern &amp; Kettle looked at your orders." in page
    assert "Ines" not in page


def test_a_note_is_for_staff_only(app: Flask) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    alice.record("staff.noted", actor=ines)
    assert timeline(alice).rows == []
    assert [entry.kind for entry in timeline(alice, True).rows] == ["staff.noted"]


def test_a_group_filters(app: Flask, sign_in) -> None:
    alice = make_member()
    alice.record("passkey.added", label="phone")
    alice.record("sign_in.done", method="code", device="Firefox on Linux")
    client = sign_in(alice)
    page = client.get("/account/activity?group=sign-ins").get_data(as_text=True)
    assert ("Firefox on Linux" in page, "phone" in page) == (True, False)
    empty = client.get("/account/activity?group=points").get_data(as_text=True)
    assert "Nothing of this kind so far." in empty
    assert client.get("/account/activity?group=nonsense").status_code == 200


def test_show_more_works_with_and_without_htmx(app: Flask, sign_in) -> None:
    alice = make_member()
    fill(alice, 40)
    client = sign_in(alice)
    page = client.get("/account/activity").get_data(as_text=True)
    after = timeline(alice).next
    where = f"/account/activity?after={after}"
    assert (page.count("You made the passkey"), where in page) == (30, True)
    rest = client.get(where, htmx=True).get_data(as_text=True)
    assert (rest.count("<time "), "<main" in rest) == (10, False)
    whole = client.get(where).get_data(as_text=True)
    assert whole.count("You made the passkey") == 10
    assert client.get("/account/activity?after=garbled").status_code == 200


def test_nobody_reads_the_timeline_of_somebody_else(app: Flask, sign_in) -> None:
    alice = make_member()
    alice.record("passkey.added", label="the phone of Alice")
    page = sign_in(make_member("Bob Maes")).get("/account/activity").get_data(as_text=True)
    assert "Alice" not in page


def test_the_page_costs_the_same_for_one_line_and_thirty(app: Flask, sign_in, statements) -> None:
    alice, bob = make_member(), make_member("Bob Maes")
    fill(alice, 1)
    fill(bob, 30)
    counts = []
    for member in (alice, bob):
        client = sign_in(member)
        client.get("/account/activity")  # the settings are read now
        with statements() as seen:
            client.get("/account/activity")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_text_messages_are_told_as_mails_are_but_never_what_they_say(app: Flask, sign_in) -> None:
    alice = make_member()
    with write_tx():
        for status in ("pending", "sent", "failed"):
            text = post_text(
                "+32470123456", f"{SECRET_PLACE} is your code", kind="code", secret="K7QM4T",
                member_id=alice.id,
            )  # fmt: skip
            TextMessage.update(status=status, error="30003: unreachable.").where(
                TextMessage.id == text.id
            ).execute()
    assert [entry.words for entry in timeline(alice).rows] == [
        "Our text message to …56 could not be delivered.",
        "We sent a text message to …56.",
        "Our text message to …56 is on its way to you.",
    ]
    assert [entry.words for entry in timeline(alice, True).rows] == [
        "The text message to …56 could not be delivered: 30003: unreachable.",
        "A text message went to …56.",
        "The text message to …56 waits to be sent.",
    ]
    page = sign_in(alice).get("/account/activity?group=mails").get_data(as_text=True)
    assert ("…56" in page, "K7QM4T" in page, "32470" in page) == (True, False, False)
