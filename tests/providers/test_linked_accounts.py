"""Linking and unlinking an account elsewhere, at two providers that really run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import make_member
from programs import Person, free_port
from walking import link, words

from portal.duplicates.merge import merge
from portal.lib.clock import now
from portal.lib.db import db, is_sqlite
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.members.models import EmailAddress, Event, Member, Passkey, Session
from portal.providers import links
from portal.providers.models import LinkedAccount, Provider

PAGE = "/account/security/linked"


def link_here(client, login: str = "alice"):
    """Press "Link", sign in there, come back: the shop's answer."""
    return client.get(Person(login).visit(client.post(f"{PAGE}/one").location))


def kinds_of(member: Member) -> list[str]:
    """The member's events about other people's keys."""
    found = Event.select().where((Event.member == member) & Event.kind.startswith("provider."))
    return [event.kind for event in found.order_by(Event.id)]


def test_a_member_links_and_unlinks(sign_in, offer, issuer: str) -> None:
    alice = make_member()
    offer(issuer)
    client = sign_in(alice)
    answer = link_here(client)
    assert (answer.status_code, answer.location) == (303, PAGE)
    account = LinkedAccount.get()
    assert (account.member, account.issuer, account.subject) == (alice, issuer, "alice")
    assert "alice@example.com" in client.get(PAGE).get_data(as_text=True)
    gone = client.post(f"{PAGE}/{account.id}/unlink")
    assert (gone.status_code, gone.location) == (303, PAGE)
    assert LinkedAccount.select().count() == 0
    assert kinds_of(alice) == ["provider.linked", "provider.unlinked"]
    subjects = [mail.subject for mail in Mail.select().order_by(Mail.id)]
    assert subjects == ["Tandem opens your account now", "Tandem no longer opens your account"]
    client.post("/sign-out")
    client.get(Person().visit(client.post("/sign-in/with/one").location))
    assert Session.select().where(Session.ended_at.is_null()).count() == 0


def test_linking_the_same_twice_changes_nothing(sign_in, offer, issuer: str) -> None:
    alice = make_member()
    offer(issuer)
    client = sign_in(alice)
    link_here(client)
    link_here(client)
    assert "Tandem was linked already." in client.get(PAGE).get_data(as_text=True)
    assert LinkedAccount.select().count() == 1
    assert kinds_of(alice) == ["provider.linked"]


def test_an_account_that_opens_somebody_elses_is_not_taken_over(
    sign_in, offer, issuer: str
) -> None:
    bob = make_member("Bob Maes")
    link(bob, offer(issuer))
    client = sign_in(make_member())
    assert link_here(client).location == PAGE
    assert "opens another account of this shop already" in client.get(PAGE).get_data(as_text=True)
    assert [account.member for account in LinkedAccount.select()] == [bob]


def test_who_stops_at_the_provider_comes_back_to_the_page(sign_in, offer, issuer: str) -> None:
    offer(issuer)
    client = sign_in(make_member())
    back = Person(cancel=True).visit(client.post(f"{PAGE}/one").location)
    assert client.get(back).status_code in (303, 403)
    assert LinkedAccount.select().count() == 0


def test_a_link_is_made_only_for_who_began_it(app, sign_in, offer, mock_issuer: str) -> None:
    offer(mock_issuer)
    client = sign_in(make_member())
    back = Person().visit(client.post(f"{PAGE}/one").location)
    client.post("/sign-out")
    answer = client.get(back)
    assert answer.status_code == 403
    assert "Somebody else is signed in here now, or nobody." in words(answer)
    assert LinkedAccount.select().count() == 0


def test_the_last_way_in_is_not_unlinked(sign_in, offer, mock_issuer: str) -> None:
    alice = make_member(email="")
    provider = offer(mock_issuer)
    only = link(alice, provider)
    client = sign_in(alice)
    answer = client.post(f"{PAGE}/{only.id}/unlink")
    assert answer.status_code == 409
    assert "This is your last way in." in words(answer)
    second = link(alice, provider, "alice at work")
    assert client.post(f"{PAGE}/{second.id}/unlink").status_code == 303
    assert client.post(f"{PAGE}/{only.id}/unlink").status_code == 409
    Passkey.create(member=alice, credential_id="k", public_key=b"x", label="phone")
    assert client.post(f"{PAGE}/{only.id}/unlink").status_code == 303


def test_a_link_to_what_the_shop_switched_off_is_no_way_in(
    sign_in, offer, mock_issuer: str
) -> None:
    alice = make_member(email="")
    on = link(alice, offer(mock_issuer))
    link(alice, offer(mock_issuer, "two", enabled=False), "elsewhere")
    assert sign_in(alice).post(f"{PAGE}/{on.id}/unlink").status_code == 409


def test_two_unlinks_at_once_leave_one_way_in(app, offer, mock_issuer: str) -> None:
    for _round in range(10):
        alice = make_member(email="")
        provider = Provider.get_or_none() or offer(mock_issuer)
        accounts = [link(alice, provider, f"{alice.id}-{n}") for n in range(2)]

        def unlink(account: LinkedAccount, alice: Member = alice) -> bool:
            with app.app_context():
                db.connect(reuse_if_open=True)
                try:
                    links.unlink(alice, account)
                except Refused:
                    return False
                finally:
                    if not is_sqlite():
                        db.close()
                return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(unlink, accounts))
        assert sorted(done) == [False, True]
        assert LinkedAccount.select().where(LinkedAccount.member == alice).count() == 1


def test_nobody_unlinks_what_is_anothers(sign_in, offer, mock_issuer: str) -> None:
    account = link(make_member("Bob Maes"), offer(mock_issuer))
    assert sign_in(make_member()).post(f"{PAGE}/{account.id}/unlink").status_code == 404
    assert LinkedAccount.select().count() == 1


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/one", f"{PAGE}/1/unlink"])
def test_linking_and_unlinking_ask_for_a_fresh_proof(
    sign_in, offer, mock_issuer: str, path: str
) -> None:
    alice = make_member()
    link(alice, offer(mock_issuer))
    client = sign_in(alice)
    Session.update(proved_at=now() - timedelta(minutes=11)).execute()
    answer = client.post(path)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert LinkedAccount.select().count() == 1
    page = client.get(PAGE).get_data(as_text=True)
    assert "Sign in once more" in page


def test_a_frozen_account_gets_no_new_key(sign_in, offer, mock_issuer: str) -> None:
    alice = make_member()
    offer(mock_issuer)
    client = sign_in(alice)
    back = Person().visit(client.post(f"{PAGE}/one").location)
    Member.update(frozen_at=now()).where(Member.id == alice.id).execute()
    client.get(back)
    assert "This account is frozen" in client.get(PAGE).get_data(as_text=True)
    answer = client.post(f"{PAGE}/one")
    assert answer.status_code == 403
    assert "This account is frozen" in answer.get_data(as_text=True)
    assert LinkedAccount.select().count() == 0


def test_a_provider_that_is_down_says_so_on_the_page(sign_in, offer) -> None:
    offer(f"http://localhost:{free_port()}")
    answer = sign_in(make_member()).post(f"{PAGE}/one")
    assert answer.status_code == 502
    assert "Tandem does not answer at the moment." in words(answer)


def test_who_signs_in_another_way_finishes_the_link_there(
    client, sign_in, offer, issuer: str
) -> None:
    alice = make_member(email="known@example.com")
    offer(issuer)
    client = sign_in(alice)
    answer = client.get(Person().visit(client.post("/sign-in/with/one").location))
    assert answer.location == "/sign-in/first-time"
    page = client.get(PAGE).get_data(as_text=True)
    assert "Shall alice@example.com open this account?" in page
    assert client.post(PAGE).location == PAGE
    assert LinkedAccount.get().member == alice
    assert client.post(PAGE).status_code == 409
    assert EmailAddress.select().count() == 1


def test_a_link_never_goes_to_somebody_else_when_two_people_are_joined(
    client, offer, mock_issuer: str
) -> None:
    alice, other = make_member("Alice Janssens"), make_member("Alice Janssens")
    owner = make_member("Marit De Smet", role="owner")
    link(other, offer(mock_issuer))
    with pytest.raises(Refused):
        merge(alice, other, owner, "The same person")
    merge(other, alice, owner, "The same person")
    assert LinkedAccount.get().member == other
    assert client.get(Person().visit(client.post("/sign-in/with/one").location)).location == "/"
    assert Session.get().member == other
