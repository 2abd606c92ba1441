"""The desk finds anybody by what a caller can say, and never reads the whole shop for it."""

from dataclasses import replace
from html import unescape
from re import compile, findall, sub

import pytest
from factories import make_member, make_order

from portal.lib.db import db, is_sqlite, write_tx
from portal.lib.throttle import LIMITS
from portal.members.models import Member, PhoneNumber, fold_phone
from portal.members.models.search import add_terms, index_member, terms_for_number
from portal.staff.search import search

TABLE_SCAN = compile(r"SCAN t\d+")  # subqueries have names


@pytest.fixture
def agent(app):
    return make_member("Ines Peeters", role="agent")


@pytest.fixture
def shop_people(app):
    elodie = make_member("Élodie Van den Berg", email="elodie.vdb@customers.example")
    rhys = make_member("Rhys Kowalski", email="rk@customers.example")
    with write_tx():
        PhoneNumber.create(
            member=rhys, number="+32 470 12 34 56", folded=fold_phone("+32 470 12 34 56")
        )
        index_member(rhys)
        order = make_order(rhys, "1048")
        add_terms((rhys.id, term) for term in terms_for_number(order.number))
    make_order(None, "1099")
    return {"elodie": elodie, "rhys": rhys}


def names(answer):
    """The people on an answer of the desk."""
    text = answer if isinstance(answer, str) else answer.text
    links = findall(r'<a href="/staff/members/[^"]*">(.*?)</a>', text)
    return [unescape(sub(r"<[^>]+>", "", link)).strip() for link in links]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("elodie", ["Élodie Van den Berg"]),
        ("ÉLO", ["Élodie Van den Berg"]),
        ("berg elo", ["Élodie Van den Berg"]),
        ("elodie.vdb@cust", ["Élodie Van den Berg"]),
        ("rk@", ["Rhys Kowalski"]),
        ("+32 470 12 34 56", ["Rhys Kowalski"]),
        ("0032470123456", ["Rhys Kowalski"]),
        ("0470 12 34 56", ["Rhys Kowalski"]),
        ("0470/12.34.56", ["Rhys Kowalski"]),
        ("1048", ["Rhys Kowalski"]),
        ("#1048", ["Rhys Kowalski"]),
        ("rhys 1048", ["Rhys Kowalski"]),
        ("kowalski elodie", []),
        ("zzz", []),
        ("%", []),
        ("'; DROP TABLE member", []),
    ],
)
def test_people_are_found_by_what_a_caller_says(sign_in, agent, shop_people, typed, found):
    page = sign_in(agent).get("/staff", query_string={"q": typed})
    assert names(page) == found
    swapped = sign_in(agent).get("/staff/search", query_string={"q": typed}, htmx=True)
    assert names(swapped) == found


def test_a_member_is_found_by_number_with_and_without_hyphens(sign_in, agent, shop_people):
    number = shop_people["rhys"].number
    browser = sign_in(agent)
    for typed in (number, number.replace("-", "").lower(), number[:6]):
        answer = browser.get("/staff/search", query_string={"q": typed}, htmx=True)
        assert names(answer) == ["Rhys Kowalski"]


def test_the_answer_says_why_and_masks_the_address(sign_in, agent, shop_people):
    text = sign_in(agent).get("/staff/search?q=1048", htmx=True).text
    assert "Found by order 1048" in text
    assert "r…@customers.example" in text
    assert "rk@customers.example" not in text
    assert f'href="/staff/members/{shop_people["rhys"].number}?order=1048"' in text


def test_the_reason_is_an_address_or_a_phone_where_the_name_does_not_say_it(app, shop_people):
    reasons = {
        typed: [one.why for one in search(typed).people]
        for typed in ("rk@customers", "0470123456", "rhys", "elodie")
    }
    assert reasons == {
        "rk@customers": [["e-mail"]],
        "0470123456": [["phone … 456"]],
        "rhys": [[]],
        "elodie": [[]],
    }


def test_an_order_that_belongs_to_nobody_is_found_by_its_number(sign_in, agent, shop_people):
    browser = sign_in(agent)
    page = browser.get("/staff?q=1099")
    assert "Belongs to nobody yet" in page.text
    order = browser.get("/staff/orders/1099?shop=default")
    assert (order.status_code, "It belongs to nobody yet." in order.text) == (200, True)


def test_an_order_that_belongs_to_somebody_leads_to_them(sign_in, agent, shop_people):
    answer = sign_in(agent).get("/staff/orders/1048")
    assert answer.location == f"/staff/members/{shop_people['rhys'].number}?order=1048"


def test_what_was_typed_stays_when_nobody_is_found(sign_in, agent, shop_people):
    text = unescape(sign_in(agent).get("/staff", query_string={"q": "<b>zzz"}).text)
    assert 'value="<b>zzz"' in text
    assert "Nobody for “<b>zzz”. Try the beginning of a name" in text


def test_the_head_of_other_pages_shows_nothing_for_nothing_typed(sign_in, agent, shop_people):
    assert sign_in(agent).get("/staff/search?q=+", htmx=True).text.strip() == ""


def test_the_exact_order_comes_before_those_that_begin_alike(app, shop_people):
    with write_tx():
        for number in ("10480", "10481", "104"):
            other = make_member(f"Other {number}")
            make_order(other, number)
            add_terms([(other.id, number)])
    assert search("1048").people[0].member == shop_people["rhys"]


def test_the_answer_costs_the_same_for_one_and_for_many(app, statements):
    def cost(count):
        with write_tx():
            for serial in range(count):
                member = make_member(f"Robin Number{serial}")
                make_order(member)
        with statements() as seen:
            found = search("robin").people
        return len(found), len(seen)

    assert cost(1) == (1, 5)
    assert cost(11) == (12, 5)


def test_no_search_reads_a_whole_table(app, shop_people):
    assert whole_tables_read(lambda: Member.select().where(Member.name == "x").first()) != []
    for typed in ("elodie", "berg elo", "1048", "rk@cust", "0470123456", "rhys kowalski 1048"):
        assert whole_tables_read(lambda text=typed: search(text)) == []


def whole_tables_read(work):
    """The steps of the plans of `work` that walk a whole table."""
    plans, plain = [], db.obj.execute_sql
    explain = "EXPLAIN QUERY PLAN " if is_sqlite() else "EXPLAIN "
    if not is_sqlite():  # a small table is read whole by choice; only the need for it counts
        plain("SET enable_seqscan = off")

    def explained(sql, params=None):
        if sql.startswith("SELECT"):
            plans.extend(str(row[-1]) for row in plain(explain + sql, params).fetchall())
        return plain(sql, params)

    db.obj.execute_sql = explained
    try:
        work()
    finally:
        del db.obj.execute_sql
    assert plans
    return [plan for plan in plans if "Seq Scan" in plan or TABLE_SCAN.match(plan)]


def test_searching_has_a_limit_for_each_agent(sign_in, agent, shop_people, monkeypatch):
    monkeypatch.setitem(LIMITS, "search", replace(LIMITS["search"], times=2))
    browser = sign_in(agent)
    answers = [browser.get("/staff/search?q=rhys", htmx=True).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    other = make_member("Noor Maes", role="agent")
    assert sign_in(other).get("/staff/search?q=rhys", htmx=True).status_code == 200


def test_below_the_empty_search_stands_whom_this_agent_looked_at(sign_in, agent, shop_people):
    browser = sign_in(agent)
    for name in ("elodie", "rhys"):
        browser.get(f"/staff/members/{shop_people[name].number}")
    assert names(browser.get("/staff")) == ["Rhys Kowalski", "Élodie Van den Berg"]
    assert names(sign_in(make_member("Noor Maes", role="agent")).get("/staff")) == []
