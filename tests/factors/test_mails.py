"""The mails of passwords and second steps, as a real SMTP server takes them."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from aiosmtpd.controller import Controller
from factories import make_member
from flask import Flask
from serving import free_port

from portal.factors import passwords, recovery_codes, sent
from portal.factors.jobs import remind
from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.members.models import EmailAddress, Member
from portal.shop.models import change_settings

GOOD = "zebra tulip ladder cobalt"


class Mailbox:
    """What the server took, newest last."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Keep what came."""
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def newest(self) -> tuple[str, str, str]:
        """Subject, text and HTML of the newest mail."""
        run_waiting()
        message = self.taken[-1]
        text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        return message["Subject"], text, html


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """The shop's mail server on loopback."""
    kept, port = Mailbox(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield kept
    controller.stop()


@pytest.fixture
def alice(mailbox: Mailbox) -> Member:
    """A member with a password and a proved address."""
    change_settings(passwords=True, password_reminder=True)
    alice = make_member(email="alice@example.com")
    EmailAddress.update(verified_at=now()).execute()
    passwords.keep(alice, GOOD, session_id=0)
    return alice


def test_a_second_code_arrives_as_text_and_html_and_says_why(alice, mailbox, client) -> None:
    sent.add_mail(alice, session_id=0)
    client.post("/sign-in/password", data={"email": "alice@example.com", "password": GOOD})
    client.post("/sign-in/second/send", data={"by": "mail"})
    subject, text, html = mailbox.newest()
    assert subject == "Your second code for Fern & Kettle"
    code = text.split("Your second code is ")[1][:6]
    assert f'<p class="code">{code}</p>' in html
    for part in (text, html):
        assert "and your account has two-step verification." in part
    client.post("/sign-in/second", data={"by": "mail", "code": code})
    assert client.get("/account/security").status_code == 200


def test_the_reminder_says_that_nobody_has_to_change_anything(alice, mailbox) -> None:
    with time_machine.travel(now() + timedelta(days=366)):
        remind.call_local()
        subject, text, html = mailbox.newest()
    assert subject == "Your password at Fern & Kettle is a year old"
    for part in (text, html):
        assert "A good password does not wear out: keep it" in part
        assert "tells everybody once a year how old their password is." in part


def test_each_change_of_a_way_in_is_one_mail(alice: Member, mailbox: Mailbox) -> None:
    sent.add_mail(alice, session_id=0)
    sent.remove(alice, "mail")
    codes = recovery_codes.make(alice)
    recovery_codes.use(alice, codes[0])
    recovery_codes.use(alice, codes[0])
    passwords.remove(alice, session_id=0)
    mailbox.newest()
    assert [message["Subject"] for message in mailbox.taken] == [
        "Your account at Fern & Kettle has a password now",
        "A second step was added to your account at Fern & Kettle",
        "A second step was removed from your account at Fern & Kettle",
        "New recovery codes for your account at Fern & Kettle",
        "A recovery code of your account at Fern & Kettle was used",
        "The password of your account at Fern & Kettle was removed",
    ]
