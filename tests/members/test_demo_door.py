"""Only the demo shop, and only on its own machine, lets anybody in as somebody."""

import pytest
from factories import make_member
from flask import Flask

from portal.members.models import Member, Session


@pytest.fixture(autouse=True)
def people(app: Flask) -> dict[str, Member]:
    """The demo's three people."""
    return {
        "member": make_member("Lotte Vermeulen", email="lotte.vermeulen@example.com"),
        "agent": make_member("Imre Claes", role="agent"),
        "owner": make_member("Nora De Smet", role="owner"),
    }


@pytest.fixture
def demo(app: Flask) -> None:
    """This is the demo shop."""
    app.config["DEMO"] = True


@pytest.mark.parametrize(
    ("who", "there"), [("member", "/"), ("agent", "/staff"), ("owner", "/staff")]
)
def test_the_demo_is_entered_as_each_of_its_people(demo, client, people, who, there) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    assert people[who].name in page
    answer = client.post("/demo/enter", data={"who": who})
    assert (answer.status_code, answer.location) == (303, there)
    assert (Session.get().member, Session.get().method) == (people[who], "demo")


def test_a_real_shop_has_no_such_door(client) -> None:
    assert "Lotte" not in client.get("/sign-in").get_data(as_text=True)
    assert client.post("/demo/enter", data={"who": "owner"}).status_code == 404
    assert Session.select().count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1:8000"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-Port": "80"},
        {"CF-Connecting-IP": "127.0.0.1"},
    ],
)
def test_from_elsewhere_the_demo_has_no_such_door(demo, client, headers: dict[str, str]) -> None:
    client.get("/sign-in")
    answer = client.post("/demo/enter", data={"who": "owner"}, headers=headers)
    assert answer.status_code in (403, 404)
    assert "Nora" not in client.get("/sign-in", headers=headers).get_data(as_text=True)
    assert Session.select().count() == 0


def test_nobody_else_can_be_entered_as(demo, client) -> None:
    assert client.post("/demo/enter", data={"who": "somebody"}).status_code == 404
    assert client.post("/demo/enter").status_code == 404


def test_from_another_machine_the_demo_has_no_such_door(demo, client) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    page = client.get("/sign-in", environ_overrides=elsewhere).get_data(as_text=True)
    assert "Nora" not in page
    answer = client.post("/demo/enter", data={"who": "owner"}, environ_overrides=elsewhere)
    assert answer.status_code == 404
