"""The mailbox in which reports of mail servers arrive is read every minute, over IMAP."""

import imaplib
import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from portal.lib import bounces
from portal.lib.clock import now
from portal.lib.jobs import periodic
from portal.shop.models import change_settings, settings

log = logging.getLogger("portal.bounces")
TIMEOUT = 10  # seconds for each answer of the server
AT_ONCE = 40  # seconds for one reading; what is left waits for the next minute
HERE = ("localhost", "127.0.0.1", "::1")


@periodic("mail.bounces")
def read_each_minute() -> None:
    """Read what came within a minute."""
    read_mailbox()


def read_mailbox() -> None:
    """Read what came since; a mailbox that can't be read is named on the owner's outbox page."""
    address = current_app.config["BOUNCES_URL"]
    if not address:
        return
    try:
        with _opened(urlsplit(address)) as box:
            _read_all(box)
    except (OSError, imaplib.IMAP4.error, UnicodeError) as problem:
        said = problem.args[0] if problem.args else ""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(problem)
        log.warning("the mailbox of BOUNCES_URL cannot be read: %s", words)
        _tell(words[:200] or type(problem).__name__)
    else:
        _tell("")


@contextmanager
def _opened(url: SplitResult) -> Iterator[imaplib.IMAP4]:
    """The mailbox, over TLS with a certificate that checks; without only on this machine."""
    host, context = url.hostname or "", ssl.create_default_context()
    box: imaplib.IMAP4
    if url.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=context, timeout=TIMEOUT)
    else:
        box = imaplib.IMAP4(host, url.port or 143, timeout=TIMEOUT)
    with box:
        if url.scheme == "imap" and host not in HERE:
            box.starttls(context)
        box.login(_quoted(unquote(url.username or "")), unquote(url.password or ""))
        folder = unquote(url.path.strip("/")) or "INBOX"
        _asked(box.select(_quoted(folder)))
        yield box


def _read_all(box: imaplib.IMAP4) -> None:
    """Take each message that nobody read: reports go, anything else stays for people, as read."""
    (able,) = _asked(box.capability())
    (found,) = _asked(box.uid("SEARCH", "UNSEEN", "UNDELETED"))
    until = time.monotonic() + AT_ONCE
    for number in (found or b"").decode("ascii").split():
        if time.monotonic() > until:
            break
        parts = _asked(box.uid("FETCH", number, f"(BODY.PEEK[]<0.{bounces.LONGEST}>)"))
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if raw is None:
            continue  # somebody else took it meanwhile
        if bounces.read(raw) is None:
            _asked(box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
            continue
        _asked(box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        if b"UIDPLUS" in able.upper():  # a plain EXPUNGE takes what others marked, too
            _asked(box.uid("EXPUNGE", number))


def _asked(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server answered; raises imaplib's error when it refused."""
    state, data = answer
    if state != "OK":
        raise imaplib.IMAP4.error(b" ".join(filter(None, data)).decode("utf-8", "replace"))
    return data


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _tell(problem: str) -> None:
    """Keep since when it can't be read, once; and that it can again."""
    known = settings().bounces_trouble
    if problem and not known:
        change_settings(bounces_trouble=f"{now():%Y-%m-%d %H:%M} UTC: {problem}")
    elif known and not problem:
        change_settings(bounces_trouble="")
