"""The door in a real browser, with a virtual authenticator in place of a finger."""

import re
from collections.abc import Callable
from time import sleep
from urllib.parse import parse_qs

import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import CDPSession, Page, expect

from portal.lib.mail import Mail
from portal.members.links import make_link
from portal.members.models import Event, Member, Passkey, Session
from portal.members.staff import make_owner_link

pytestmark = pytest.mark.browser

NO_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class Phone:
    """The browser's built-in authenticator, as its user holds it."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self.id = made["authenticatorId"]

    def refuse_finger(self) -> None:
        """From now on the finger does not match."""
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False}
        )

    def held(self) -> list[dict[str, str]]:
        """The passkeys on it."""
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def set_counter(self, count: int) -> None:
        """Put the passkey back with another counter, as a copy would have it."""
        credential = {**self.held()[0], "signCount": count}
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        self.cdp.send(
            "WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential}
        )


@pytest.fixture
def alice(site) -> Member:
    """Somebody whom the shop's export knows."""
    return make_member(email="alice@example.com")


def enter_by_code(page: Page) -> None:
    """From the door to the offer of a passkey."""
    page.goto("/sign-in")
    page.get_by_label("Or by e-mail").fill("alice@example.com")
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail.")
    mail = Mail.select().where(Mail.kind == "sign_in_code").order_by(Mail.id.desc()).get()
    page.get_by_label("The code").fill(mail.secret())
    page.get_by_role("button", name="Sign in").click()


def make_passkey(page: Page) -> None:
    """Take the offer."""
    enter_by_code(page)
    page.get_by_role("button", name="Create a passkey").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))


def sign_out(page: Page) -> None:
    """By the button that every page has."""
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out.")


def test_a_passkey_is_made_and_opens_the_door_without_typing(site, visit, alice: Member) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    Phone(page)
    make_passkey(page)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{site.url}/")
    assert Passkey.get().member == alice
    methods = [session.method for session in Session.select().order_by(Session.id)]
    assert methods == ["code", "passkey"]


def test_autofill_offers_the_passkey_by_itself(site, visit, alice: Member) -> None:
    page = visit()
    Phone(page)
    make_passkey(page)
    page.context.clear_cookies()
    page.goto("/sign-in?next=/account/security")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "A passkey or a mailed code opens your account."
    )


def test_a_proof_that_was_seen_once_is_refused(site, visit, alice: Member) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    phone = Phone(page)
    make_passkey(page)
    sign_out(page)
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{site.url}/")
    seen = {name: values[0] for name, values in parse_qs(sent.value.post_data).items()}
    sign_out(page)
    token = page.locator('form[action="/sign-in/passkey"] [name="csrf_token"]').input_value()
    again = page.request.post("/sign-in/passkey", form={**seen, "csrf_token": token})
    assert again.status == 422
    assert page.request.get("/account/security", max_redirects=0).status == 303
    phone.set_counter(1)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("it behaved like a copy")
    assert Event.select().where(Event.kind == "passkey.refused").count() == 1


def test_the_wrong_finger_opens_nothing(site, visit, alice: Member) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    phone = Phone(page)
    make_passkey(page)
    sign_out(page)
    phone.refuse_finger()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert Session.select().where(Session.ended_at.is_null()).count() == 0


def test_the_same_device_makes_no_second_passkey(site, visit, alice: Member) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    Phone(page)
    make_passkey(page)
    page.goto("/account/security/passkeys")
    page.get_by_role("button", name="Create another passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert Passkey.select().count() == 1


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the browser does by itself, at most five seconds."""
    for _moment in range(100):
        if condition():
            return
        sleep(0.05)
    raise AssertionError("it did not happen within five seconds")


def test_the_browser_hears_of_a_new_name_and_of_removed_passkeys(site, visit, alice) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    phone = Phone(page)
    make_passkey(page)
    assert phone.held()[0]["userName"] == "alice@example.com"
    page.goto("/account/profile")
    page.get_by_label("Name", exact=True).fill("Alice Peeters")
    page.get_by_role("button", name="Save").click()
    until(lambda: phone.held()[0]["userDisplayName"] == "Alice Peeters")
    page.goto("/account/security/passkeys")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have no passkey yet.")
    until(lambda: phone.held() == [])


def test_the_browser_hears_at_the_door_that_a_passkey_is_unknown(site, visit, alice) -> None:
    page = visit()
    page.add_init_script(NO_AUTOFILL)
    phone = Phone(page)
    make_passkey(page)
    Passkey.delete().execute()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("does not know that passkey any more")
    until(lambda: phone.held() == [])


def test_a_browser_without_passkeys_is_taken_past_the_offer(site, visit, alice: Member) -> None:
    page = visit(alice)
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/sign-in/offer?next=/account/activity")
    expect(page).to_have_url(f"{site.url}/account/activity")


def test_an_empty_shop_gets_its_owner(site, visit) -> None:
    page = visit()
    Phone(page)
    page.goto(f"/setup/{make_owner_link()}")
    page.get_by_label("Your name").fill("Marit De Smet")
    page.get_by_label("Your e-mail").fill("marit@example.com")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One step left, Marit De Smet.")
    page.get_by_role("button", name="Create your passkey").click()
    expect(page).to_have_url(f"{site.url}/staff")
    assert Member.get().role == "owner"


def test_the_offer_can_be_put_off(site, visit, alice: Member) -> None:
    page = visit()
    enter_by_code(page)
    page.get_by_role("button", name="Not now").click()
    expect(page).to_have_url(f"{site.url}/")
    page.context.clear_cookies()
    enter_by_code(page)
    expect(page).to_have_url(f"{site.url}/")


def test_a_notice_of_two_lines_covers_no_slip_on_a_phone(site, visit) -> None:
    page = visit(width=390)
    page.goto("/sign-in")
    notice = "A passkey is offered again from 22 December, unless you make one before that day."
    page.evaluate("words => notices.say(words)", notice)
    box, below = page.locator(".notice").bounding_box(), page.locator("main").bounding_box()
    assert box["height"] > 55  # both lines lie on the dark ground
    assert box["y"] + box["height"] < below["y"]


def test_a_code_takes_you_in_without_javascript(no_script: Page, alice: Member) -> None:
    enter_by_code(no_script)
    expect(no_script).to_have_url(re.compile(r":\d+/$"))  # no offer of what needs JavaScript
    no_script.goto("/account/security")
    expect(no_script.get_by_role("heading", level=1)).to_have_text(
        "A mailed code opens your account."
    )
    sign_out(no_script)


def test_another_session_ends_in_place(site, visit, alice: Member) -> None:
    other, page = visit(alice), visit(alice)
    page.goto("/account/security/sessions")
    page.get_by_role("button", name="Sign out Chromium on Linux").click()
    expect(page.locator("#notices")).to_have_text("Chromium on Linux is signed out.")
    other.goto("/account/security")
    expect(other).to_have_url(re.compile("/sign-in"))


def test_activity_filters_in_place(site, visit, alice: Member) -> None:
    alice.record("passkey.added", label="phone")
    alice.record("sign_in.done", method="code", device="Firefox on Linux")
    page = visit(alice)
    page.goto("/account/activity")
    page.get_by_label("Sign-ins").check(force=True)
    expect(page.locator("#timeline")).not_to_contain_text("phone")
    expect(page).to_have_url(re.compile("group=sign-ins"))
    page.go_back()
    expect(page.locator("#timeline")).to_contain_text("phone")


def test_the_pages_round_the_door_have_no_accessibility_finding(site, visit, alice: Member) -> None:
    page = visit(width=390)
    found: list[str] = []

    def look() -> None:
        found.extend(findings(page))

    for where in (f"/sign-in/link/{make_link(alice)}", "/sign-in/link/gone", "/setup/gone"):
        page.goto(where)
        look()
    page.goto(f"/setup/{make_owner_link()}")
    look()
    page.get_by_label("Your name").fill("Marit")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".error").first).to_be_visible()
    look()
    page.get_by_label("Your e-mail").fill("marit@example.com")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One step left, Marit.")
    look()
    passkey = Passkey.create(member=alice, credential_id="k", public_key=b"", label="phone")
    page = visit(alice)
    page.goto(f"/account/security/passkeys/{passkey.id}")
    look()
    assert found == []
