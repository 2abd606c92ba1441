"""The owner takes the shop's data away; nobody else does, and it is written down."""

import csv
import io
import json
from datetime import timedelta

import pytest
from factories import make_member, make_order

from portal.lib.clock import now
from portal.members.models import Event, Session


@pytest.fixture
def owner(app):
    return make_member("Marit De Smet", role="owner", email="marit@shop.example")


def test_the_page_offers_every_kind_in_both_formats(sign_in, owner):
    text = sign_in(owner).get("/staff/exports").text
    for what in ("members", "orders", "lines", "payments", "points"):
        for format in ("csv", "json"):
            assert f"what={what}&amp;format={format}&amp;shop=default" in text


def test_a_file_is_sent_as_an_attachment_and_noted(sign_in, owner):
    make_order(make_member("Alice", email="alice@example.com"), "1048")
    answer = sign_in(owner).get("/staff/exports/file?what=orders&format=csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="orders-')
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "no-store")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["Order number"], row["Total"]) for row in rows] == [("1048", "87.40")]
    event = Event.get(kind="exports.taken")
    assert (event.member_id, event.subject, event.data) == (owner.id, "orders", {"format": "CSV"})


def test_json_is_a_list_of_objects(sign_in, owner):
    answer = sign_in(owner).get("/staff/exports/file?what=members&format=json")
    assert [row["Member name"] for row in json.loads(answer.text)] == ["Marit De Smet"]


@pytest.mark.parametrize(
    "query", ["what=secrets", "what=orders&format=xml", "what=orders&shop=north", "what=%00"]
)
def test_nothing_else_can_be_taken(sign_in, owner, query):
    assert sign_in(owner).get(f"/staff/exports/file?{query}").status_code == 404
    assert not Event.select().where(Event.kind == "exports.taken").exists()


def test_a_download_asks_for_a_fresh_proof_and_the_page_does_not(sign_in, owner):
    make_order(make_member("Alice", email="alice@example.com"), "1048")
    browser = sign_in(owner)
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    assert browser.get("/staff/exports").status_code == 200
    asked = browser.get("/staff/exports/file?what=orders&format=csv")
    assert (asked.status_code, asked.location.startswith("/sign-in?again=1")) == (303, True)
    assert "1048" not in asked.text
    assert not Event.select().where(Event.kind == "exports.taken").exists()


def test_whoever_proved_it_comes_back_to_the_page(sign_in, owner):
    answer = sign_in(owner).get("/staff/exports/file")
    assert (answer.status_code, answer.location) == (303, "/staff/exports")


def test_agents_and_members_find_no_such_page(sign_in, app):
    for member in (make_member("Alice"), make_member("Ines", role="agent")):
        browser = sign_in(member)
        assert browser.get("/staff/exports").status_code == 404
        assert browser.get("/staff/exports/file?what=members").status_code == 404


def test_two_shops_are_two_sections(sign_in, owner):
    make_order(None, "1", shop="north")
    make_order(None, "2")
    browser = sign_in(owner)
    assert browser.get("/staff/exports").text.count("<section") == 2
    north = browser.get("/staff/exports/file?what=orders&format=json&shop=north")
    assert [row["Order number"] for row in json.loads(north.text)] == ["1"]
