"""The ways in that only the machine's own user can open."""

import re

import pytest
from click.testing import CliRunner
from factories import make_member
from flask import Flask

from portal.lib.refused import Refused
from portal.members.command import sign_in_link, staff
from portal.members.models import Passkey


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test here has its own shop."""


def run(command, *words: str) -> str:
    """What a command prints; a refusal goes on as it is."""
    result = CliRunner().invoke(command, words)
    if isinstance(result.exception, Refused):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_set_up_link_is_printed_and_works(client) -> None:
    printed = run(staff, "add", "ines@example.com", "--role", "agent")
    first, link = printed.splitlines()
    assert first == "A set-up link for ines@example.com, good once, for a day:"
    path = link.removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 200


def test_the_list_says_who_has_no_passkey_yet() -> None:
    assert run(staff, "list").startswith("Nobody works here yet.")
    run(staff, "add", "ines@example.com", "--role", "agent")
    marit = make_member("Marit De Smet", email="marit@example.com", role="owner")
    Passkey.create(member=marit, credential_id="k", public_key=b"", label="k")
    assert run(staff, "list").splitlines() == [
        "owner\tmarit@example.com\tMarit De Smet",
        "agent\tines@example.com\t\thas no passkey yet",
    ]
    assert run(staff, "remove", "ines@example.com").endswith("works here no more.\n")


def test_a_sign_in_link_is_for_members_only(client) -> None:
    make_member("Ines Peeters", email="ines@example.com", role="agent")
    make_member(email="alice@example.com")
    link = run(sign_in_link, "alice@example.com").strip()
    assert re.fullmatch(r"http://localhost:8000/sign-in/link/[\w-]{43}", link)
    assert client.post(link.removeprefix("http://localhost:8000")).status_code == 303
    with pytest.raises(Refused, match="passkeys only"):
        run(sign_in_link, "ines@example.com")
