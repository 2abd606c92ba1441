"""Pages behind a deed: a code that waits, a link from a mail, a plan, a file that was sent.

Each role walks there as people do, by forms, and keeps the cookies of its browser.
"""

import io
import re
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from flask import Flask, g
from pages import cookies
from werkzeug.test import TestResponse

from portal.catalog.models import Product
from portal.claims import guests
from portal.claims.views.find import COOKIE
from portal.demo.people import HERO_EMAIL
from portal.factors.hashing import hashed
from portal.imports.models import QuarantinedRow, Upload
from portal.imports.run import import_file
from portal.joining import invitations
from portal.joining.models import Invitation
from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.tokens import new_token, seal
from portal.members.models import (
    Authenticator,
    EmailAddress,
    Member,
    OneTimeLink,
    Passkey,
    Password,
    Restriction,
    Session,
)
from portal.orders.models import Order
from portal.providers import arrivals
from portal.providers.identity import Identity
from portal.providers.models import Provider
from portal.recovery import addresses, slow
from portal.shop.models import change_settings

NUMBER, OTHER = "+32470123456", "+32470123457"
SAFE, PASSWORD = "dana@example.com", "a kettle sings at seven"
TABLE = "Order ID,Buyer,Total,Currency,Placed\n1,ada@example.com,12.50,EUR,2026-01-02\n"
LOOSE = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Billing Zip\n"
    "L-1,,paid,EUR,12.50,2026-01-18 09:58:12 +0100,1,Sencha,12.50,9000\n"
    "L-2,ada@example.com,paid,EUR,much,2026-01-18 09:58:12 +0100,1,Sencha,12.50,9000\n"
)


class Walked(NamedTuple):
    """Where a role came, by name, and what its browser kept on the way."""

    pages: dict[str, str]
    cookies: dict[str, str]


class Browser:
    """A browser that keeps cookies and needs no CSRF token."""

    def __init__(self, app: Flask, kept: dict[str, str]) -> None:
        self.client = app.test_client()
        for name, value in kept.items():
            self.client.set_cookie(name, value)
        self.names = set(kept) | {"session", "join", "sign-in-text", "provider"}

    def post(self, path: str, **data: object) -> TestResponse:
        """Send a form, and come where it leads; LookupError where it was refused."""
        vars(g._get_current_object()).clear()  # type: ignore[attr-defined]
        answer = self.client.post(path, data=data)
        if answer.status_code != 303:
            said = re.findall(r'class="error"[^>]*>([^<]+)', answer.get_data(as_text=True))
            raise LookupError(f"{path} answered {answer.status_code}: {said}")
        return answer

    @property
    def cookies(self) -> dict[str, str]:
        """What it keeps now."""
        found = {name: self.client.get_cookie(name) for name in self.names}
        return {name: cookie.value for name, cookie in found.items() if cookie}


def open_everything(app: Flask) -> None:
    """Switch on all that a shop can, bring in a row that stays out; nobody needs CSRF tokens."""
    app.config["WTF_CSRF_ENABLED"] = False
    change_settings(passwords=True, security_questions=True, phone_sign_in=True)
    Provider.create(
        key="google",
        preset="google",
        name="Google",
        issuer="https://accounts.google.com",
        client_id="fern-and-kettle",
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders_export.csv"
        path.write_text(LOOSE)
        import_file(path)


def walk(app: Flask, role: str, member: Member | None) -> Walked:
    """Walk as a role to where no address alone leads."""
    browser = Browser(app, cookies(app, member))
    if member is None:
        return Walked(_stranger(browser) | _by_mail(), browser.cookies)
    walks = {"member": _member, "newcomer": _newcomer, "agent": _agent, "owner": _owner}
    return Walked(walks[role](browser, member), browser.cookies)


def _stranger(browser: Browser) -> dict[str, str]:
    """Half way in, by each door; and half way through the papers of one order."""
    secret = new_token()
    browser.post("/join", name="Maren Holt", email="maren@example.com")
    browser.post("/sign-in/code", email=NUMBER)
    browser.client.set_cookie("provider", secret)
    arrivals.wait(Provider.get(), secret, Identity("https://accounts.google.com", "1", "Noor"), "/")
    _begin_second_step(browser)
    order = Order.select().where(Order.email != "").order_by(Order.id.desc()).get()
    with browser.client.session_transaction() as session:
        session[COOKIE] = guests.show(order, whole=True)
    guests.ask(order.number, order.email)
    run_waiting()
    return {
        "first-time": "/sign-in/first-time",
        "second-step": "/sign-in/second",
        "text": "/sign-in/text",
        "join-confirm": "/join/confirm",
        "join-link": link("/join/link/"),
        "join-phone": "/join/phone",
        "find": "/orders/find",
        "found": f"/orders/found/{order.number}",
        "order-link": link("/orders/link/"),
    }


def _begin_second_step(browser: Browser) -> None:
    """Somebody with a password and an app typed the password."""
    member = Member.make(name="Dana Vos", source="sign-up")
    email = EmailAddress.create(member=member, address=SAFE, folded=SAFE, verified_at=now())
    Password.create(member=member, hash=hashed(PASSWORD))
    Authenticator.create(
        member=member, sealed=seal("JBSWY3DPEHPK3PXP", "authenticator"), confirmed_at=now()
    )
    browser.post("/sign-in/password", email=email.address, password=PASSWORD)


def _by_mail() -> dict[str, str]:
    """What the links of mails to a member and to somebody invited lead to."""
    hero = EmailAddress.find(HERO_EMAIL).member
    invitations.invite("invited@example.com", Member.get(Member.role == "owner"))
    slow.send_way(HERO_EMAIL)
    addresses.ask(hero, EmailAddress.of(hero), "lotte@new.example")
    run_waiting()
    new, way = link("/email/prove/"), link("/recover/way/")
    held = Member.make(name="Kim Daems", source="sign-up")
    moved = EmailAddress.create(
        member=held, address="kim@example.com", folded="kim@example.com", verified_at=now()
    )
    addresses.ask(held, moved, "kim@new.example")
    addresses.prove(link("/email/prove/").rpartition("/")[2])
    slow.send_way("kim@new.example")
    run_waiting()
    slow.prove(link("/recover/way/").rpartition("/")[2])
    return {
        "recover": "/recover",
        "recover-way": way,
        "recover-stop": link("/recover/stop/"),
        "email-new": new,
        "email-back": link("/email/back/"),
        "not-me": f"/not-me/{OneTimeLink.leave('not-me', hero, timedelta(hours=1), 'a test')}",
        "invited": link("/join/invited/"),
    }


def _member(browser: Browser, member: Member) -> dict[str, str]:
    """Half way through every change of a way in, and through a claim."""
    browser.post("/account/security/phone", number=NUMBER)
    browser.post("/account/security/second-factor/sms", number=OTHER)
    app_page = browser.post("/account/security/second-factor/app").location
    browser.post("/claim", contact="elsewhere@example.com", number="1", postcode="9000", total="")
    passkey = Passkey.create(member=member, credential_id="one", public_key=b"x", label="Phone")
    product = Product.select().where(Product.sku != "").get()
    event = member.record("sign_in.new_device", method="code", device="Firefox on Windows")
    return {
        "phone": "/account/security/phone",
        "phone-code": "/account/security/phone/code",
        "passkey": f"/account/security/passkeys/{passkey.id}",
        "password": "/account/security/password",
        "app": app_page,
        "text-number": "/account/security/second-factor/sms",
        "text-code": "/account/security/second-factor/sms/code",
        "questions": "/account/security/questions",
        "linked": "/account/security/linked",
        "not-mine": f"/account/activity/{event.id}/not-mine",
        "email": "/account/email",
        "close": "/account/close",
        "claim": "/claim",
        "claim-code": "/claim/code",
        "save": f"/wishlist/add?sku={product.sku}",
    }


def _newcomer(browser: Browser, member: Member) -> dict[str, str]:
    """Before an order that they can claim."""
    EmailAddress.create(
        member=member, address="noor@example.com", folded="noor@example.com", verified_at=now()
    )
    browser.post("/claim", contact="", number="L-1", postcode="9000", total="")
    return {"claim-preview": "/claim/preview"}


def _agent(browser: Browser, agent: Member) -> dict[str, str]:
    """Two people side by side, an account to part or to give back, a case."""
    hero = EmailAddress.find(HERO_EMAIL).member
    other = Member.get((Member.role.is_null()) & (Member.id != hero.id))
    held = Restriction.select().order_by(Restriction.id).get()
    Session.update(browser_hash="one").where(Session.member == hero).execute()
    entered = Session.get(Session.member == hero)
    number = f"/staff/members/{hero.number}"
    return {
        "duplicates": "/staff/duplicates",
        "pair": f"/staff/duplicates/{hero.number}/{other.number}",
        "merge": f"{number}/merge",
        "split": f"{number}/split",
        "recovery": f"{number}/recovery",
        "warn": f"{number}/standing/warn",
        "suspend": f"{number}/standing/suspend",
        "restricted": f"/staff/members/{held.member.number}",
        "lift": f"/staff/members/{held.member.number}/standing/{held.id}/lift",
        "risk-browser": f"/staff/risk/browsers/{entered.id}",
    }


def _owner(browser: Browser, owner: Member) -> dict[str, str]:
    """Files on their way in and out again, providers, people who are stuck."""
    browser.post("/staff/imports/uploads", file=(io.BytesIO(TABLE.encode()), "sales.csv"))
    sent = Upload.select().order_by(Upload.id.desc()).get()
    run_waiting()
    row = QuarantinedRow.select().order_by(QuarantinedRow.id.desc()).get()
    stuck = Member.make(name="Yara Maes", source="sign-up")
    Member.update(joined_at=now()).where(Member.id == stuck.id).execute()
    invited = Invitation.select().order_by(Invitation.id.desc()).get()
    return {
        "upload": f"/staff/imports/uploads/{sent.token}",
        "map": f"/staff/imports/map/{sent.token}",
        "aside": f"/staff/imports/{row.batch_id}/aside/{row.head or row.line}",
        "undo": f"/staff/imports/{row.batch_id}/undo",
        "loose-order": "/staff/orders/L-1",
        "providers": "/staff/settings/providers",
        "new-provider": "/staff/settings/providers/new?preset=google",
        "provider": "/staff/settings/providers/google",
        "stuck": f"/staff/joining/members/{stuck.number}",
        "invitation": f"/staff/joining/invitations/{invited.id}",
    }


def link(path: str) -> str:
    """The newest link of that kind in the outbox, with its secret."""
    for mail in Mail.select().order_by(Mail.id.desc()):
        found = re.search(rf"{re.escape(path)}[\w.~:-]+", mail.filled(mail.secret())[0])
        if found:
            return found[0]
    raise LookupError(f"no mail has a link to {path}")
