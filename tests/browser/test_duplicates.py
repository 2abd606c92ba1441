"""Two people become one in a real browser, and two again; by keyboard, and without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from factories import make_member, make_order
from looking import findings

from portal.duplicates.likeness import look
from portal.duplicates.models import Move
from portal.lib.clock import now
from portal.loyalty.points import book_orders
from portal.members.models import Member, PhoneNumber
from portal.shop.models import change_settings

pytestmark = pytest.mark.browser


@pytest.fixture
def people(site: Any) -> tuple[Member, Member, Member]:
    """An agent, somebody, and the same once more."""
    change_settings(points_per_unit=1, return_days=14)
    agent = make_member("Ines Peeters", role="agent")
    ana = make_member("Ana Pérez", email="ana.perez@gmail.com")
    twin = make_member("Ana Perez", email="anaperez@gmail.com")
    for member, number in ((ana, "1001"), (twin, "1002")):
        PhoneNumber.create(member=member, number="0470 12 34 56", folded="0470123456")
        order = make_order(member, number, total=5000, placed_at=now() - timedelta(days=60))
        book_orders([order.id])
    look()
    return agent, ana, twin


def test_axe_finds_nothing_on_the_pages_of_duplicates(visit: Any, people: Any) -> None:
    agent, ana, twin = people
    page = visit(agent)
    found = []
    for url in (
        "/staff/duplicates",
        f"/staff/duplicates/{ana.number}/{twin.number}",
        f"/staff/members/{ana.number}/merge?other=x",
        f"/staff/members/{ana.number}/split?order={ana.orders.get().id}",
        f"/staff/members/{ana.number}",
    ):
        page.goto(url)
        found += findings(page)
    assert found == []


@pytest.mark.parametrize("width", [390, 1280])
def test_an_agent_merges_two_people_and_takes_it_back(visit: Any, people: Any, width: int) -> None:
    agent, ana, twin = people
    page = visit(agent, width=width)
    page.goto("/staff")
    page.get_by_role("link", name="One pair may be the same person").click()
    page.get_by_role("link", name="Ana Pérez and Ana Perez").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Is this one person?"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("How do you know?").fill("Called and named both orders.")
    page.get_by_role("button", name="Merge them").click()
    page.get_by_text("Moved: 1 order, 1 e-mail address, 50 points.").wait_for()
    assert page.url.endswith(f"/staff/members/{ana.number}")
    page.goto(f"/staff/members/{twin.number}")
    page.wait_for_url(f"**/staff/members/{ana.number}")
    page.get_by_role("button", name=f"Take back: Merged with {twin.number}").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back: 1 order").wait_for()
    assert Move.get().undone_at is not None
    assert Member.get_by_id(twin.id).merged_into is None


def test_the_keyboard_alone_is_enough(visit: Any, people: Any) -> None:
    agent, ana, twin = people
    page = visit(agent)
    page.goto(f"/staff/duplicates/{ana.number}/{twin.number}")
    page.locator("input[name=keep]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Prefers this one")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/members/{twin.number}")
    assert Member.get_by_id(ana.id).merged_into == twin


def test_without_javascript_a_missing_reason_is_said_and_merging_works(
    no_script: Any, site: Any, people: Any
) -> None:
    agent, ana, twin = people
    site.enter(no_script.context, agent)
    no_script.goto(f"/staff/duplicates/{ana.number}/{twin.number}")
    no_script.get_by_label(f"Ana Perez, {twin.number}").check()
    no_script.get_by_role("button", name="Merge them").click()
    assert "Write how you know" in no_script.locator("[role=alert]").inner_text()
    assert no_script.locator(f"input[value='{twin.number}']").is_checked()
    no_script.get_by_label("How do you know?").fill("Called")
    no_script.get_by_role("button", name="Merge them").click()
    assert re.search(f"/staff/members/{twin.number}$", no_script.url)


def test_parting_off_without_javascript(no_script: Any, site: Any, people: Any) -> None:
    agent, ana, _twin = people
    site.enter(no_script.context, agent)
    no_script.goto(f"/staff/members/{ana.number}")
    no_script.get_by_role("link", name="Part something off").click()
    no_script.get_by_label("Order 1001").check()
    no_script.get_by_role("button", name="Show what would go").click()
    assert "50 points" in no_script.locator("form.slip").inner_text()
    no_script.get_by_label("Name of the other person").fill("Jan")
    no_script.get_by_label("How do you know?").fill("His order")
    no_script.get_by_role("button", name="Part it off").click()
    assert no_script.get_by_role("heading", level=1).inner_text() == "Jan"
