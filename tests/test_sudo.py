"""What changes who comes in, or cannot be taken back, asks for a fresh proof: a test a route."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from factories import make_member
from flask import Flask
from test_routes import address, routes

from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.models import Event, Member, Session
from portal.shop.models import change_settings

FRESH = tomllib.loads(
    (Path(__file__).resolve().parent.parent / "docs/access.toml").read_text("utf-8")
)["fresh"]["routes"]


@pytest.fixture
def stale(app: Flask, sign_in: Any) -> Any:
    """The owner's browser, which may ask everything; its last proof is eleven minutes old."""
    change_settings(points_per_unit=1)
    browser = sign_in(make_member("Marit De Smet", role="owner"))
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    return browser


def test_every_view_that_asks_again_is_listed_and_every_listed_one_asks(app: Flask) -> None:
    asking = {
        route
        for route, endpoint in routes(app).items()
        if getattr(app.view_functions[endpoint], "asks_again", False)
    }
    assert sorted(asking ^ set(FRESH)) == []


@pytest.mark.parametrize("route", FRESH)
def test_an_old_proof_is_asked_anew_and_nothing_is_done(stale: Any, route: str) -> None:
    before = [m.select().count() for m in (Event, Mail, Member)]
    method = route.split(" ")[0]
    plain = stale.open(address(route), method=method)
    swapped = stale.open(address(route), method=method, htmx=True)
    assert (plain.status_code, plain.location.partition("&")[0]) == (303, "/sign-in?again=1")
    assert (swapped.status_code, swapped.data) == (401, b"")
    assert swapped.headers["HX-Redirect"].startswith("/sign-in?again=1")
    assert [m.select().count() for m in (Event, Mail, Member)] == before


def test_the_door_leads_back_to_the_page_of_the_form(stale: Any) -> None:
    number = Member.get(Member.role == "owner").number
    page = f"/staff/members/{number}"
    sent = stale.post(f"{page}/points", headers={"Referer": f"http://localhost{page}"})
    foreign = stale.post(f"{page}/points", headers={"Referer": "http://evil.example/steal"})
    assert sent.location == f"/sign-in?again=1&next={page}"
    assert foreign.location == "/sign-in?again=1&next=/account/security"


def test_the_door_leads_back_to_the_whole_address(stale: Any) -> None:
    form = "/staff/settings/providers/new?preset=oidc"
    asked = stale.get(form)
    sent = stale.post("/staff/settings/providers", headers={"Referer": f"http://localhost{form}"})
    assert asked.location == sent.location
    assert parse_qs(urlsplit(asked.location).query)["next"] == [form]
    twice = stale.get("/staff/settings/providers/new?preset=a%26b&x=%2F%2Fevil")
    asked_for = parse_qs(urlsplit(twice.location).query)["next"]
    assert asked_for == ["/staff/settings/providers/new?preset=a%26b&x=%2F%2Fevil"]


@pytest.mark.parametrize("minutes", [9, 11])
def test_a_proof_lasts_ten_minutes(stale: Any, minutes: int) -> None:
    Session.update(proved_at=now() - timedelta(minutes=minutes)).execute()
    assert stale.get("/account/email").status_code == (200 if minutes < 10 else 303)
