"""Refusals are written down: one row each, bounded, without secrets, for a year."""

import json
import logging
from datetime import timedelta
from threading import Thread

import pytest
from factories import make_member, make_order
from flask import Flask
from peewee import DatabaseError
from test_routes import ACCESS

from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.members import incidents
from portal.members.links import make_link
from portal.members.models import Event, Incident, OneTimeLink, Passkey
from portal.ops.log import JsonLines
from portal.wishlist.models import WishlistItem


def noted() -> list[tuple[str, str, int | None]]:
    """Kind, rule and member of each incident, oldest first."""
    return [(i.kind, i.rule, i.member_id) for i in Incident.select().order_by(Incident.id)]


def test_a_form_of_another_site_is_one_incident(sign_in) -> None:
    alice = make_member()
    client = sign_in(alice)
    client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    client.post("/sign-out", csrf=False)
    assert [(kind, rule) for kind, rule, _who in noted()] == [("forged", "/sign-out")] * 2


def test_a_member_at_a_staff_page_and_an_agent_at_the_owners_are_one_incident_each(sign_in) -> None:
    alice, ines = make_member(), make_member("Ines Peeters", role="agent")
    sign_in(alice).get("/staff")
    sign_in(ines).get("/staff")
    sign_in(ines).get("/staff/people")
    assert noted() == [("no_right", "/staff", alice.id), ("no_right", "/staff/people", ines.id)]


def test_another_members_things_are_an_incident_and_what_nobody_has_is_none(sign_in) -> None:
    alice, mallory = make_member(), make_member("Mallory Cole")
    with write_tx():
        item = WishlistItem.create(member=alice, sku="Z1", title="kettle")
        passkey = Passkey.create(member=alice, credential_id="k", public_key=b"x", label="phone")
    client = sign_in(mallory)
    for path in (
        f"/account/wishlists/items/{item.id}/remove",
        f"/account/security/passkeys/{passkey.id}",
        "/account/security/passkeys/999999",
    ):
        assert client.post(path).status_code == 404
    assert [(kind, who) for kind, _rule, who in noted()] == [("not_theirs", mallory.id)] * 2


def test_an_order_of_somebody_else_is_an_incident(sign_in) -> None:
    alice, mallory = make_member(), make_member("Mallory Cole")
    order = make_order(alice)
    client = sign_in(mallory)
    assert client.get(f"/account/orders/{order.number}").status_code == 404
    assert client.get("/account/orders/there-is-none").status_code == 404
    assert [(kind, who) for kind, _rule, who in noted()] == [("not_theirs", mallory.id)]


PUBLIC_LINKS = [
    route.split(" ") for route, who in ACCESS.items() if who == "public" and "<token>" in route
]


@pytest.mark.parametrize(("method", "rule"), PUBLIC_LINKS)
def test_a_link_that_the_shop_never_gave_out_is_one_incident(client, method, rule) -> None:
    answer = client.open(rule.replace("<token>", "zebrafish"), method=method)
    if answer.status_code != 204:  # a page that says by itself that it was opened
        assert noted() == [("bad_link", rule, None)]


def test_a_link_that_is_over_is_told_once_in_the_timeline_of_its_member(client) -> None:
    alice = make_member()
    token = make_link(alice)
    with write_tx():
        OneTimeLink.update(expires_at=now() - timedelta(minutes=1)).execute()
    for _time in range(3):
        assert client.get(f"/sign-in/link/{token}").status_code == 410
        assert client.post(f"/sign-in/link/{token}").status_code == 410
    assert [event.kind for event in Event.select()] == ["link.dead"]
    assert noted() == []


def test_a_limit_is_noted_at_its_first_refusal_only(client) -> None:
    for _time in range(35):
        client.get("/sign-in/link/zebrafish")
    limits = [i for i in Incident.select() if i.kind == "limit"]
    assert [(i.rule, i.data) for i in limits] == [
        ("/sign-in/link/<token>", {"limit": "link.try.client"})
    ]


def test_nobody_fills_the_disk_with_refusals(client, monkeypatch, caplog) -> None:
    monkeypatch.setattr(incidents, "MOST", 5)
    for _time in range(12):
        client.post("/sign-in/code", csrf=False)
    assert [kind for kind, _rule, _who in noted()] == ["forged"] * 5 + ["muted"]
    assert len([r for r in caplog.records if r.name == "portal.security"]) == 6
    client.post("/sign-in/code", csrf=False, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert [kind for kind, _rule, _who in noted()][-1] == "forged"


def test_a_row_holds_no_path_and_no_address(client, caplog) -> None:
    client.get("/sign-in/link/a-secret-token", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    (row,) = Incident.select()
    kept = " ".join(str(value) for value in row.__data__.values())
    record = next(r for r in caplog.records if r.name == "portal.security")
    line = JsonLines().format(record)
    said = json.loads(line)
    for text in (kept, line):
        assert ("a-secret-token" in text, "203.0.113" in text) == (False, False)
    assert (said["incident"], said["rule"]) == ("bad_link", "/sign-in/link/<token>")
    assert (said["client"], len(row.client)) == (row.client, 64)


def test_what_was_rolled_back_is_noted_all_the_same(app: Flask, client) -> None:
    @app.route("/falls")
    def falls() -> str:
        with write_tx():
            incidents.note("pot")
            raise ValueError("on purpose")

    app.view_functions["falls"].access = "public"  # type: ignore[attr-defined]
    assert client.get("/falls").status_code == 500
    assert noted() == [("pot", "/falls", None)]


def test_an_answer_does_not_wait_for_its_incident(app: Flask, client, caplog) -> None:
    with app.test_request_context("/sign-in"):
        where = incidents.here()

    def elsewhere() -> None:
        with app.app_context():
            db.connect(reuse_if_open=True)
            incidents.write("pot", where)
            db.close()

    with write_tx():
        other = Thread(target=elsewhere)
        other.start()
        other.join(timeout=4)
        assert not other.is_alive()
    assert noted() == []
    assert [r.fields["incident"] for r in caplog.records if r.name == "portal.security"] == ["pot"]


def test_rows_are_only_added_and_go_after_a_year(app: Flask) -> None:
    with write_tx():
        Incident.create(kind="pot", client="x", at=now() - timedelta(days=367))
        Incident.create(kind="forged", client="x", at=now() - timedelta(days=360))
    for change in (Incident.update(kind="other"), Incident.delete()):
        with pytest.raises(DatabaseError, match="only ever added"), write_tx():
            change.execute()
    incidents.forget_old.call_local()
    assert [kind for kind, _rule, _who in noted()] == ["forged"]


def test_only_known_kinds_are_noted(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(KeyError):
        incidents.note("whatever")


@pytest.fixture(autouse=True)
def every_warning(caplog) -> None:
    """The log's lines are kept."""
    caplog.set_level(logging.WARNING, "portal.security")
