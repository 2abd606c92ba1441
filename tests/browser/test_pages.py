"""Every page of every role in a real browser: no accessibility findings, no console errors."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from factories import make_member, make_order

from portal.members.models import Member

pytestmark = pytest.mark.browser

PUBLIC = ["/sign-in"]
MEMBER = [
    "/",
    "/account/orders",
    "/account/orders/1048",
    "/account/payments",
    "/account/wishlists",
    "/account/points",
    "/account/profile",
    "/account/security",
    "/account/activity",
]
STAFF = ["/staff", "/staff?q=alice", "/staff/members/{number}"]
OWNER = ["/staff/people", "/staff/imports", "/staff/outbox", "/staff/settings"]


def findings(page, url: str, scheme: str) -> list[str]:
    """What axe finds on a page, as rule and element."""
    page.emulate_media(color_scheme=scheme)
    answer = page.goto(url)
    assert answer.status == 200, f"{url} answered {answer.status}"
    report = Axe().run(page)
    return [
        f"{url} {scheme}: {violation['id']} at {node['html'][:160]}"
        for violation in report.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture
def shop_with_people(site) -> dict[str, Member]:
    """Alice with orders, an agent and the owner."""
    alice = make_member("Alice Janssens")
    make_order(alice, "1048")
    make_order(alice, "1012", total=4120, refunded=1000)
    return {
        "member": alice,
        "agent": make_member("Ines Peeters", role="agent"),
        "owner": make_member("Marit De Smet", role="owner"),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_an_accessibility_finding(visit, shop_with_people, width, scheme) -> None:
    people = shop_with_people
    found: list[str] = []
    for role, urls in ((None, PUBLIC), ("member", MEMBER), ("agent", STAFF), ("owner", OWNER)):
        page = visit(people[role] if role else None, width=width)
        for url in urls:
            found += findings(page, url.format(number=people["member"].number), scheme)
    assert found == []


def test_no_page_is_wider_than_a_phone(visit, shop_with_people) -> None:
    wide = []
    for role, urls in (("member", MEMBER), ("agent", STAFF), ("owner", OWNER)):
        page = visit(shop_with_people[role], width=390)
        for url in urls:
            page.goto(url.format(number=shop_with_people["member"].number))
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                wide.append(url)
    assert wide == []


def test_a_new_set_up_link_stays_inside_a_phone(visit, shop_with_people) -> None:
    page = visit(shop_with_people["owner"], width=390)
    page.goto("/staff/people")
    page.get_by_label("E-mail address").fill("new.agent@example.com")
    page.get_by_role("button", name="Make a set-up link").click()
    page.get_by_text("It is shown only now.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
