"""Every page of every role in a real browser: no accessibility findings, no console errors."""

import pytest
from factories import make_member, make_order
from looking import findings

from portal.imports.run import import_file
from portal.lib.db import write_tx
from portal.lib.mail import post
from portal.loyalty.points import book_orders
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.profiles.models import Profile
from portal.shop.models import change_settings
from portal.staff.models import Note
from portal.wishlist.models import WishlistItem

pytestmark = pytest.mark.browser

PUBLIC = ["/sign-in", "/join"]
BOUGHT = [
    "/",
    "/account/orders",
    "/account/orders/1048",
    "/account/payments",
    "/account/orders?q=nothing-like-it",
]
SAVED = [
    "/account/wishlists",
    "/account/wishlists?note=1",
    "/wishlist/add?sku=TEA-1",
    "/account/points",
]
SHOWN = [
    "/account/profile",
    "/members/{username}",
    "/account/activity",
    "/account/card",
]
SECURITY = [
    "/account/security",
    "/account/security/passkeys",
    "/account/security/sessions",
    "/account/security/linked",
    "/sign-in/offer",
]
REST = [
    "/join/steps/location",
    "/account/orders/nobodys",
]
STAFF = [
    "/staff",
    "/staff?q=alice",
    "/staff?q=nobody-like-that",
    "/staff/members/{number}",
    "/staff/members/{number}/orders",
]
CASES = [
    "/staff/members/{number}/orders/1048",
    "/staff/orders/2001",
    "/staff/risk",
    "/staff/members/{number}/standing/restrict",
]
OWNER = [
    "/staff/people",
    "/staff/joining",
    "/staff/imports",
    "/staff/imports/1",
    "/staff/incidents",
    "/staff/outbox",
]
SETTINGS = [
    "/staff/settings/providers/new?preset=apple",
    "/staff/outbox/texts",
    "/staff/outbox/1",
    "/staff/settings/sign-in",
    "/staff/settings",
]
EXPORT = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku
2001,,paid,EUR,12.50,2026-11-18 09:58:12 +0100,1,Sencha,12.50,TEA-1
2002,bob@example.com,paid,EUR,much,2026-11-18 09:58:12 +0100,1,Sencha,12.50,TEA-1
"""


@pytest.fixture
def shop_with_people(site, tmp_path) -> dict[str, Member]:
    """Alice with something on every page, an agent, the owner, and an import with a bad row."""
    change_settings(points_per_unit=1, product_link="https://shop.example/{sku}")
    alice = make_member("Alice Janssens")
    agent = make_member("Ines Peeters", role="agent")
    orders = [make_order(alice, "1048"), make_order(alice, "1012", total=4120, refunded=1000)]
    export = tmp_path / "orders_export.csv"
    export.write_text(EXPORT)
    import_file(export)
    book_orders([order.id for order in orders])
    adjust(alice, 1000, "A chipped lid.", agent)
    redeem(alice, 500, "a-form-sent-once")
    with write_tx():
        WishlistItem.create(member=alice, sku="TEA-1", title="Sencha", note="For Mam")
        WishlistItem.create(member=alice, sku="TEA-2", title="Genmaicha", position=1)
        Profile.create(member=alice, bio="Green tea.", visibility={"bio": "everyone"})
        Note.create(member=alice, author=agent, body="Asked by telephone.")
        post(
            "alice@example.com", "sign_in_code", subject="Your code", why="Asked.", secret="K7QM4T"
        )
    return {"member": alice, "agent": agent, "owner": make_member("Marit De Smet", role="owner")}


def address(url: str, member: Member) -> str:
    """A page's address with the member's own keys in it."""
    return url.format(number=member.number, username=member.username)


@pytest.mark.parametrize(
    ("role", "urls"),
    [
        (None, PUBLIC),
        ("member", BOUGHT),
        ("member", SAVED),
        ("member", SHOWN),
        ("member", SECURITY),
        ("member", REST),
        ("agent", STAFF),
        ("agent", CASES),
        ("owner", OWNER),
        ("owner", SETTINGS),
    ],
)
def test_no_page_has_an_accessibility_finding(visit, shop_with_people, role, urls) -> None:
    page = visit(shop_with_people[role] if role else None)
    found: list[str] = []
    for url in urls:
        answer = page.goto(address(url, shop_with_people["member"]))
        expected = 404 if url == "/account/orders/nobodys" else 200
        assert answer.status == expected, f"{url} answered {answer.status}"
        found += findings(page)
    assert found == []


def test_a_long_address_stays_inside_a_phone(visit, site) -> None:
    address = f"theodora.{'wolfeschlegelstein' * 2}@mail.of-a-long-name.example.com"
    member = make_member(email=address)
    page = visit(member, width=390)
    page.goto("/account/email")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_new_set_up_link_stays_inside_a_phone(visit, shop_with_people) -> None:
    page = visit(shop_with_people["owner"], width=390)
    page.goto("/staff/people")
    page.get_by_label("E-mail address").fill("new.agent@example.com")
    page.get_by_role("button", name="Make a set-up link").click()
    page.get_by_text("It is shown only now.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
