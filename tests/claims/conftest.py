"""A member who bought more than their account shows."""

from collections.abc import Callable
from typing import Any

import pytest
from factories import make_member, make_order
from flask import Flask

from portal.lib import jobs
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.models import EmailAddress, Member
from portal.orders.models import Order
from portal.shop.models import change_settings


@pytest.fixture
def points(app: Flask) -> None:
    """One point for each whole unit, spendable after fourteen days."""
    change_settings(points_per_unit=1, point_worth=1, return_days=14)


@pytest.fixture
def alice(app: Flask, points: None) -> Member:
    """She joined with an address that is proved."""
    alice = make_member("Alice Janssens", email="alice@example.com", joined_at=now())
    EmailAddress.update(verified_at=now()).where(EmailAddress.member == alice).execute()
    return alice


@pytest.fixture
def ines(app: Flask) -> Member:
    """An agent."""
    return make_member("Ines Peeters", role="agent")


@pytest.fixture
def place() -> Callable[..., Order]:
    """`place(member, "1048", email="old@example.com", zip="9000")`: an order with its contact."""

    def make(member: Member | None, number: str, **values: Any) -> Order:
        contact = {name: values.pop(name) for name in ("email", "phone") if name in values}
        delivery = {"zip": values.pop("zip", "9000"), "city": "Gent"}
        order = make_order(member, number, delivery=delivery, **values)
        if contact:
            Order.update(**contact).where(Order.id == order.id).execute()
        return Order.get_by_id(order.id)

    return make


@pytest.fixture
def claim() -> Callable[..., Any]:
    """`claim(client, number="1048", total="87.40", contact="…")`: up to the preview or a no."""

    def go(client: Any, *, contact: str = "", **facts: str) -> Any:
        answer = client.post("/claim", data={"contact": contact, **facts})
        if answer.status_code == 303 and answer.location == "/claim/code":
            while jobs.run_waiting():
                pass
            mail = Mail.select().where(Mail.kind == "claim_code").order_by(Mail.id.desc()).get()
            answer = client.post("/claim/code", data={"code": mail.secret()})
        return client.get("/claim/preview") if answer.status_code == 303 else answer

    return go
