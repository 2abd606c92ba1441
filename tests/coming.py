"""Browsers that come in, as tests of sessions and warnings need them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.lib.db import db, write_tx
from portal.lib.mail import Mail
from portal.members.models import Event, Member, OneTimeLink

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def come(
    app: Flask,
    member: Member,
    agent: str = FIREFOX,
    at: str = "127.0.0.1",
    client: FlaskClient | None = None,
) -> Any:
    """A browser that comes in by a one-time link, from an address."""
    client = client or app.test_client()
    token = OneTimeLink.leave("sign-in", member, timedelta(minutes=10), "")
    answer = client.post(
        f"/sign-in/link/{token}",
        headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": at},
    )
    assert answer.status_code == 303
    return client


def told(kind: str = "account_change") -> list[str]:
    """The subjects of the mails about what changed."""
    return [mail.subject for mail in Mail.select().where(Mail.kind == kind).order_by(Mail.id)]


def kinds(member: Member) -> list[str]:
    """What happened to a member."""
    return [event.kind for event in Event.select().where(Event.member == member).order_by(Event.id)]


def rolled_back(member: Member, kind: str) -> None:
    """Something happens, and then the deed fails: ZeroDivisionError."""
    with write_tx():
        member.record(kind)
        raise ZeroDivisionError


def at_once(app: Flask, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at the same time, each in a thread with its own connection."""

    def do(deed: Callable[[], Any]) -> Any:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                return deed()
            finally:
                db.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))
