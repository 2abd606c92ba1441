"""Coming in with another service's account, at two providers that really run."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from factories import make_member
from programs import Person, free_port
from walking import away, code_of_the_mail, come_back, link, words

from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.members.models import EmailAddress, Event, Member, Session
from portal.providers import discovery
from portal.providers.models import LinkedAccount, Provider, ProviderFlow


def test_somebody_new_opens_an_account_with_one_more_click(client, offer, issuer: str) -> None:
    offer(issuer)
    answer = come_back(client, next="/account/orders")
    assert (answer.status_code, answer.location) == (303, "/sign-in/first-time")
    page = client.get("/sign-in/first-time").get_data(as_text=True)
    assert "Tandem is new here." in page
    assert Member.select().count() == 0
    opened = client.post("/sign-in/first-time")
    assert (opened.status_code, opened.location) == (303, "/account/orders")
    member = Member.get()
    email = EmailAddress.get()
    found = LinkedAccount.get()
    assert (member.name, member.source) == ("Alice Janssens", "sign-up")
    assert (email.address, email.verified_at is not None) == ("alice@example.com", True)
    assert (found.member, found.issuer, found.subject) == (member, issuer, "alice")
    assert Session.get().method == "oidc"
    assert [mail.kind for mail in Mail.select()] == ["welcome"]
    assert client.get("/account/orders").status_code == 200


def test_who_is_linked_is_let_in(client, offer, issuer: str) -> None:
    member = make_member("Alice Janssens", email="another@example.com")
    link(member, offer(issuer))
    answer = come_back(client, next="/account/security")
    assert (answer.status_code, answer.location) == (303, "/account/security")
    session = Session.get()
    assert (session.member, session.method) == (member, "oidc")
    assert LinkedAccount.get().used_at is not None
    kinds = [event.kind for event in Event.select().where(Event.member == member)]
    assert kinds == ["sign_in.done"]


def test_signing_out_ends_the_session_of_this_shop(client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    come_back(client)
    client.post("/sign-out")
    assert Session.get().ended_at is not None
    assert client.get("/account/orders").status_code == 303


def test_an_address_that_somebody_here_has_opens_nothing_by_itself(
    client, offer, issuer: str
) -> None:
    alice = make_member("Alice Janssens", email="alice@example.com")
    offer(issuer)
    come_back(client)
    refused = client.post("/sign-in/first-time")
    assert refused.status_code == 409
    assert (Session.select().count(), LinkedAccount.select().count()) == (0, 0)
    client.post("/sign-in/first-time/code", data={"email": "alice@example.com"})
    wrong = client.post("/sign-in/first-time/code/enter", data={"code": "AAAAAA"})
    assert wrong.status_code == 422
    assert Session.select().count() == 0
    right = client.post("/sign-in/first-time/code/enter", data={"code": code_of_the_mail()})
    assert (right.status_code, right.location) == (303, "/")
    assert LinkedAccount.get().member == alice
    assert Member.select().count() == 1
    told = [mail.subject for mail in Mail.select().where(Mail.kind == "account_change")]
    assert told == ["Tandem opens your account now"]


def test_an_address_that_the_provider_did_not_prove_is_proved_by_a_code(
    client, offer, issuer: str
) -> None:
    offer(issuer)
    come_back(client, "bob")
    assert "Open my account" not in client.get("/sign-in/first-time").get_data(as_text=True)
    assert client.post("/sign-in/first-time").status_code == 409
    assert Member.select().count() == 0
    client.post("/sign-in/first-time/code", data={"email": "bob@example.com"})
    client.post("/sign-in/first-time/code/enter", data={"code": code_of_the_mail()})
    assert EmailAddress.get().verified_at is not None
    assert LinkedAccount.get().subject == "bob"


def test_who_gives_no_address_types_one(client, offer, issuer: str) -> None:
    offer(issuer)
    come_back(client, "carol")
    empty = client.post("/sign-in/first-time/code", data={"email": "nonsense"})
    assert empty.status_code == 422
    assert 'value="nonsense"' in empty.get_data(as_text=True)
    client.post("/sign-in/first-time/code", data={"email": "carol@example.com"})
    client.post("/sign-in/first-time/code/enter", data={"code": code_of_the_mail()})
    assert Member.get().name == "Carol Wouters"


def test_known_and_unknown_addresses_get_the_same_answer(client, offer, mock_issuer: str) -> None:
    make_member(email="known@example.com")
    offer(mock_issuer)
    pages = []
    for address in ("known@example.com", "stranger@example.com"):
        come_back(client, "carol")
        answer = client.post("/sign-in/first-time/code", data={"email": address})
        page = client.get("/sign-in/first-time").get_data(as_text=True).replace(address, "")
        page = re.sub(r'(csrf_token" value|csrf-token" content)="[^"]+"', "", page)
        pages.append((answer.status_code, answer.location, page))
    assert pages[0] == pages[1]


def test_other_issuer_same_subject_is_somebody_else(
    client, offer, certified_issuer: str, mock_issuer: str
) -> None:
    alice = make_member("Alice Janssens", email="known@example.com")
    link(alice, offer(certified_issuer))
    offer(mock_issuer, "two", name="Duo")
    answer = come_back(client, "alice", "two")
    assert answer.location == "/sign-in/first-time"
    assert Session.select().count() == 0
    assert come_back(client, "alice", "one").location == "/"
    assert Session.get().member == alice


def test_a_nonce_of_another_sign_in_is_refused(client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    there = away(client)
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]
    answer = client.get(Person().visit(there.replace(nonce, "of-another-sign-in")))
    assert answer.status_code == 403
    assert "did not check" in words(answer)
    assert Session.select().count() == 0


def test_a_code_works_once(client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    back = Person().visit(away(client))
    assert client.get(back).location == "/"
    code = parse_qs(urlsplit(back).query)["code"][0]
    later = away(client)
    state = parse_qs(urlsplit(later).query)["state"][0]
    issued = f"&iss={issuer}" if "iss=" in back else ""
    answer = client.get(f"/sign-in/with/one/back?code={code}&state={state}{issued}")
    assert answer.status_code == 403
    assert "Tandem refused the sign-in." in words(answer)
    assert Session.select().count() == 1


def test_an_answer_works_once(client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    back = Person().visit(away(client))
    client.get(back)
    client.delete_cookie("session")
    answer = client.get(back)
    assert answer.status_code == 403
    assert Session.select().count() == 1


def test_a_used_answer_says_so(client, offer, mock_issuer: str) -> None:
    offer(mock_issuer)
    back = Person().visit(away(client))
    client.get(back)
    assert words(client.get(back)) == "This answer of Tandem was used already. Begin again."


def test_another_browser_gets_nothing_from_an_answer(app, client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    back = Person().visit(away(client))
    stranger = app.test_client()
    for_nobody = stranger.get(back)
    away(stranger)
    with_its_own = stranger.get(back)
    assert (for_nobody.status_code, with_its_own.status_code) == (403, 403)
    assert "began in another browser" in words(with_its_own)
    assert Session.select().count() == 0
    assert client.get(back).location == "/"


def test_a_late_answer_says_that_it_is_late(client, offer, mock_issuer: str) -> None:
    link(make_member(), offer(mock_issuer))
    back = Person().visit(away(client))
    with time_machine.travel(now() + timedelta(minutes=11)):
        answer = client.get(back)
    assert words(answer) == "That took longer than ten minutes. Begin again with Tandem."


@pytest.mark.parametrize(
    "query", ["", "?state=", "?state=nonsense&code=x", "?code=x", "?state=x&error=access_denied"]
)
def test_a_garbled_answer_begins_nothing(client, offer, mock_issuer: str, query: str) -> None:
    offer(mock_issuer)
    answer = client.get(f"/sign-in/with/one/back{query}")
    assert answer.status_code == 403
    assert "belongs to no sign-in that began here" in words(answer)


def test_an_answer_of_another_provider_is_refused(
    client, offer, certified_issuer: str, mock_issuer: str
) -> None:
    link(make_member(), offer(certified_issuer))
    offer(mock_issuer, "two")
    back = Person().visit(away(client))
    assert client.get(back.replace("/one/", "/two/")).status_code == 403
    assert client.get(re.sub("iss=[^&]+", f"iss={mock_issuer}", back)).status_code == 403
    assert Session.select().count() == 0


def test_a_challenge_that_is_not_ours_gives_no_token(client, offer, certified_issuer: str) -> None:
    link(make_member(), offer(certified_issuer))
    there = re.sub(r"code_challenge=[^&]+", f"code_challenge={'A' * 43}", away(client))
    answer = client.get(Person().visit(there))
    assert "Tandem refused the sign-in." in words(answer)
    assert Session.select().count() == 0


def test_who_stops_at_the_provider_comes_back_to_the_door(client, offer, issuer: str) -> None:
    link(make_member(), offer(issuer))
    answer = client.get(Person(cancel=True).visit(away(client)))
    assert answer.status_code == 403
    assert words(answer) == "You stopped at Tandem. Nothing was changed."
    assert Session.select().count() == 0


def test_a_wrong_secret_lets_nobody_in(client, offer, certified_issuer: str) -> None:
    link(make_member(), offer(certified_issuer, secret="not the secret"))
    answer = come_back(client)
    assert "Tandem refused the sign-in." in words(answer)
    assert Session.select().count() == 0


def test_a_provider_that_is_down_leaves_the_other_ways(client, offer) -> None:
    offer(f"http://localhost:{free_port()}")
    answer = client.post("/sign-in/with/one")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 502
    assert "Tandem does not answer at the moment." in words(answer)
    assert "Send the code" in page
    assert ProviderFlow.select().count() == 0


def test_a_provider_that_goes_down_on_the_way_is_a_calm_page(client, offer, issuer: str) -> None:
    provider = offer(issuer)
    link(make_member(), provider)
    back = Person().visit(away(client))
    Provider.update(issuer=f"http://localhost:{free_port()}").where(
        Provider.id == provider.id
    ).execute()
    discovery.forget()
    answer = client.get(back)
    assert answer.status_code == 502
    assert "does not answer at the moment" in words(answer)
    assert Session.select().count() == 0


@pytest.mark.parametrize(("seconds", "inside"), [(-100, 1), (100, 1), (-500, 0), (4000, 0)])
def test_clocks_may_differ_by_two_minutes(
    client, offer, mock_issuer: str, seconds: int, inside: int
) -> None:
    link(make_member(), offer(mock_issuer))
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        answer = come_back(client)
    assert Session.select().count() == inside
    assert answer.status_code == (303 if inside else 403)


def test_what_is_switched_off_is_off_on_the_server(client, offer, mock_issuer: str) -> None:
    provider = offer(mock_issuer)
    link(make_member(), provider)
    back = Person().visit(away(client))
    Provider.update(enabled=False).where(Provider.id == provider.id).execute()
    assert "Go on with Tandem" not in client.get("/sign-in").get_data(as_text=True)
    assert client.post("/sign-in/with/one").status_code == 404
    assert client.get(back).status_code == 404
    assert Session.select().count() == 0


@pytest.mark.parametrize("role", ["agent", "owner"])
def test_staff_do_not_come_in_with_one_proof(client, offer, mock_issuer: str, role: str) -> None:
    link(make_member(role=role), offer(mock_issuer))
    assert come_back(client).status_code in (303, 409)
    assert Session.select().count() == 0


def test_the_address_of_staff_opens_nothing(client, offer, mock_issuer: str) -> None:
    make_member(role="owner", email="alice@example.com")
    offer(mock_issuer)
    come_back(client)
    client.post("/sign-in/first-time/code", data={"email": "alice@example.com"})
    mail = Mail.get()
    assert (mail.kind, mail.secret()) == ("sign_in_staff", None)
    assert (Session.select().count(), LinkedAccount.select().count()) == (0, 0)


def test_a_fresh_proof_is_asked_of_the_provider_and_checked(
    client, offer, certified_issuer: str
) -> None:
    link(make_member(), offer(certified_issuer))
    person = Person()
    client.get(person.visit(away(client)))
    there = away(client, next="/account/security/linked")
    assert "max_age=0" in there
    assert client.get(person.visit(there)).location == "/account/security/linked"
    assert person.proofs == 2


def test_a_provider_that_asks_nobody_again_gives_no_fresh_proof(
    client, offer, certified_issuer: str
) -> None:
    link(make_member(), offer(certified_issuer))
    person = Person()
    client.get(person.visit(away(client)))
    before = Session.get().proved_at
    answer = client.get(person.visit(away(client).replace("max_age=0", "")))
    assert person.proofs == 1
    assert answer.status_code == 403
    assert "this is no fresh proof" in words(answer)
    assert Session.get().proved_at == before


def test_the_door_lets_its_forms_lead_to_the_providers_and_nowhere_else(
    client, offer, certified_issuer: str, mock_issuer: str
) -> None:
    plain = client.get("/sign-in").headers["Content-Security-Policy"]
    offer(mock_issuer, position=2)
    offer(certified_issuer, "two", name="Duo", position=1)
    door = client.get("/sign-in")
    policy = door.headers["Content-Security-Policy"]
    origins = " ".join(sorted([certified_issuer, mock_issuer]))
    assert "form-action 'self'; " in plain
    assert f"form-action 'self' {origins}; " in policy
    names = re.findall("Go on with (Duo|Tandem)", door.get_data(as_text=True))
    assert names == ["Duo", "Tandem"]
