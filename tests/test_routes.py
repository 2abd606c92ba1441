"""The access matrix: every route is in docs/access.toml, and answers as its line says."""

import re
import tomllib
from pathlib import Path

import pytest
from factories import make_member
from flask import Flask

from portal.lib.guard import access_of

ACCESS = tomllib.loads(
    (Path(__file__).resolve().parent.parent / "docs/access.toml").read_text("utf-8")
)["routes"]


def routes(app: Flask) -> dict[str, str]:
    """`METHOD rule` to endpoint, of the whole app."""
    return {
        f"{method} {rule.rule}": rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def address(rule: str) -> str:
    """A concrete path for a rule, with names that belong to nobody."""
    path = rule.split(" ")[1]
    path = re.sub(r"<int:[^>]+>", "999999", path)
    return re.sub(r"<[^>]+>", "nobody", path)


def test_every_route_has_a_line_in_the_access_matrix(app: Flask) -> None:
    assert sorted(set(routes(app)) ^ set(ACCESS)) == []


def test_every_view_is_guarded_as_its_line_says(app: Flask) -> None:
    declared = {route: access_of(app, endpoint) for route, endpoint in routes(app).items()}
    assert {r: who for r, who in declared.items() if ACCESS.get(r) != who} == {}


@pytest.mark.parametrize("route", [r for r, who in ACCESS.items() if who != "public"])
def test_nobody_is_sent_to_the_sign_in(app: Flask, client, route: str) -> None:
    method = route.split(" ")[0]
    plain = client.open(address(route), method=method)
    swapped = client.open(address(route), method=method, htmx=True)
    assert (plain.status_code, plain.location.partition("?")[0]) == (303, "/sign-in")
    assert (swapped.status_code, swapped.headers["HX-Redirect"], swapped.data) == (
        401,
        "/sign-in",
        b"",
    )


@pytest.mark.parametrize("route", [r for r, who in ACCESS.items() if who in ("staff", "owner")])
def test_a_member_finds_no_staff_page(sign_in, route: str) -> None:
    answer = sign_in(make_member()).open(address(route), method=route.split(" ")[0])
    assert answer.status_code == 404


@pytest.mark.parametrize("route", [r for r, who in ACCESS.items() if who == "owner"])
def test_an_agent_finds_no_owner_page(sign_in, route: str) -> None:
    agent = make_member("Ines Peeters", role="agent")
    answer = sign_in(agent).open(address(route), method=route.split(" ")[0])
    assert answer.status_code == 404


@pytest.mark.parametrize("route", [r for r in ACCESS if not r.startswith("GET")])
def test_a_change_without_a_csrf_token_is_refused(sign_in, route: str) -> None:
    owner = make_member("Marit De Smet", role="owner")
    answer = sign_in(owner).open(address(route), method=route.split(" ")[0], csrf=False)
    assert answer.status_code == 403
