"""The owner's pages of providers: tried out before they are stored, secrets never shown again."""

import re
from datetime import timedelta

import pytest
from factories import make_member
from programs import CLIENT, SECRET, Person, free_port
from walking import link, words

from portal.lib.clock import now
from portal.members.models import Session
from portal.providers.models import Provider
from portal.providers.secret import secret_of

PAGE = "/staff/settings/providers"


@pytest.fixture
def owner(app, sign_in):
    """The owner's browser; providers on this machine may be asked."""
    app.config["LOCAL_PROVIDERS"] = True
    return sign_in(make_member("Marit De Smet", role="owner"))


def typed(issuer: str, **values: str) -> dict[str, str]:
    """What the owner types."""
    known = {"preset": "oidc", "name": "Tandem", "client_id": CLIENT, "secret": SECRET}
    return {**known, "issuer": issuer, **values}


def test_what_the_owner_adds_stands_at_the_door_and_works(
    app, owner, certified_issuer: str
) -> None:
    form = owner.get(f"{PAGE}/new?preset=oidc").get_data(as_text=True)
    assert "http://localhost:8000/sign-in/with/oidc/back" in form
    answer = owner.post(PAGE, data=typed(certified_issuer))
    assert (answer.status_code, answer.location) == (303, PAGE)
    provider = Provider.get()
    assert (provider.key, provider.options["origin"]) == ("oidc", certified_issuer)
    member = app.test_client()
    door = member.get("/sign-in")
    assert "Go on with Tandem" in door.get_data(as_text=True)
    assert certified_issuer in door.headers["Content-Security-Policy"]


def test_a_secret_is_sealed_and_never_shown_again(owner, mock_issuer: str) -> None:
    owner.post(PAGE, data=typed(mock_issuer))
    provider = Provider.get()
    assert SECRET not in provider.sealed_secret
    assert secret_of(provider) == SECRET
    for page in (PAGE, f"{PAGE}/oidc"):
        assert SECRET not in owner.get(page).get_data(as_text=True)
    owner.post(f"{PAGE}/oidc", data=typed(mock_issuer, secret="", name="Duo"))
    provider = Provider.get()
    assert (provider.name, secret_of(provider)) == ("Duo", SECRET)
    owner.post(f"{PAGE}/oidc", data=typed(mock_issuer, secret="another"))
    assert secret_of(Provider.get()) == "another"


def test_a_refused_form_keeps_what_was_typed_but_the_secret(owner) -> None:
    issuer = f"http://localhost:{free_port()}"
    answer = owner.post(PAGE, data=typed(issuer))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "No provider answers at" in words(answer)
    assert issuer in page
    assert SECRET not in page
    assert Provider.select().count() == 0


def test_an_issuer_by_another_name_is_refused(owner, mock_issuer: str) -> None:
    answer = owner.post(PAGE, data=typed(mock_issuer + "/another"))
    assert answer.status_code == 422
    assert Provider.select().count() == 0


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "http://login.example.com",
        "https://127.0.0.1",
        "https://[::1]:8443",
        "https://169.254.169.254",
        "https://10.1.2.3",
        "https://2130706433",
        "https://[::ffff:127.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://name:word@login.example.com",
        "https://login.example.com/#here",
        "https://localhost",
        "https://intranet",
        "ftp://login.example.com",
        "javascript:alert(1)",
        "//[",
    ],
)
def test_an_issuer_inside_or_without_https_is_refused(app, owner, issuer: str) -> None:
    app.config["LOCAL_PROVIDERS"] = False
    answer = owner.post(PAGE, data=typed(issuer))
    assert answer.status_code == 422
    assert Provider.select().count() == 0


def test_missing_values_are_named_one_by_one(owner) -> None:
    answer = owner.post(PAGE, data=typed("", name="", client_id=""))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "3 things to correct" in page


def test_order_and_switches_show_at_the_door(app, owner, mock_issuer: str) -> None:
    for name in ("Uno", "Duo", "Tres"):
        owner.post(PAGE, data=typed(mock_issuer, name=name))
    assert [p.key for p in Provider.select().order_by(Provider.id)] == ["oidc", "oidc-2", "oidc-3"]

    def door() -> list[str]:
        page = app.test_client().get("/sign-in").get_data(as_text=True)
        return re.findall("Go on with (Uno|Duo|Tres)", page)

    assert door() == ["Uno", "Duo", "Tres"]
    owner.post(f"{PAGE}/oidc-3/move", data={"direction": "up"})
    assert door() == ["Uno", "Tres", "Duo"]
    owner.post(f"{PAGE}/oidc/move", data={"direction": "up"})
    assert door() == ["Uno", "Tres", "Duo"]
    owner.post(f"{PAGE}/oidc/switch", data={"on": "0"})
    assert door() == ["Tres", "Duo"]
    owner.post(f"{PAGE}/oidc/switch", data={"on": "1"})
    assert door() == ["Uno", "Tres", "Duo"]


def test_a_provider_that_opens_an_account_is_switched_off_rather_than_removed(
    owner, mock_issuer: str
) -> None:
    owner.post(PAGE, data=typed(mock_issuer))
    account = link(make_member(), Provider.get())
    answer = owner.post(f"{PAGE}/oidc/remove")
    assert answer.status_code == 409
    assert "Switch it off instead" in words(answer)
    assert Provider.get().enabled
    account.delete_instance()
    owner.post(f"{PAGE}/oidc/remove")
    assert Provider.select().count() == 0


def test_a_test_says_whether_the_provider_answers(owner, mock_issuer: str) -> None:
    owner.post(PAGE, data=typed(mock_issuer))
    owner.post(f"{PAGE}/oidc/test")
    assert "Tandem answers." in owner.get(PAGE).get_data(as_text=True)
    Provider.update(issuer=f"http://localhost:{free_port()}").execute()
    answer = owner.post(f"{PAGE}/oidc/test")
    assert answer.status_code == 422
    assert "No provider answers at" in words(answer)


@pytest.mark.parametrize("path", ["", "/oidc", "/oidc/switch", "/oidc/remove"])
def test_the_ways_in_of_the_shop_change_only_after_a_fresh_proof(
    owner, mock_issuer: str, path: str
) -> None:
    owner.post(PAGE, data=typed(mock_issuer))
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    answer = owner.post(PAGE + path, data=typed(mock_issuer, name="Duo"))
    assert answer.location.startswith("/sign-in?")
    provider = Provider.get()
    assert (provider.name, provider.enabled) == ("Tandem", True)


def test_a_person_comes_in_by_what_the_owner_added(app, owner, mock_issuer: str) -> None:
    owner.post(PAGE, data=typed(mock_issuer))
    client = app.test_client()
    client.get(Person().visit(client.post("/sign-in/with/oidc").location))
    assert client.post("/sign-in/first-time").location == "/"
