"""Mails go out through a real SMTP server, once, and say nothing where they wait."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from serving import free_port
from time_machine import travel

from portal.lib import jobs
from portal.lib.db import write_tx
from portal.lib.mail import Mail, deliver, is_address, post, sweep


class Server:
    """An SMTP server that answers as it is told and keeps what it takes."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Answer the next prepared line, or take the mail."""
        if self.answers:
            return self.answers.pop(0)
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture
def smtp(app: Flask) -> Iterator[Server]:
    """The shop's mail server on loopback."""
    server = Server()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield server
    controller.stop()


def write(to: str = "alice@example.com", **values: object) -> Mail:
    """A mail with a code in it, in the outbox."""
    values = {"subject": "Your code", "why": "You asked for it.", "secret": "K7QM4T", **values}
    with write_tx():
        return post(to, "sign_in_code", **values)  # type: ignore[arg-type]


def test_a_mail_is_sent_with_text_and_html_and_says_why(app: Flask, smtp: Server) -> None:
    mail = write()
    assert jobs.run_waiting() == 1
    ((to, content),) = smtp.taken
    message = message_from_bytes(content, policy=policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert (to, message["Subject"]) == (["alice@example.com"], "Your code")
    assert ["K7QM4T" in text, "K7QM4T" in html] == [True, True]
    assert ["You asked for it." in text, "You asked for it." in html] == [True, True]
    sent = Mail.get_by_id(mail.id)
    assert (sent.status, sent.sealed) == ("sent", None)


def test_a_line_that_begins_with_from_arrives_as_it_was_written(app: Flask, smtp: Server) -> None:
    with write_tx():
        post(
            "alice@example.com",
            "letter",
            subject="A word",
            why="By hand.",
            text="From Monday on\nwe are closed.",
            step=False,
        )
    jobs.run_waiting()
    ((_to, content),) = smtp.taken
    message = message_from_bytes(content, policy=policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "From Monday on\n" in text.replace("\r", "")
    assert ">From" not in text


def test_a_code_is_nowhere_to_be_read_while_it_waits(app: Flask) -> None:
    mail = Mail.get_by_id(write().id)
    stored = " ".join(str(value) for value in mail.__data__.values())
    assert "K7QM4T" not in stored
    assert mail.secret() == "K7QM4T"
    assert "K7QM4T" not in " ".join(mail.filled())


def test_a_mail_of_a_deed_that_failed_is_never_sent(app: Flask, smtp: Server) -> None:
    def half() -> None:
        with write_tx():
            write()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert (jobs.run_waiting(), Mail.select().count(), smtp.taken) == (0, 0, [])


def test_a_server_that_is_busy_is_asked_again_and_takes_it_once(app: Flask, smtp: Server) -> None:
    smtp.answers = ["451 come back later"]
    mail = write()
    jobs.run_waiting()
    assert (Mail.get_by_id(mail.id).status, smtp.taken) == ("pending", [])
    with travel(Mail.get_by_id(mail.id).next_try_at + timedelta(minutes=1), tick=False):
        sweep.call_local()
    deliver.call_local(mail.id)
    assert (Mail.get_by_id(mail.id).status, len(smtp.taken)) == ("sent", 1)


def test_a_refusal_for_good_is_kept_with_its_reason(app: Flask, smtp: Server) -> None:
    smtp.answers = ["550 no such person here"]
    mail = write()
    jobs.run_waiting()
    failed = Mail.get_by_id(mail.id)
    assert (failed.status, failed.sealed) == ("failed", None)
    assert "no such person here" in failed.error


def test_a_code_that_waited_too_long_is_not_sent_any_more(app: Flask, smtp: Server) -> None:
    mail = write(lives=timedelta(minutes=10))
    with travel(mail.created_at + timedelta(minutes=11)):
        jobs.run_waiting()
    assert (Mail.get_by_id(mail.id).status, smtp.taken) == ("dropped", [])


def test_a_subject_cannot_smuggle_headers(app: Flask, smtp: Server) -> None:
    write(subject="Hello\r\nBcc: mallory@example.com")
    jobs.run_waiting()
    ((to, content),) = smtp.taken
    message = message_from_bytes(content, policy=policy.default)
    assert (to, message["Bcc"]) == (["alice@example.com"], None)


def test_no_server_means_that_mails_wait_in_the_outbox(app: Flask) -> None:
    mail = write()
    assert (jobs.run_waiting(), Mail.get_by_id(mail.id).status) == (0, "pending")


def test_a_dead_server_loses_nothing(app: Flask) -> None:
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{free_port()}"
    mail = write()
    jobs.run_waiting()
    kept = Mail.get_by_id(mail.id)
    assert (kept.status, kept.tries, kept.secret()) == ("pending", 1, "K7QM4T")


@pytest.mark.parametrize(
    "text",
    [
        "alice(x)@example.com", "a:b@example.com", "a\0b@example.com", "alice@[127.0.0.1]",
        "alice@example.com,eve@example.com", "<alice@example.com>", '"a"@example.com',
        "a b@c.de", "alice@example",
        "alice@example.com\r\nBcc: eve@example.com", "ß" * 200 + "@example.com", "",
    ],
)  # fmt: skip
def test_what_mail_software_would_read_otherwise_is_no_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize("text", ["o'neil+tea@mail.example.co.uk", "zoë@müller.example", "_@a-b.d"])
def test_a_plain_address_is_one(text: str) -> None:
    assert is_address(text)
