"""Two agents, an owner and a member about whom something is decided."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from factories import make_member
from flask import Flask

from portal.lib.clock import now
from portal.members.models import Member, Restriction
from portal.risk.deciding import Decision, decide, state_of


@pytest.fixture
def alice(app: Flask) -> Member:
    """The member."""
    return make_member(email="alice@customers.example")


@pytest.fixture
def ines(app: Flask) -> Member:
    """An agent."""
    return make_member("Ines Peeters", role="agent")


@pytest.fixture
def nora(app: Flask) -> Member:
    """Another agent."""
    return make_member("Nora Claes", role="agent")


@pytest.fixture
def marit(app: Flask) -> Member:
    """The owner."""
    return make_member("Marit De Smet", role="owner")


@pytest.fixture
def hold(alice: Member, marit: Member) -> Callable[..., Restriction]:
    """`hold("restrict", "points")`: the owner decides, for a week unless told otherwise."""

    def held(act: str, *what: str, days: int | None = 7, **values: Any) -> Restriction:
        ends_at = now() + timedelta(days=days) if days else None
        decision = Decision(
            act,
            values.get("text", "Three vouchers were sold on."),
            values.get("why", "Seen on a marketplace."),
            ends_at,
            what,
        )
        member = values.get("member", alice)
        return decide(member, marit, decision, state_of(member))

    return held
