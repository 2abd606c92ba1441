"""Every deed that can be taken away is refused at each of its routes, and works again after."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from factories import make_member, make_order
from flask import Flask

from portal.catalog.models import Product
from portal.factors import passwords
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.loyalty.points import book_orders
from portal.members import links
from portal.members.models import EmailAddress, Event, Incident, Member, Session
from portal.members.sign_in import enter
from portal.members.standing import DEEDS, NotNow, ensure
from portal.recovery import addresses
from portal.risk.routes import DEED_OF, ROUTES
from portal.schema import MODELS
from portal.shop.models import change_settings
from portal.wishlist.models import WishlistItem

ACCESS = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "docs/access.toml").read_text("utf-8")
)["routes"]
TEXT = "Three vouchers were sold on."

#: Routes of a member that change something and stay open whatever staff decided, and why.
ALWAYS = {
    "what takes away": {
        "POST /account/wishlists/items/<int:item_id>/remove",
        "POST /account/wishlists/items/<int:item_id>/restore",  # the undo of it
        "POST /account/profile/picture/remove",
        "POST /account/security/linked/<int:link_id>/unlink",
        "POST /account/security/second-factor/sms/remove",
        "POST /account/email/stop",
        "POST /account/card/drop",
        "POST /join/steps/<step>/skip",
        "POST /join/start/away",
        "POST /account/close",
        "POST /account/close/keep",
        "POST /sign-out",
    },
    "what keeps an account safe": {
        route
        for route, who in ACCESS.items()
        if who == "member"
        and route.startswith("POST ")
        and (
            "/account/security/" in route
            or route.startswith(("POST /account/activity/", "POST /sign-in/"))
            or route == "POST /account/recovery/stop"
        )
        and route not in DEED_OF
    },
}

#: What is sent to each route; where nothing is named, nothing has to be.
SENT: dict[str, dict[str, str]] = {
    "POST /account/points/redeem": {"points": "500", "key": "k" * 20},
    "POST /account/email": {"email": "new@customers.example"},
    "POST /account/security/phone": {"number": "+32470123456"},
    "POST /account/security/second-factor/sms": {"number": "+32470123456"},
    "POST /claim": {"number": "1048", "contact": "", "postcode": "9000"},
    "POST /account/profile": {"name": "Alice J", "username": "alice", "bio": "Tea, mostly."},
    "POST /account/profile/visibility": {"field": "bio", "audience": "everyone"},
    "POST /join/steps/<step>": {"answer": "Bergen"},
    "POST /wishlist/add": {"sku": "POT"},
    "POST /account/wishlists/items/<int:item_id>/note": {"note": "For Mam, in moss green"},
    "POST /account/wishlists/items/<int:item_id>/move": {"to": "down", "at": "0"},
}
#: Of those: what somebody wrote, and must find again on the page that refuses.
WRITTEN = ("new@customers.example", "+32470123456", "Tea, mostly.", "Bergen", "For Mam", "500")


@pytest.fixture
def stocked(app: Flask, alice: Member) -> Member:
    """Alice with points, saved things and a proved address, in a shop that has everything on."""
    change_settings(points_per_unit=1, phone_sign_in=True)
    order = make_order(alice, "1048", total=100_000, placed_at=now() - timedelta(days=60))
    book_orders([order.id])
    EmailAddress.update(verified_at=now()).execute()
    Product.create(shop="default", sku="POT", title="Teapot")
    for position in (1, 2):
        WishlistItem.create(member=alice, sku=f"K{position}", title="A kettle", position=position)
    return alice


def address(route: str) -> str:
    """A path for a route, with keys of what is there."""
    filled = {
        "<int:item_id>": "1",
        "<int:claim_id>": "1",
        "<step>": "location",
        "<key>": "one",
        "<int:app_id>": "1",
    }
    path = route.split(" ")[1]
    for place, key in filled.items():
        path = path.replace(place, key)
    return path


def send(browser: Any, route: str, **more: Any) -> Any:
    """Use a route as its page does."""
    method = route.split(" ")[0]
    sent = SENT.get(route, {}) if method == "POST" else None
    return browser.open(address(route), method=method, data=sent, **more)


def kept() -> dict[str, list[str]]:
    """All there is, but what counts requests and refusals."""
    quiet = {"Incident", "Throttle", "Session", "JobSlot"}
    return {
        model.__name__: sorted(map(str, model.select().tuples()))
        for model in MODELS
        if model.__name__ not in quiet
    }


def test_every_deed_has_a_route_and_every_route_a_deed() -> None:
    assert set(ROUTES) == set(DEEDS)
    assert [deed for deed, routes in ROUTES.items() if not routes] == []
    assert [route for route in DEED_OF if ACCESS.get(route) != "member"] == []


def test_every_change_a_member_can_make_is_in_the_table_or_always_open() -> None:
    changing = {r for r, who in ACCESS.items() if who == "member" and r.startswith("POST ")}
    always = set().union(*ALWAYS.values())
    assert sorted(changing - set(DEED_OF) - always) == []
    assert sorted(always - changing) == []
    assert sorted(always & set(DEED_OF)) == []


@pytest.mark.parametrize("deed", DEEDS)
def test_a_restricted_deed_is_refused_and_changes_nothing(
    hold: Callable[..., Any], stocked: Member, sign_in: Any, deed: str
) -> None:
    hold("restrict", deed)
    browser, before = sign_in(stocked), kept()
    for route in ROUTES[deed]:
        plain, swapped = send(browser, route), send(browser, route, htmx=True)
        assert (plain.status_code, swapped.status_code) == (403, 403), route
        for answer in (plain, swapped):
            assert TEXT in answer.text, route
            assert "write to hello@fernandkettle.example" in answer.text, route
        sent = " ".join(SENT.get(route, {}).values())
        assert [w for w in WRITTEN if w in sent and w not in plain.text] == [], route
        assert "k" * 20 not in plain.text, route
    assert kept() == before
    assert Incident.select().where(Incident.kind == "not_now").count() > 0


def test_everything_works_again_after_the_end(
    hold: Callable[..., Any], stocked: Member, sign_in: Any
) -> None:
    held = hold("restrict", *DEEDS)
    with time_machine.travel(held.ends_at + timedelta(seconds=1)):
        browser = sign_in(stocked)
        refused = [route for route in DEED_OF if send(browser, route).status_code == 403]
    assert refused == []


def test_one_restriction_leaves_the_other_deeds(
    hold: Callable[..., Any], stocked: Member, sign_in: Any
) -> None:
    hold("restrict", "points")
    browser = sign_in(stocked)
    answers = {deed: send(browser, routes[0]).status_code for deed, routes in ROUTES.items()}
    assert [deed for deed, status in answers.items() if status == 403] == ["points"]


def test_a_warning_leaves_everything(hold: Callable[..., Any], stocked: Member, sign_in: Any):
    hold("warn")
    browser = sign_in(stocked)
    assert 403 not in [send(browser, routes[0]).status_code for routes in ROUTES.values()]


def test_what_takes_away_always_works(hold: Callable[..., Any], stocked: Member, sign_in: Any):
    hold("restrict", *DEEDS)
    browser = sign_in(stocked)
    gone = browser.post("/account/wishlists/items/1/remove")
    assert (gone.status_code, WishlistItem.get_by_id(1).removed_at is None) == (303, False)
    assert browser.post("/account/close").status_code == 303


def test_a_link_to_prove_an_address_waits_out_a_restriction(
    hold: Callable[..., Any], stocked: Member, client: Any
) -> None:
    addresses.ask(stocked, EmailAddress.get(), "new@customers.example")
    token = Mail.select().where(Mail.to == "new@customers.example").get().secret()
    held = hold("restrict", "addresses", days=None)
    refused = client.post(f"/email/prove/{token}")
    assert (refused.status_code, TEXT in refused.text) == (403, True)
    assert EmailAddress.find("new@customers.example") is None
    Member.update(version=1).execute()
    type(held).update(lifted_at=now()).execute()
    assert client.post(f"/email/prove/{token}").status_code in (200, 303)
    assert EmailAddress.find("new@customers.example") is not None


def by_code(client: Any) -> Any:
    """A mailed code, typed."""
    client.post("/sign-in/code", data={"email": "alice@customers.example"})
    code = Mail.select().where(Mail.kind == "sign_in_code").order_by(Mail.id.desc()).get().secret()
    return client.post("/sign-in/code/enter", data={"code": code})


def by_link(client: Any) -> Any:
    """A mailed link, pressed."""
    return client.post(f"/sign-in/link/{links.sign_in_link('alice@customers.example')}")


def by_password(client: Any) -> Any:
    """A password, typed."""
    data = {"email": "alice@customers.example", "password": "zebra tulip ladder cobalt"}
    return client.post("/sign-in/password", data=data)


@pytest.mark.parametrize("way", [by_code, by_link, by_password])
def test_a_suspended_member_reads_why_once_they_proved_who_they_are(
    hold: Callable[..., Any], stocked: Member, client: Any, way: Callable[[Any], Any]
) -> None:
    change_settings(passwords=True)
    passwords.keep(stocked, "zebra tulip ladder cobalt", session_id=0)
    held = hold("suspend")
    answer = way(client)
    assert answer.status_code == 403
    for words in ("has suspended this account until", TEXT, "hello@fernandkettle.example"):
        assert words in answer.text
    assert (Session.select().count(), client.get("/").status_code) == (0, 303)
    with time_machine.travel(held.ends_at + timedelta(seconds=1)):
        assert way(client).status_code == 303


def test_a_stranger_learns_nothing_of_a_suspension(
    hold: Callable[..., Any], stocked: Member, app: Flask
) -> None:
    """The same words for a suspended, another and an unknown account, without a proof."""
    make_member("Bob Maes", email="bob@customers.example")
    change_settings(passwords=True)
    hold("suspend")
    said = []
    for name in ("alice", "bob", "nobody"):
        client, email = app.test_client(), f"{name}@customers.example"
        pages = [
            client.post("/sign-in/code", data={"email": email}, follow_redirects=True),
            client.post("/sign-in/code/enter", data={"code": "AAAAAA"}),
            client.post("/sign-in/password", data={"email": email, "password": "wrong horse"}),
            client.post("/recover", data={"email": email}, follow_redirects=True),
        ]
        said.append([(page.status_code, "suspend" in page.text) for page in pages])
    assert said[0] == said[1] == said[2]
    assert not any(told for page in said for _status, told in page)


def test_no_way_in_goes_past_a_suspension(
    hold: Callable[..., Any], alice: Member, app: Flask
) -> None:
    """Every way ends in `enter`, which asks itself."""
    hold("suspend")
    with app.test_request_context("/"), pytest.raises(NotNow):
        enter(alice, "passkey")
    assert Session.select().count() == 0
    assert Event.select().where(Event.kind.startswith("sign_in.")).count() == 0


def test_an_unknown_deed_is_a_bug(alice: Member) -> None:
    with pytest.raises(ValueError, match="breathing"):
        ensure(alice, "breathing")
