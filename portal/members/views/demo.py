"""The demo shop's open door: come in as one of three people, only from this machine."""

from ipaddress import ip_address
from typing import NamedTuple

from flask import abort, current_app, redirect, request
from werkzeug.wrappers import Response

from portal.lib.guard import public
from portal.lib.text import _
from portal.members import incidents
from portal.members.models import EmailAddress, Member
from portal.members.sign_in import enter
from portal.members.views.blueprint import members, target

MEMBER = "lotte.vermeulen@example.com"  # somebody with years of history in the demo shop
#: What proxies say of themselves, beside every X-Forwarded-… header.
FORWARDED = {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}


class Door(NamedTuple):
    """One of the people that the demo shop lets anybody be."""

    who: str
    member: Member
    words: str


def people_to_enter_as() -> list[Door]:
    """The demo's people, or nobody: outside the demo shop, or when asked from elsewhere."""
    return [door for who in ("member", "agent", "owner") if (door := _door(who))] if _here() else []


@members.post("/demo/enter")
@public
def enter_demo() -> Response:
    door = _door(request.form.get("who", "")) if _here() else None
    if door is None:
        incidents.note("demo_shut")
        abort(404)
    enter(door.member, "demo")
    return redirect(target() if door.who == "member" else "/staff", 303)


def _here() -> bool:
    """Whether this is the demo shop, asked by somebody who sits at this machine."""
    names = [name.lower() for name, _value in request.headers]
    passed_on = any(name in FORWARDED or name.startswith("x-forwarded") for name in names)
    if not current_app.config["DEMO"] or passed_on or not _is_loopback(request.remote_addr):
        return False
    return request.host.partition(":")[0] == "localhost"


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def _door(who: str) -> Door | None:
    if who == "member":
        email = EmailAddress.find(MEMBER)
        words = _("a member with years of orders")
        return Door(who, email.member, words) if email and not email.member.role else None
    roles = {"agent": _("an agent at the desk"), "owner": _("the owner")}
    if who not in roles:
        return None
    member = Member.select().where(Member.role == who).order_by(Member.id).first()
    return Door(who, member, roles[who]) if member else None
