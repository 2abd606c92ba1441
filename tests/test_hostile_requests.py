"""Whatever is written into an address, a form or a header: a sane answer, never a bug."""

import logging
import re
import secrets
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from factories import make_member, make_order
from flask import Flask
from flask.testing import FlaskClient
from peewee import OperationalError
from reviewed import ReviewedClient, _forget_request
from test_routes import ACCESS

from portal.lib.db import db
from portal.lib.guard import client_key
from portal.lib.keyset import read_cursor
from portal.profiles.models import Profile

GARBAGE = {
    "nothing": "",
    "a huge number": "9" * 4400,
    "a number past every id": "9223372036854775808",
    "digits of another script": "١٢٣",
    "a NUL": "a\0b@example.com",
    "a long text": "a" * 4000,
    "hyphens": "-" * 4000,
    "the first moment": "00010101T000000000000-1",
    "the last moment": "99991231T235959999999-1",
    "a broken host": "//[",
    "a line end": "x\r\nSet-Cookie: a=b",
    "half a pair": b"%ED%A0%80",
    "deep JSON": "[" * 4000,
    "strange JSON": '{"id": 1, "rawId": [], "type": null, "response": {"transports": 5}}',
    "a text that grows when it is folded": "ß" * 300 + "@example.com",
}
NAMES = (
    "after", "as", "accent", "customer", "email", "group", "lines", "next", "note",
    "order", "other", "phone", "postcode", "q", "shop", "sku", "state", "total", "v", "year",
)  # fmt: skip
FIELDS = (
    *NAMES, "at", "audience", "bio", "body", "challenge_id", "code", "contact",
    "credential", "currency", "field", "keep", "key", "label", "link1", "location", "name",
    "no_logo", "number", "point_worth", "points", "points_per_unit", "points_since", "product_link",
    "reason", "return_days", "role", "size", "timezone", "to", "token", "username", "who",
    "c1-0", "kind", "by", "current", "password", "passwords", "base", "text",
    "ends", "day", "why", "what", "seen",
)  # fmt: skip
SWAP = {"HX-Request": "true", "HX-Target": "div#more"}


@pytest.fixture
def owner(app: Flask, sign_in: Any) -> FlaskClient:
    """The owner's browser, which may ask everything; its pages are not reviewed here."""
    member = make_member("Marit De Smet", role="owner")
    make_order(member, "1048")
    client = sign_in(member)
    client.__class__ = Quick
    return client


class Quick(ReviewedClient):
    """A browser that only sends the token."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send it as it is."""
        _forget_request()
        kwargs["headers"] = {"X-CSRFToken": self._token(), **kwargs.get("headers", {})}
        _forget_request()
        answer = FlaskClient.open(self, *args, **kwargs)
        _forget_request()
        return answer


def address(rule: str, key: str = "") -> str:
    """A rule's address with `key` in the place of every key, or with keys of what exists."""
    known = {"path:key": "1048", "path:number": "1048", "name": "orders", "act": "restrict"}
    return re.sub(r"<([^>]+)>", lambda name: key or known.get(name[1], "1"), rule)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_garbage_breaks_an_answer(owner: FlaskClient, method: str, every: int) -> None:
    """Each route gets one in `every` kinds of garbage, another share each time it is run."""
    broken = []
    rules = [route.split(" ")[1] for route in ACCESS if route.startswith(method)]
    # Signing out comes last: after it every answer would be the same.
    asked = list(product(sorted(rules, key="/sign-out".__eq__), GARBAGE.items()))
    first = secrets.randbelow(every)
    for rule, (what, text) in asked[first::every]:
        key = text.decode() if isinstance(text, bytes) else quote(text, safe="")
        names = dict.fromkeys(FIELDS if method == "POST" else NAMES, text)
        sent: Any = {"data" if method == "POST" else "query_string": names}
        answers = [owner.open(address(rule), method=method, headers=SWAP, **sent)]
        if "<" in rule:
            answers.append(owner.open(address(rule, key or "x"), method=method))
        broken += [(rule, what, a.status_code) for a in answers if a.status_code >= 500]
        broken += [(rule, what) for a in answers if a.headers.get("Set-Cookie") == "a=b"]
    assert broken == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing_even_with_a_token(sign_in: Any, site: str) -> None:
    alice = make_member()
    values = {"field": "bio", "audience": "everyone"}
    sent = sign_in(alice).post(
        "/account/profile/visibility", data=values, headers={"Sec-Fetch-Site": site}
    )
    assert sent.status_code == 403
    assert Profile.select().count() == 0


@pytest.mark.parametrize("target", ["//[", "//[x]:y", "//evil.example", "/\\evil", "https:evil"])
def test_a_sign_in_leads_to_no_other_host(sign_in: Any, target: str) -> None:
    answer = sign_in(make_member()).get("/sign-in", query_string={"next": target})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_method_that_a_page_does_not_know_is_refused_with_those_it_knows(client: Any) -> None:
    answer = client.put("/sign-in")
    assert answer.status_code == 405
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]


@pytest.mark.parametrize("edge", ["00010101T000000000000-1", "99991231T235959999999-1"])
def test_a_cursor_at_the_edge_of_the_calendar_is_none(edge: str) -> None:
    assert read_cursor(edge) is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("", "unknown"),
    ],
)
def test_limits_count_a_whole_ipv6_network_as_one(app: Flask, address: str, key: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_key() == key


def test_a_bug_is_logged_without_the_secret_of_its_address(
    app: Flask, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    db.execute_sql("ALTER TABLE one_time_link RENAME TO lost")
    with caplog.at_level(logging.ERROR):
        answer = client.get("/sign-in/link/a-very-secret-token")
    db.execute_sql("ALTER TABLE lost RENAME TO one_time_link")
    assert answer.status_code == 500
    assert "/sign-in/link/<token>" in caplog.text
    assert "a-very-secret-token" not in caplog.text


def test_a_wrong_statement_is_a_bug_and_a_locked_database_is_not(app: Flask) -> None:
    answers = []
    for words in ("no such column: nonsense", "database is locked"):
        with app.test_request_context("/"):
            answered = app.handle_user_exception(OperationalError(words))
            answers.append(app.make_response(answered).status_code)
    assert answers == [500, 503]


def test_a_page_that_is_not_there_leads_on(client: Any, sign_in: Any) -> None:
    assert "To the sign-in" in client.get("/nothing").get_data(as_text=True)
    assert "To your account" in sign_in(make_member()).get("/nothing").get_data(as_text=True)
