"""Every page of every role of a small demo shop: what markup check, shots and bench ask."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask, g
from werkzeug.test import TestResponse

from portal import create_app
from portal.config import Config, read_config
from portal.demo.people import HERO_EMAIL
from portal.imports.models import Batch
from portal.lib.db import db
from portal.lib.mail import Mail
from portal.members import codes
from portal.members.models import EmailAddress, Member, OneTimeLink, Session
from portal.members.staff import make_owner_link
from portal.ops.demo import make_demo_shop
from portal.orders.models import Order


@contextmanager
def small_shop(members: int = 120, orders: int = 900) -> Iterator[tuple[Flask, Config]]:
    """A demo shop in a temporary folder, small enough to make in a moment."""
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        config = read_config(demo=True, instance=folder, base_url="http://localhost:8000")
        make_demo_shop(config, say=lambda _line: None, members=members, orders=orders)
        app = create_app(config)
        with app.app_context():
            db.connect(reuse_if_open=True)
            yield app, config
            db.close()


def people() -> dict[str, Member | None]:
    """Who looks: a stranger, a member with a history, one with nothing, an agent and the owner."""
    hero = EmailAddress.find(HERO_EMAIL)
    assert hero is not None
    return {
        "stranger": None,
        "member": hero.member,
        "newcomer": Member.make(name="Noor Willems", source="sign-up"),
        "agent": Member.get(Member.role == "agent"),
        "owner": Member.get(Member.role == "owner"),
    }


def pages(role: str) -> dict[str, str]:
    """The pages of a role, by name."""
    if role == "stranger":
        return _public()
    if role in ("agent", "owner"):
        return _desk(role)
    found = {
        "home": "/",
        "orders": "/account/orders",
        "payments": "/account/payments",
        "wishlist": "/account/wishlists",
        "points": "/account/points",
        "profile": "/account/profile",
        "security": "/account/security",
        "passkeys": "/account/security/passkeys",
        "sessions": "/account/security/sessions",
        "second-factor": "/account/security/second-factor",
        "recovery-codes": "/account/security/recovery-codes",
        "activity": "/account/activity",
        "card": "/account/card",
        "offer": "/sign-in/offer",
        "steps": "/join/steps",
        "step": "/join/steps/location",
        "not-found": "/account/orders/nothing",
    }
    if role == "member":
        member = people()["member"]
        assert member is not None
        for order in _telling_orders(member):
            found[f"order-{order.number}"] = f"/account/orders/{order.number}"
        found["as-others"] = f"/members/{member.username}"
    return found


def _public() -> dict[str, str]:
    hero = people()["member"]
    assert hero is not None
    token = OneTimeLink.make("sign-in", hero, timedelta(hours=1))
    return {
        "sign-in": "/sign-in",
        "join": "/join",
        "code": "/sign-in/code/enter",
        "link": f"/sign-in/link/{token}",
        "dead-link": "/sign-in/link/gone",
        "setup": f"/setup/{make_owner_link() or 'gone'}",
        "not-found": "/nothing",
        "public-profile": f"/members/{hero.username}",
    }


def _desk(role: str) -> dict[str, str]:
    hero = people()["member"]
    assert hero is not None
    order = _telling_orders(hero)[0]
    found = {
        "desk": "/staff",
        "search": "/staff?q=lotte",
        "nobody": "/staff?q=zzzz",
        "person": f"/staff/members/{hero.number}",
        "person-orders": f"/staff/members/{hero.number}/orders",
        "person-order": f"/staff/members/{hero.number}/orders/{order.number}",
        "risk": "/staff/risk",
        "restrict": f"/staff/members/{hero.number}/standing/restrict",
    }
    if role == "owner":
        found |= {
            "people": "/staff/people",
            "joining": "/staff/joining",
            "imports": "/staff/imports",
            "exports": "/staff/exports",
            "import": f"/staff/imports/{Batch.select().order_by(Batch.id.desc()).get().id}",
            "incidents": "/staff/incidents",
            "outbox": "/staff/outbox",
            "texts": "/staff/outbox/texts",
            "ways-in": "/staff/settings/sign-in",
            "settings": "/staff/settings",
        }
        if mail := Mail.select().order_by(Mail.id.desc()).first():
            found["mail"] = f"/staff/outbox/{mail.id}"
    return found


def _telling_orders(member: Member) -> list[Order]:
    """The latest order, and the latest with a refund where there is one."""
    orders = list(Order.select().where(Order.member == member).order_by(Order.placed_at.desc()))
    refunded = [order for order in orders if order.refunded]
    return [orders[0], *refunded[:1]] if orders[0] not in refunded[:1] else orders[:1]


def cookies(app: Flask, member: Member | None) -> dict[str, str]:
    """What the browser of this person keeps: a session, or the secret of a code on its way."""
    if member:
        return {"session": cookie(app, member)}
    return {"sign-in": codes.ask(HERO_EMAIL, None)}


def cookie(app: Flask, member: Member) -> str:
    """The value of a session cookie that signs a browser in as this member."""
    token = Session.start(member, device="Chromium on Linux", method="passkey")
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"_user_id": token, "_fresh": True}))


def ask(app: Flask, path: str, headers: dict[str, str]) -> TestResponse:
    """One request by itself: inside an app context `g` outlives it, and the person in `g` too."""
    vars(g._get_current_object()).clear()  # type: ignore[attr-defined]
    return app.test_client(use_cookies=False).get(path, headers=headers)
