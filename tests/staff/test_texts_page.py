"""The owner sees which text messages went out, and no code in them."""

import pytest
from factories import make_member
from flask import Flask

from portal.lib.db import write_tx
from portal.lib.sms import SECRET_PLACE, TextMessage, post_text

CODE = "K7QM4T"


def write(count: int = 1) -> None:
    """Messages with a code in the outbox."""
    with write_tx():
        for _number in range(count):
            post_text("+32470123456", f"{SECRET_PLACE} is your code.", kind="code", secret=CODE)


def test_the_owner_reads_what_became_of_a_message_but_not_its_code(app: Flask, sign_in) -> None:
    write()
    TextMessage.update(status="failed", error="400: no such number (21211)").execute()
    page = sign_in(make_member(role="owner")).get("/staff/outbox/texts").get_data(as_text=True)
    assert ["+32470123456" in page, "21211" in page, CODE in page] == [True, True, False]
    assert "No gateway is set" in page


def test_in_the_demo_shop_the_code_can_be_read(app: Flask, sign_in) -> None:
    write()
    app.config["DEMO"] = True
    page = sign_in(make_member(role="owner")).get("/staff/outbox/texts").get_data(as_text=True)
    assert f"{CODE} is your code." in page


def test_older_ones_come_with_more(app: Flask, sign_in) -> None:
    write(31)
    owner = sign_in(make_member(role="owner"))
    page = owner.get("/staff/outbox/texts").get_data(as_text=True)
    assert page.count("is your code.") == 30
    after = page.split("after=")[1].split('"')[0]
    rest = owner.get(f"/staff/outbox/texts?after={after}", htmx=True).get_data(as_text=True)
    assert rest.count("is your code.") == 1


@pytest.mark.parametrize("role", ["agent", None])
def test_nobody_else_does(app: Flask, sign_in, role: str | None) -> None:
    assert sign_in(make_member(role=role)).get("/staff/outbox/texts").status_code == 404
