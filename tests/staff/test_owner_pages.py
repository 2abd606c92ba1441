"""The owner's pages: who works here, what came in, which mails went out."""

from html import unescape
from re import findall, search

import pytest
from factories import make_member

from portal.imports.models import Batch, QuarantinedRow
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import SECRET_PLACE, Mail
from portal.lib.tokens import seal
from portal.members.models import Member, OneTimeLink, Passkey


def with_passkey(member):
    """A member who can come in with a passkey."""
    with write_tx():
        Passkey.create(
            member=member, credential_id=f"key-{member.id}", public_key=b"x", label="Laptop"
        )
    return member


@pytest.fixture
def owner(app):
    return with_passkey(make_member("Marit De Smet", role="owner", email="marit@shop.example"))


@pytest.mark.parametrize("htmx", [True, False])
def test_somebody_new_gets_a_link_that_is_shown_once(sign_in, owner, htmx):
    browser = sign_in(owner)
    answer = browser.post(
        "/staff/people", data={"email": "noor@shop.example", "role": "agent"}, htmx=htmx
    )
    assert answer.status_code == 200
    link = search(r"http://localhost:8000/setup/([\w-]+)", answer.text)
    assert link
    assert OneTimeLink.find(link[1], "setup").member.role == "agent"
    assert "It works once, for 24 hours." in answer.text
    page = browser.get("/staff/people").text
    assert "noor@shop.example" in page
    assert "/setup/" not in page


@pytest.mark.parametrize(
    ("email", "role"), [("noor", "agent"), ("", "agent"), ("noor@shop.example", "king")]
)
def test_wrong_people_are_refused_and_stay_typed(sign_in, owner, email, role):
    answer = sign_in(owner).post("/staff/people", data={"email": email, "role": role})
    assert answer.status_code == 422
    assert f'value="{email}"' in answer.text
    assert Member.select().where(Member.role.is_null(False)).count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_an_agent_is_removed_and_signed_out(sign_in, owner, htmx):
    agent = make_member("Ines Peeters", role="agent")
    theirs = sign_in(agent)
    answer = sign_in(owner).post(f"/staff/people/{agent.number}/remove", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert Member.get_by_id(agent.id).role is None
    assert theirs.get("/staff").status_code == 303


def test_the_last_owner_stays(sign_in, owner):
    answer = sign_in(owner).post(f"/staff/people/{owner.number}/remove")
    assert answer.status_code == 409
    assert "The last owner stays" in answer.text
    assert Member.get_by_id(owner.id).role == "owner"


def test_an_owner_goes_when_another_stays(sign_in, owner):
    with_passkey(make_member("Jan Maes", role="owner"))
    answer = sign_in(owner).post(f"/staff/people/{owner.number}/remove")
    assert (answer.status_code, answer.location) == (303, "/")
    assert Member.get_by_id(owner.id).role is None


def test_somebody_who_is_no_staff_cannot_be_removed(sign_in, owner):
    alice = make_member()
    assert sign_in(owner).post(f"/staff/people/{alice.number}/remove").status_code == 404


def make_batch(rows=0, **values):
    created = {"members": 260, "orders": 396, "lines": 9261, "payments": 376, "refunds": 8}
    tally = {"created": created, "totals": {"GBP": [17822195, 41255]}, "skipped": 0}
    with write_tx():
        batch = Batch.create(
            file="orders_export.csv", sha256="0" * 64, kind="shopify-orders", shop="default",
            currency="GBP", position=9261, finished_at=now(), tally=tally, **values,
        )  # fmt: skip
        for line in range(2, rows + 2):
            QuarantinedRow.create(
                batch=batch, line=line, key="1048", reason=f"Total on line {line} is no number."
            )
    return batch


def test_a_batch_shows_what_it_brought_and_what_it_put_aside(sign_in, owner):
    batch = make_batch(rows=60)
    browser = sign_in(owner)
    overview = browser.get("/staff/imports").text
    assert "orders_export.csv" in overview
    assert "60 rows put aside" in overview
    page = browser.get(f"/staff/imports/{batch.id}")
    assert "£178,221.95" in page.text
    assert "£412.55" in page.text
    assert page.text.count("<b>Line ") == 50
    more = unescape(page.text.partition('class="more" href="')[2].partition('"')[0])
    rest = browser.get(more, htmx=True)
    assert rest.text.count("<b>Line ") == 10
    assert "<b>Line 61</b>" in browser.get(more).text


def test_a_file_without_orders_tells_no_sum_of_orders(sign_in, owner):
    batch = make_batch()
    with write_tx():
        Batch.update(tally={**batch.tally, "totals": {"EUR": [0, 2140341]}}).execute()
    page = sign_in(owner).get(f"/staff/imports/{batch.id}").text
    assert "Orders in EUR" not in page
    assert "<dt>Refunded in EUR</dt><dd>€21,403.41</dd>" in page


def test_a_batch_that_stopped_says_so(sign_in, owner):
    with write_tx():
        batch = Batch.create(
            file="orders_export.csv", sha256="0" * 64, kind="shopify-orders", shop="default",
            currency="GBP",
        )  # fmt: skip
    browser = sign_in(owner)
    assert "Not finished" in browser.get("/staff/imports").text
    assert "goes on where it stopped" in browser.get(f"/staff/imports/{batch.id}").text


def test_many_batches_cost_what_one_costs(sign_in, owner, statements):
    browser = sign_in(owner)

    def cost():
        with statements() as seen:
            browser.get("/staff/imports")
        return len(seen)

    make_batch(rows=1)
    browser.get("/staff/imports")
    one = cost()
    for _ in range(29):
        make_batch(rows=1)
    assert cost() == one


def make_mail(**values):
    with write_tx():
        return Mail.create(
            **{
                "to": "alice@customers.example", "subject": "Your code",
                "text": f"<b>Type</b> {SECRET_PLACE}", "html": "<p>", "kind": "sign_in_code",
                "why": "You asked.", "sealed": seal("K7QM4T", "mail"), **values,
            }
        )  # fmt: skip


def test_a_code_is_blanked_in_the_outbox(sign_in, owner):
    mail = make_mail()
    browser = sign_in(owner)
    assert "alice@customers.example" in browser.get("/staff/outbox").text
    page = browser.get(f"/staff/outbox/{mail.id}").text
    assert "&lt;b&gt;Type&lt;/b&gt; ••••••" in page
    assert "K7QM4T" not in page
    assert "only the person may read" in page


def test_the_demo_shop_shows_codes(app, sign_in, owner):
    mail = make_mail()
    app.config["DEMO"] = True
    assert "&lt;b&gt;Type&lt;/b&gt; K7QM4T" in sign_in(owner).get(f"/staff/outbox/{mail.id}").text


def test_a_failed_mail_is_sent_again(sign_in, owner):
    mail = make_mail(
        status="failed", error="Connection refused", tries=8, text="Hello", sealed=None
    )
    browser = sign_in(owner)
    assert "Connection refused" in browser.get("/staff/outbox").text
    assert browser.post(f"/staff/outbox/{mail.id}/send").status_code == 303
    again = Mail.get_by_id(mail.id)
    assert (again.status, again.tries, again.error) == ("pending", 0, None)
    assert browser.post(f"/staff/outbox/{mail.id}/send").status_code == 409


def test_a_mail_whose_code_is_gone_is_not_sent_again(sign_in, owner):
    mail = make_mail(status="failed", sealed=None)
    answer = sign_in(owner).post(f"/staff/outbox/{mail.id}/send")
    assert answer.status_code == 409
    assert Mail.get_by_id(mail.id).status == "failed"


def test_the_outbox_goes_on_after_thirty_mails(sign_in, owner):
    for _ in range(35):
        make_mail()
    browser = sign_in(owner)
    first = browser.get("/staff/outbox").text
    more = unescape(first.partition('class="more" href="')[2].partition('"')[0])
    assert len(findall(r"href=./staff/outbox/\d", first)) == 30
    assert len(findall(r"href=./staff/outbox/\d", browser.get(more, htmx=True).text)) == 5


def test_an_empty_shop_tells_its_owner_what_to_do_first(sign_in, owner):
    page = sign_in(owner).get("/staff").text
    assert "portal import orders_export.csv customers_export.csv" in page
    assert 'href="/staff/imports">Drop your export' in page
    assert "portal staff add" in page
    agents = sign_in(make_member("Ines Peeters", role="agent")).get("/staff").text
    assert "The shop has no customers so far." in agents
    assert "portal import" not in agents


def test_a_shop_with_customers_shows_its_desk(sign_in, owner):
    make_member()
    assert "Who is it about?" in sign_in(owner).get("/staff").text


OWNER = ("/staff/people", "/staff/imports", "/staff/outbox", "/staff/settings")


@pytest.mark.parametrize("path", OWNER)
@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("agent", 404), (None, 404)])
def test_owner_pages_are_for_owners(sign_in, path, role, status):
    person = make_member("Jan Maes", role=role)
    assert sign_in(person).get(path).status_code == status


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("agent", 200), (None, 404)])
def test_the_desk_is_for_staff(sign_in, role, status):
    person, alice = make_member("Jan Maes", role=role), make_member()
    browser = sign_in(person)
    for path in ("/staff", "/staff?q=a", f"/staff/members/{alice.number}"):
        assert browser.get(path).status_code == status
    assert browser.get("/staff/search?q=a", htmx=True).status_code == status


def test_the_answer_alone_is_a_page_without_javascript(sign_in, owner):
    answer = sign_in(owner).get("/staff/search?q=alice")
    assert (answer.status_code, answer.location) == (303, "/staff?q=alice")


def test_the_tabs_of_the_owner_are_hidden_from_agents(sign_in, owner):
    agent = make_member("Ines Peeters", role="agent")
    for person, shown in ((owner, True), (agent, False)):
        page = sign_in(person).get("/staff").text
        assert ('href="/staff/settings"' in page) is shown
