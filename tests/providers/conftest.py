"""The shop offers one provider, which really runs beside it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from programs import CLIENT, SECRET, certified, mock
from stand_in import StandIn, standing_in

from portal.lib.db import write_tx
from portal.providers import discovery
from portal.providers.models import Provider
from portal.providers.presets import PRESETS
from portal.providers.secret import sealed

BACK = (
    "http://localhost:8000/sign-in/with/one/back",
    "http://localhost:8000/sign-in/with/two/back",
)


@pytest.fixture(scope="session")
def certified_issuer() -> Iterator[str]:
    """The provider from npm."""
    with certified(*BACK) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def mock_issuer() -> Iterator[str]:
    """The mock from PyPI."""
    with mock() as issuer:
        yield issuer


@pytest.fixture(params=["certified", "mock"])
def issuer(request: pytest.FixtureRequest) -> str:
    """Each of the two providers, one after the other."""
    return str(request.getfixturevalue(f"{request.param}_issuer"))


@pytest.fixture
def offer(app: Flask) -> Any:
    """`offer(issuer)`: the shop offers this provider."""
    app.config["LOCAL_PROVIDERS"] = True
    discovery.forget()

    def add(issuer: str, key: str = "one", **values: Any) -> Provider:
        with write_tx():
            return Provider.create(
                key=key,
                preset=values.pop("preset", "oidc"),
                name=values.pop("name", "Tandem"),
                issuer=issuer,
                client_id=values.pop("client_id", CLIENT),
                sealed_secret=sealed(values.pop("secret", SECRET)),
                options=values.pop("options", {"origin": discovery.origin(issuer)}),
                **values,
            )

    return add


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A provider that says what the test wants."""
    with standing_in() as found:
        yield found


@pytest.fixture
def preset_at(stand_in: StandIn, offer: Any) -> Iterator[Any]:
    """`preset_at("google", tenant="…")`: a preset whose provider is the stand-in."""
    before = dict(PRESETS)

    def add(name: str, issuer: str = "", secret: str = SECRET, **options: str) -> Provider:
        preset = PRESETS[name]
        PRESETS[name] = replace(preset, issuer=stand_in.issuer + issuer)
        return offer("", preset=name, options=options, secret=secret)

    yield add
    PRESETS.update(before)
