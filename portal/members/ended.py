"""A way in that the shop offers no more: who has hardly another is counted first and told after.

Ways are named by what they are (`password`, `phone`) or also by which one (`linked:google`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app

from portal.lib import sms
from portal.lib.db import write_tx
from portal.lib.jobs import job, periodic
from portal.lib.mail import post
from portal.lib.text import _
from portal.members import keys, notices
from portal.members.kinds import register
from portal.members.models import EmailAddress, Member
from portal.shop.models import Setting, change_settings, forget, settings

CHUNK = 50  # people told in one transaction
LIVES = timedelta(days=7)  # of a text message about it


@dataclass(frozen=True)
class Way:
    """Who has it whether it is offered or not (a query of ids), if it is off, how it is called."""

    holders: Callable[[str], Any]
    is_off: Callable[[str], bool]
    name: Callable[[str], str]


@dataclass(frozen=True)
class Loss:
    """Of those who have a way and no passkey or the like: how many a mailed code still lets in."""

    way: str
    name: str
    by_mail: int
    stranded: int  # nothing lets them in


_ways: dict[str, Way] = {}


def add(kind: str, way: Way) -> None:
    """Know a way in that the shop can end."""
    _ways[kind] = way


def losses(ways: Iterable[str]) -> list[Loss]:
    """What it would mean to end these ways, as long as it means something to anybody."""
    ending = frozenset(ways)
    found = []
    for way in sorted(ending):
        people, mailable = _left(way, ending), Member.id.in_(keys.with_addresses())
        by_mail = people.where(mailable).count()
        stranded = people.where(~mailable).count()
        if by_mail or stranded:
            found.append(Loss(way, _name(way), by_mail, stranded))
    return found


def tell(ways: Iterable[str]) -> None:
    """Begin to tell everybody whom it concerns that these have ended; in the owner's deed."""
    with write_tx():
        waiting = _waiting()
        known = {entry.rpartition(":")[0] for entry in waiting}
        new = [f"{way}:0" for way in sorted(set(ways)) if way not in known]
        if new:
            change_settings(ways_ended=",".join([*waiting, *new]))
            go_on()


@job()
def go_on() -> None:
    """Tell the next people until none is left; taken up again after a kill, without doubles."""
    while _next():
        pass


@periodic("members.ways_ended")
def sweep() -> None:
    """Go on where a worker died."""
    if settings().ways_ended:
        go_on.call_local()


def _next() -> bool:
    """Tell one chunk; two workers take turns."""
    forget()  # another process may have switched something a moment ago
    with write_tx():
        waiting = _waiting()
        if not waiting:
            return False
        way, _colon, after = waiting.pop(0).rpartition(":")
        people = [] if not _is_off(way) else list(
            _left(way).where(Member.id > int(after)).order_by(Member.id).limit(CHUNK)
        )  # fmt: skip
        for member in people:
            _tell(member, way)
        if people:
            waiting.append(f"{way}:{people[-1].id}")
        change_settings(ways_ended=",".join(waiting))
        return bool(waiting)


def _waiting() -> list[str]:
    """Which ways are told of, and up to which member; holds the row that says so."""
    Setting.update(key=Setting.key).where(Setting.key == "ways_ended").execute()
    row = Setting.get_or_none(Setting.key == "ways_ended")
    return row.value.split(",") if row and row.value else []


def _left(way: str, ending: frozenset[str] = frozenset()) -> Any:
    """Those who have this way and, but for a mailed code, no other, once `ending` are over."""
    kind, _colon, which = way.partition(":")
    people = Member.select().where(
        Member.id.in_(_ways[kind].holders(which))
        & Member.closed_at.is_null()
        & Member.merged_into.is_null()
    )
    for other, ids in keys.everybody(ending).items():
        if other != keys.CODE:
            people = people.where(Member.id.not_in(ids))
    return people


def _is_off(way: str) -> bool:
    kind, _colon, which = way.partition(":")
    return _ways[kind].is_off(which)


def _name(way: str) -> str:
    kind, _colon, which = way.partition(":")
    return _ways[kind].name(which)


def _tell(member: Member, way: str) -> None:
    """Mail how to come in from now on; who has no address gets a text message, if one can go."""
    shop, name = settings(), _name(way)
    member.record("way.ended", way=name)
    opening = [email for email in EmailAddress.select().where(
        EmailAddress.member == member).order_by(EmailAddress.id) if email.opens]  # fmt: skip
    email = max(opening, key=lambda email: email.verified_at is not None, default=None)
    if email:
        post(
            email.address,
            "way_ended",
            subject=_("How you sign in at %(shop)s from now on", shop=shop.name),
            why=_(
                "You got this mail because it is about the way into your account at %(shop)s. "
                "Mails like this one keep it safe and cannot be switched off.",
                shop=shop.name,
            ),
            member_id=member.id,
            way=name,
            address=email.address,
        )
    elif sms.is_on():
        for number in notices.numbers(member)[:1]:
            sms.post_text(number, _sentence(name), kind="notice", member_id=member.id, lives=LIVES)


def _sentence(name: str) -> str:
    shop = settings()
    return _(
        "%(shop)s no longer lets anybody sign in with %(way)s. Your account is safe and waits. "
        "To get back in, write to %(whom)s or see %(where)s",
        shop=shop.name,
        way=name,
        whom=shop.contact or shop.name,
        where=f"{current_app.config['BASE_URL']}/recover",
    )


register(
    "way.ended",
    group="account",
    staff="The shop ended a way in that this account used: %(way)s.",
    member="The shop no longer lets anybody sign in with %(way)s.",
)
