"""What mail servers send back is noted on the mail it is about, and on no other."""

import base64
import datetime
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from factories import make_member
from flask import Flask
from postbox import Box, served
from reports import ANSWER, AWAY, EXCHANGE, EXIM, GMAIL, QMAIL, WHOLE_IN_BASE64, postfix

from portal.lib.bounces import read, reason
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail, _mark, as_message, post
from portal.members.models import Member
from portal.ops.bounces import read_mailbox
from portal.ops.migrate import migrate
from portal.shop.models import settings

CHANCE = "00112233445566aa"


def sent(to: str = "alice@example.com", **values: Any) -> Mail:
    """A mail that a server took."""
    with write_tx():
        mail = post(
            to, "sign_in_code", subject="Your code", why="You asked.", secret="K7", **values
        )
        Mail.update(status="sent", sent_at=now(), sealed=None).where(Mail.id == mail.id).execute()
    return Mail.get_by_id(mail.id)


def state(mail: Mail) -> tuple[str, str | None]:
    """What the outbox says of it."""
    found = Mail.get_by_id(mail.id)
    return found.status, found.error


def test_a_mail_goes_out_under_a_name_that_only_the_shop_can_make(app: Flask) -> None:
    mail = sent()
    names = {as_message(mail)["Message-ID"] for _ in range(3)}
    assert len(names) == 3
    for name in names:
        plain = name.strip("<>").removesuffix("@localhost")
        assert (mail.has_name(plain), plain.split(".")[0]) == (True, str(mail.id))


@pytest.mark.parametrize(
    ("report", "error", "meaning"),
    [
        (postfix("{name}").decode(),
         "5.1.1 <alice@example.com>: Recipient address rejected: User unknown in virtual table",
         "the mailbox does not exist"),
        (EXCHANGE, "5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
         "the mailbox is full"),
        (GMAIL, "5.1.1 The email account that you tried to reach does not exist. Please "
         "550-5.1.1 try double-checking the recipient's email address.",
         "the mailbox does not exist"),
        (EXIM, "5.1.1 unknown user", "the mailbox does not exist"),
        (QMAIL, "5.1.1 Sorry, no mailbox here by that name. (#5.1.1)",
         "the mailbox does not exist"),
    ],
    ids=["Postfix", "Exchange", "Gmail", "Exim", "qmail"],
)  # fmt: skip
def test_a_report_says_that_the_mail_came_back_and_why(
    app: Flask, report: str, error: str, meaning: str
) -> None:
    mail, other = sent(), sent("bob@example.com")
    read(report.replace("{name}", mail.name(CHANCE)).encode())
    assert (state(mail), reason(error)) == (("bounced", error), meaning)
    assert state(other) == ("sent", None)


def test_the_returned_mail_may_be_in_base64(app: Flask) -> None:
    mail = sent()
    whole = f"Subject: Your code\r\nMessage-ID: <{mail.name(CHANCE)}@localhost>\r\n"
    report = WHOLE_IN_BASE64.format(base64=base64.b64encode(whole.encode()).decode())
    read(report.encode())
    assert state(mail) == ("bounced", "5.7.1")


def test_a_delay_is_shown_and_ends(app: Flask) -> None:
    mail = sent()
    name = mail.name(CHANCE)
    read(postfix(name, "delayed", "4.4.1"))
    assert state(mail)[0] == "sent"
    assert reason(state(mail)[1]) == "their mail server does not answer"
    read(postfix(name, "delivered", "2.0.0"))
    assert state(mail) == ("sent", None)
    read(postfix(name, "delayed", "4.4.1"))
    read(postfix(name, "failed", "4.4.7"))
    assert state(mail)[0] == "bounced"
    read(postfix(name, "delivered", "2.0.0"))
    read(postfix(name, "delayed", "4.4.1"))
    assert state(mail)[0] == "bounced"


def test_the_same_report_again_changes_nothing(app: Flask) -> None:
    alice = make_member(email="alice@example.com")
    mail = sent(member_id=alice.id)
    assert read(postfix(mail.name(CHANCE))) == mail
    before = (state(mail), Mail.get_by_id(mail.id).reported_at, Member.get_by_id(alice.id).version)
    assert before[2] == alice.version + 1
    assert read(postfix(mail.name(CHANCE))) == mail
    after = (state(mail), Mail.get_by_id(mail.id).reported_at, Member.get_by_id(alice.id).version)
    assert after == before


def test_a_forged_report_is_none(app: Flask) -> None:
    mail, other = sent(), sent("bob@example.com")
    name = mail.name(CHANCE)
    _id, check, chance = name.split(".")
    wrong = "0" if check[0] != "0" else "1"
    forged = [
        f"{mail.id}.{wrong}{check[1:]}.{chance}",
        f"{other.id}.{check}.{chance}",
        f"{mail.id}.{check}.{'f' * 16}",
        f"999999999.{check}.{chance}",
        f"{mail.id}",
        "",
    ]
    assert [read(postfix(name)) for name in forged] == [None] * 6
    assert [state(mail), state(other)] == [("sent", None)] * 2
    flood = " ".join(f"<{mail.id}.{n:024x}.{chance}@localhost>" for n in range(100))
    assert read(postfix("x") + f"{flood} <{name}@localhost>".encode()) is None


@pytest.mark.parametrize("text", [AWAY, ANSWER], ids=["away", "an answer"])
def test_what_people_answer_is_no_report(app: Flask, text: str) -> None:
    mail = sent()
    assert read(text.format(name=mail.name(CHANCE)).encode()) is None
    assert state(mail) == ("sent", None)


def hostile(name: str) -> list[bytes]:
    """Messages that break what reads them, if anything does."""
    report = postfix(name)
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(1000)
    )
    return [
        b"", b"\0" * 100, b"\xff\xfe" * 1000, report[:700], nested + report,
        b"Content-Type: text/plain; charset=klingon\r\nFrom: postmaster@x\r\n\r\n5.1.1",
        b"From: =?x?b?!!?=\xff <mailer-daemon@x>\r\nContent-Type: multipart/report\r\n\r\n",
        report.replace(b"Content-Type: message/delivery-status", b"Content-Type: message/"),
    ]  # fmt: skip


def test_a_broken_message_is_no_report(app: Flask) -> None:
    mail = sent()
    for raw in hostile("1.2.3"):
        assert read(raw) is None
    assert state(mail) == ("sent", None)


def test_words_from_outside_are_kept_as_one_short_line(app: Flask) -> None:
    mail = sent()
    raw = postfix(mail.name(CHANCE)).replace(
        b"Recipient address\n", b"\0\x1b[31m\xff\xe2\x80\xae" + b"x" * 5000 + b"\n"
    )
    read(raw)
    status, error = state(mail)
    assert (status, len(error or ""), (error or "").isprintable()) == ("bounced", 300, True)


def test_a_report_that_is_faster_than_the_servers_own_answer_stands(app: Flask) -> None:
    mail = sent()
    Mail.update(status="sending").where(Mail.id == mail.id).execute()
    read(postfix(mail.name(CHANCE)))
    _mark(mail, "sent")
    assert state(mail)[0] == "bounced"


def test_the_mailbox_is_read_and_reports_go(app: Flask) -> None:
    mail, late, fine = sent(), sent("bob@example.com"), sent("carol@example.com")
    name = mail.name(CHANCE)
    box = Box(
        postfix(name), *hostile("1.2.3"), ANSWER.format(name=fine.name(CHANCE)).encode(),
        postfix(late.name(CHANCE), "delayed", "4.4.1"),
    )  # fmt: skip
    with served(box):
        app.config["BOUNCES_URL"] = box.url
        read_mailbox()
        assert [state(m)[0] for m in (mail, late, fine)] == ["bounced", "sent", "sent"]
        assert reason(state(late)[1]) == "their mail server does not answer"
        assert sorted(box.messages) == list(range(2, 11))
        assert {frozenset(box.flags[uid]) for uid in box.messages} == {frozenset({"\\Seen"})}
        box.asked.clear()
        read_mailbox()
        assert [asked for asked in box.asked if "FETCH" in asked or "STORE" in asked] == []
    assert settings().bounces_trouble == ""


def test_without_uidplus_only_the_marks_are_set(app: Flask) -> None:
    mail = sent()
    box = Box(postfix(mail.name(CHANCE)))
    box.able = "IMAP4rev1"
    with served(box):
        app.config["BOUNCES_URL"] = box.url
        read_mailbox()
        assert (state(mail)[0], box.flags) == ("bounced", {1: {"\\Seen", "\\Deleted"}})
        assert [asked for asked in box.asked if "EXPUNGE" in asked] == []


def test_a_connection_that_breaks_loses_no_report(app: Flask) -> None:
    mail = sent()
    box = Box(postfix(mail.name(CHANCE)))
    with served(box):
        app.config["BOUNCES_URL"] = box.url
        box.dies_at = "STORE"
        read_mailbox()
        assert (state(mail)[0], box.flags) == ("bounced", {1: set()})
        box.dies_at = ""
        read_mailbox()
    assert (state(mail)[0], box.messages) == ("bounced", {})


@pytest.mark.parametrize("wrong", ["password", "folder", "port"])
def test_a_mailbox_that_cannot_be_read_is_told_to_the_owner(
    app: Flask, sign_in: Any, wrong: str
) -> None:
    owner = sign_in(make_member("Marit De Smet", role="owner"))
    with served(Box()) as box:
        url = box.url
        broken = {
            "password": url.replace("p%22", "p"),
            "folder": url.replace("/in", "/out"),
            "port": "imap://shop:secret@127.0.0.1:1/INBOX",
        }[wrong]
        app.config["BOUNCES_URL"] = broken
        read_mailbox()
        told = settings().bounces_trouble
        words = {"password": "not you", "folder": "no such mailbox", "port": "refused"}[wrong]
        assert (words in told, "p%22w" in told, "secret" in told) == (True, False, False)
        read_mailbox()
        assert settings().bounces_trouble == told
        assert "What mail servers send back can’t be read" in owner.get("/staff/outbox").text
        app.config["BOUNCES_URL"] = url
        read_mailbox()
    assert "can’t be read" not in owner.get("/staff/outbox").text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A certificate for localhost that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, form, plain) + made.public_bytes(pem))
    return str(path)


def test_over_tls_a_certificate_that_does_not_check_gets_no_password(
    app: Flask, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = sent()
    box = Box(postfix(mail.name(CHANCE)))
    with served(box, certificate):
        app.config["BOUNCES_URL"] = box.url
        read_mailbox()
        assert (box.asked, state(mail)[0]) == ([], "sent")
        assert "certificate" in settings().bounces_trouble.lower()
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        read_mailbox()
        app.config["BOUNCES_URL"] = box.url.replace("localhost", "127.0.0.1")
        assert (state(mail)[0], settings().bounces_trouble) == ("bounced", "")
        box.asked.clear()
        read_mailbox()  # a certificate for another name
    assert (box.asked, settings().bounces_trouble != "") == ([], True)


def piped(raw: bytes, **environment: str) -> tuple[int, str]:
    """What the command answers to the mail server that pipes a message into it."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "read-bounce"],
        input=raw, capture_output=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.decode()


@pytest.mark.command
def test_the_pipe_of_a_mail_server_gets_the_exit_codes_it_knows(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    migrate()
    mail = sent()
    shop = {
        "DATABASE_URL": database_url, "SECRET_KEY": "k" * 43, "INSTANCE": str(tmp_path),
        "BASE_URL": "http://localhost:8000",
    }  # fmt: skip
    empty = {**shop, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    report, other = postfix(mail.name(CHANCE)), postfix("1.2.3") + b"x" * 3_000_000
    tries = [(report, shop), (other, shop), (report, empty)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda one: piped(one[0], **one[1]), tries))
    assert [code for code, _said in answers] == [0, 65, 75]
    assert [said for _code, said in answers[:2]] == [
        "", "Nobody reads mail here: this is no report about a mail of this shop.\n",
    ]  # fmt: skip
    assert state(mail)[0] == "bounced"


def test_the_desk_and_the_timelines_say_that_it_came_back(app: Flask, sign_in: Any) -> None:
    alice = make_member(email="alice@example.com")
    mail = sent(member_id=alice.id)
    read(postfix(mail.name(CHANCE)))
    told = sign_in(alice).get("/account/activity").text
    assert "Our mail “Your code” came back: the mailbox does not exist." in told
    owner = sign_in(make_member("Marit De Smet", role="owner"))
    member = owner.get(f"/staff/members/{alice.number}").text
    assert "mail comes back: the mailbox does not exist" in member
    assert "The mail “Your code” to alice@example.com came back: 5.1.1" in member
    assert "Came back" in owner.get("/staff/outbox").text
    assert "User unknown" in owner.get(f"/staff/outbox/{mail.id}").text
    sent(member_id=alice.id)  # a later one was taken
    assert "mail comes back" not in owner.get(f"/staff/members/{alice.number}").text
