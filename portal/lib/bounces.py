"""What mail servers report about our mails: late, or come back for good, and why.

A report counts only for a mail whose Message-ID it gives back whole (see Mail.name): who never had
the mail can't say that it came back.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr

from blinker import signal

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.mail import Mail
from portal.lib.text import _

#: Sent with `mail` in the transaction that notes what a server said of it.
reported = signal("mail reported")

log = logging.getLogger("portal.bounces")

LONGEST = 250_000  # bytes of a message that are read; a report says all within the first few
_NAMES = 20  # different Message-IDs of ours that one message may hold
_NAME = re.compile(rb"<(\d{1,9}\.[0-9a-f]{24}\.[0-9a-f]{16})@")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_POSTMEN = ("mailer-daemon", "postmaster", "mail delivery subsystem")


@dataclass(frozen=True)
class Verdict:
    """What a server says became of a mail: `action` is failed, delayed, or something that is well.

    `words` are its own, led by the status of RFC 3463, such as `5.1.1 User unknown`.
    """

    action: str
    words: str


def read(raw: bytes) -> Mail | None:
    """Note what a report says about one of our mails; None for anything that is no such report.

    The same report again changes nothing. Raises what the database raises.
    """
    verdict, names = _look(raw[:LONGEST])
    mail = next(filter(None, map(_mail_of, names)), None) if verdict else None
    if verdict is None or mail is None:
        return None
    with write_tx():
        if _note(mail, verdict):
            reported.send(Mail, mail=mail)
    return mail


def judge(message: Message) -> Verdict | None:
    """The verdict of a message, if it is a report of a mail server at all."""
    verdicts = [v for part in message.walk() for block in _blocks(part) if (v := _verdict(block))]
    for action in ("failed", "delayed"):
        for verdict in verdicts:
            if verdict.action == action:
                return verdict
    return verdicts[0] if verdicts else _in_prose(message)


def reason(error: str | None) -> str:
    """What a status of RFC 3463 at the head of a server's words means to people, or nothing."""
    found = re.match(r"([245])\.(\d+)\.(\d+)", error or "")
    if found is None:
        return ""
    kind, place = int(found[2]), int(found[3])
    if (kind, place) in ((1, 1), (1, 6), (1, 10), (4, 1)) and found[1] == "5":
        return _("the mailbox does not exist")
    if (kind, place) in ((1, 2), (4, 4), (4, 3)):
        return _("nobody takes mail for what stands after the @")
    if (kind, place) == (2, 1):
        return _("the mailbox is switched off")
    if (kind, place) in ((2, 2), (2, 3), (3, 1), (3, 4)):
        return _("the mailbox is full")
    if kind == 4:
        return _("their mail server does not answer")
    return _("their mail server refuses our mails") if kind == 7 else ""


def _note(mail: Mail, verdict: Verdict) -> bool:
    """Keep the verdict: coming back is final, lateness is not. False when it says nothing new."""
    values: dict[str, object] = {"error": verdict.words, "next_try_at": now()}
    open_ = (Mail.id == mail.id) & Mail.status.in_(("sending", "sent"))
    if verdict.action == "failed":
        came_back = Mail.update(status="bounced", sealed=None, **values).where(open_)
        return bool(came_back.execute())
    if verdict.action == "delayed":
        sent = (Mail.id == mail.id) & (Mail.status == "sent")
        return bool(Mail.update(**values).where(sent & Mail.error.is_null()).execute())
    late = open_ & Mail.error.is_null(False)
    return bool(Mail.update(error=None).where(late).execute())


def _look(raw: bytes) -> tuple[Verdict | None, list[str]]:
    """The verdict of a message, and the names of mails of ours that it holds."""
    try:
        message = message_from_bytes(raw)
        verdict = judge(message)
        texts = [raw, *_decoded(message)] if verdict else []
    except Exception:  # whatever a stranger wrote into a mail must not stop those behind it
        log.warning("a message among the reports could not be read", exc_info=True)
        return None, []
    found = dict.fromkeys(name for text in texts for name in _NAME.findall(text))
    return verdict, [name.decode("ascii") for name in found][:_NAMES]


def _mail_of(name: str) -> Mail | None:
    """The mail that was sent under this name."""
    mail: Mail | None = Mail.get_or_none(Mail.id == int(name.partition(".")[0]))
    return mail if mail and mail.has_name(name) else None


def _decoded(message: Message) -> Iterator[bytes]:
    """The parts that are written in base64 or with soft line ends."""
    for part in message.walk():
        coding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if coding in ("base64", "quoted-printable") and not part.is_multipart():
            yield part.get_payload(decode=True) or b""  # type: ignore[misc]


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status (RFC 3464, RFC 6533)."""
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return
    inside = part.get_payload()
    text = "\n\n".join(map(_plain, inside if isinstance(inside, list) else [part]))
    for group in re.split(r"\n[ \t]*\n", text):
        yield HeaderParser().parsestr(group.strip("\n"))


def _plain(block: Message) -> str:
    """A group of fields as it came, with what follows it."""
    fields = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    text = f"{fields}\n\n{block.get_payload()}".replace("\r\n", "\n")
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _verdict(block: Message) -> Verdict | None:
    """What a group of fields says of one recipient."""
    action = str(block.get("Action", "")).split("(")[0].strip().lower()
    if not action:
        return None
    said = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    return Verdict(action, _words(str(block.get("Status", "")), said))


def _words(status: str, said: str) -> str:
    """The server's words in one line, led by the status that says most."""
    plain = "".join(c if c.isprintable() else " " for c in said)
    plain = re.sub(r"^\d{3}[ -]", "", " ".join(plain.split()))
    own, inner = _STATUS.search(status), _STATUS.search(plain)
    vague = own is None or own[1].endswith(".0.0")
    best = inner if inner and vague else own
    if best is None:
        return plain[:300]
    rest = plain.removeprefix(best[1]).lstrip(" :-") if plain.startswith(best[1]) else plain
    return f"{best[1]} {rest}".strip()[:300]


def _in_prose(message: Message) -> Verdict | None:
    """The verdict of a server that writes for people only; its status must stand in the text."""
    name, address = parseaddr(str(message.get("From", "")))
    writer = f"{name} {address}".lower()
    if not message.get("X-Failed-Recipients") and not any(p in writer for p in _POSTMEN):
        return None
    for part in message.walk():
        if part.get_content_type() != "text/plain":
            continue
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
        for line in text.splitlines():
            if (found := _STATUS.search(line)) and found[1][0] in "45":
                return Verdict("failed" if found[1][0] == "5" else "delayed", _words("", line))
    return None
