"""Nobody, another member and an agent walk every route with every key of Alice; nothing leaks."""

import re
from itertools import product
from typing import Any

import pytest
from factories import make_member, make_order
from flask import Flask
from test_routes import ACCESS

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.loyalty.models import PointsAccount, PointsLot, Voucher
from portal.members.models import EmailAddress, Member, Passkey, Session
from portal.profiles.models import Picture, Profile
from portal.schema import MODELS
from portal.shop.models import change_settings
from portal.staff.models import Note
from portal.wishlist.models import WishlistItem

MARK = "zebrafish"  # stands in everything of Alice's that nobody else may read
KEYS = {
    "number": ["{number}", "zebrafish-1048"],
    "path:key": ["zebrafish-1048"],
    "key": ["zebrafish"],
    "path:number": ["zebrafish-1048"],
    "username": ["zebrafish", "{number}"],
    "digest": ["zebrafishdigest"],
    "name": ["orders", "loyalty", "wishlist"],
    "token": ["zebrafish"],
    "step": ["location"],
    "act": ["suspend"],
    "other": ["{number}"],
}
FORM = {
    "sku": "ZEBRAFISH TEAPOT", "label": "taken over", "note": "taken over", "body": "taken over",
    "name": "Mallory", "username": "mallory2", "points": "100", "reason": "mine", "direction": "up",
    "field": "bio", "audience": "everyone", "member": "1", "member_id": "1", "role": "owner",
    "tracking_number": "3SABCD1234567", "number": "3SABCD1234567", "verified": "1",
    "answer": "taken over",
}  # fmt: skip


@pytest.fixture
def alice(app: Flask) -> Member:
    """A member with something in every table, all of it marked."""
    change_settings(points_per_unit=1, product_link="https://shop.example/{sku}")
    alice = make_member(f"Alice {MARK}", email=f"{MARK}@example.com", username=MARK)
    agent = make_member("Ines Peeters", role="agent")
    order = make_order(
        alice, f"{MARK}-1048", lines=[(f"{MARK} teapot", 1, 8740)], note=MARK, refunded=100,
        delivery={"street": f"{MARK} lane 1"},
    )  # fmt: skip
    with write_tx():
        Passkey.create(
            member=alice, credential_id=f"{MARK}-key", public_key=b"x", label=f"{MARK} phone"
        )
        WishlistItem.create(member=alice, sku="Z1", title=f"{MARK} kettle", note=MARK)
        Profile.create(member=alice, bio=MARK, location=MARK, links=[f"https://{MARK}.example"])
        Picture.create(member=alice, digest=f"{MARK}digest", webp=b"RIFFzebrafish")
        account, _made = PointsAccount.get_or_create(member=alice)
        PointsAccount.update(balance=500).where(PointsAccount.id == account.id).execute()
        if not PointsLot.select().where(PointsLot.member == alice).exists():
            PointsLot.create(
                member=alice, order=order, points=500, remaining=500, earned_at=now(),
                available_at=now(), matured_at=now(),
            )  # fmt: skip
        Voucher.create(
            member=alice, code=f"{MARK}-VOUCHER", points=1, worth=1, currency="EUR", key="k"
        )
        Note.create(member=alice, author=agent, body=MARK)
        Mail.create(
            to=f"{MARK}@example.com", subject=MARK, text=MARK, html=MARK, kind="x", why="x",
            member_id=alice.id,
        )  # fmt: skip
        Session.start(alice, device=f"{MARK} browser", method="code")
        alice.record("staff.looked", actor=agent)
    return Member.get_by_id(alice.id)


def addresses(rule: str, alice: Member) -> list[str]:
    """Every address of a rule filled with Alice's keys; integer ids are 1 to 3."""
    places = re.findall(r"<([^>]+)>", rule)
    choices = [
        ["1", "2", "3"] if place.startswith("int:") else KEYS[place.removesuffix(".webp")]
        for place in places
    ]
    filled = []
    for values in product(*choices):
        path = rule
        for place, value in zip(places, values, strict=True):
            path = path.replace(f"<{place}>", value.format(number=alice.number))
        filled.append(path)
    return filled


def walk(client: Any, alice: Member, method: str, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every answer of every route of a method, plain and as htmx."""
    answers = {}
    for route in ACCESS:
        verb, rule = route.split(" ", 1)
        if verb != method or rule.startswith(skip):
            continue
        for address in addresses(rule, alice):
            for htmx in (False, True):
                data = FORM if method == "POST" else None
                answers[f"{address} htmx={htmx}"] = client.open(
                    address, method=method, data=data, htmx=htmx
                )
    return answers


def leaks(answers: dict[str, Any]) -> list[str]:
    """The addresses whose answer (body or header) holds Alice's mark."""
    return [
        address
        for address, answer in answers.items()
        if answer.status_code < 400
        and MARK in (answer.get_data(as_text=True) + str(answer.headers)).casefold()
        # what was asked for may come back as a question: the address itself is no secret
        and MARK not in address
    ] + [
        address
        for address, answer in answers.items()
        if MARK in address and answer.status_code < 300 and not address.startswith("/sign-in")
        and not address.startswith("/setup")
    ]  # fmt: skip


def belongings(alice: Member) -> dict[str, list[Any]]:
    """Every row of every table that is Alice's."""
    rows: dict[str, list[Any]] = {}
    for model in MODELS:
        if "member" in model._meta.fields:
            query = model.select().where(model.member == alice).order_by(*model._meta.sorted_fields)
            rows[model.__name__] = list(query.tuples())
    rows["Member"] = list(Member.select().where(Member.id == alice.id).tuples())
    rows["EmailAddress"] = list(EmailAddress.select().where(EmailAddress.member == alice).tuples())
    return rows


def test_a_stranger_reads_nothing_of_alice(client, alice: Member) -> None:
    assert leaks(walk(client, alice, "GET")) == []


def test_another_member_reads_nothing_of_alice(sign_in, alice: Member) -> None:
    bob = make_member("Bob Maes")
    make_order(bob, "2001")
    assert leaks(walk(sign_in(bob), alice, "GET")) == []


def test_another_member_changes_nothing_of_alice(sign_in, alice: Member) -> None:
    bob = make_member("Bob Maes")
    before = belongings(alice)
    answers = walk(sign_in(bob), alice, "POST", skip=("/sign-out", "/sign-in", "/setup", "/demo"))
    assert belongings(alice) == before
    assert [a for a, answer in answers.items() if answer.status_code >= 500] == []
    assert Member.get_by_id(bob.id).role is None


def test_a_stranger_changes_nothing_of_alice(client, alice: Member) -> None:
    before = belongings(alice)
    answers = walk(client, alice, "POST", skip=("/sign-in/code",))
    assert belongings(alice) == before
    assert [a for a, answer in answers.items() if answer.status_code >= 500] == []


def test_an_agent_reads_alice_only_at_the_desk(sign_in, alice: Member) -> None:
    agent = make_member("Nora Claes", role="agent")
    answers = walk(sign_in(agent), alice, "GET", skip=("/staff",))
    assert leaks(answers) == []


def test_what_an_agent_does_to_alice_is_in_her_timeline(sign_in, alice: Member) -> None:
    agent = make_member("Nora Claes", role="agent")
    sign_in(agent).get(f"/staff/members/{alice.number}")
    page = sign_in(alice).get("/account/activity").get_data(as_text=True)
    assert "looked at" in page
    assert "Nora" not in page


def test_reading_changes_nothing_but_the_record_of_looks(sign_in, alice: Member) -> None:
    """Every GET by everybody: afterwards the database is as before, looks and versions aside."""
    own = sign_in(alice)
    agent = sign_in(make_member("Nora Claes", role="owner"))
    quiet = {"Event", "Incident", "Look", "Member", "Throttle", "Session", "JobSlot"}
    before = _dump(quiet)
    walk(own, alice, "GET")
    walk(agent, alice, "GET")
    assert _dump(quiet) == before


def _dump(leave_out: set[str]) -> dict[str, list[Any]]:
    return {
        model.__name__: sorted(map(str, model.select().tuples()))
        for model in MODELS
        if model.__name__ not in leave_out
    }


def test_no_page_tells_more_in_its_headers(client, alice: Member) -> None:
    answers = walk(client, alice, "GET")
    for address, answer in answers.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address
        assert "Access-Control-Allow-Origin" not in answer.headers, address
