"""Mail: every message is a row first (the outbox), sent by a job, and says why it was sent."""

import hmac
import re
import secrets
import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from peewee import CharField, DateTimeField, IntegerField, TextField

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.lib.jobs import job, periodic
from portal.lib.tokens import keyed, seal, unseal

SECRET_PLACE = "\N{SYMBOL FOR START OF TEXT}secret\N{SYMBOL FOR END OF TEXT}"
LINK_PLACE = "\N{SYMBOL FOR START OF TEXT}link\N{SYMBOL FOR END OF TEXT}"
TRIES = 8
# Nothing that mail software would read as a comment, a group, a route or a second address.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")


def is_address(text: str) -> bool:
    """Whether this is one plain e-mail address that fits the tables, also as it is compared."""
    return bool(_ADDRESS.fullmatch(text)) and len(text.casefold()) <= 320


class Mail(Base):
    """A message to one person. A secret in it waits sealed and is wiped once the mail is sent.

    `status`: pending, sending, sent, failed (refused at once), bounced (came back), dropped, kept.
    A mail that was sent and has an `error` is delayed, as a server on its way reported.
    """

    to = CharField(max_length=320)
    subject = CharField(max_length=300)
    text = TextField()
    html = TextField()
    kind = CharField(max_length=60)
    why = CharField(max_length=500)
    sealed = TextField(null=True)
    member_id = IntegerField(null=True)
    status = CharField(max_length=10, default="pending", index=True)
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(null=True)
    next_try_at = DateTimeField(default=now)
    sent_at = DateTimeField(null=True)
    tries = IntegerField(default=0)
    error = CharField(max_length=500, null=True)

    class Meta:
        indexes = ((("member_id", "created_at", "id"), False),)

    def filled(self, secret: str | None = None) -> tuple[str, str]:
        """Text and HTML with the secret in its place, or dots where it is not to be read.

        A code may have a link beside it: the token of the link is the secret's second line.
        """
        shown, _line, link = (secret if secret is not None else "••••••\n••••••").partition("\n")
        text, html = (
            part.replace(SECRET_PLACE, shown).replace(LINK_PLACE, link)
            for part in (self.text, self.html)
        )
        return text, html

    @property
    def tried_at(self) -> datetime:
        """When it was given to a mail server last, whatever came of it (once `tries` counts)."""
        return self.next_try_at - (timedelta() if self.status == "sending" else _pause(self.tries))

    @property
    def reported_at(self) -> datetime:
        """When it came back, or was said to be late."""
        return self.next_try_at

    def name(self, chance: str) -> str:
        """The left part of its Message-ID: id, a check that needs SECRET_KEY, and a random part.

        So a report names the mail it is about, and nobody else can make one up.
        """
        check = keyed("message-id", f"{self.id} {chance} {self.to}")[:24]
        return f"{self.id}.{check}.{chance}"

    def has_name(self, name: str) -> bool:
        """Whether this mail was sent under the name."""
        return hmac.compare_digest(self.name(name.rpartition(".")[2]), name)

    def secret(self) -> str | None:
        """The sealed secret, while the mail waits."""
        return unseal(self.sealed, "mail") if self.sealed else None


def post(
    to: str,
    template: str,
    *,
    why: str,
    subject: str,
    secret: str | None = None,
    link: str = "",
    member_id: int | None = None,
    lives: timedelta | None = None,
    **context: object,
) -> Mail:
    """Put a mail into the outbox in the caller's transaction.

    `template` names templates/mail/<template>.txt and .html; they get `secret` (print it, it is
    sealed outside of the text), `link` (a token beside a code, sealed with it), `why`, `subject`
    and the context. After `lives` it is not sent any more.
    """
    values = {**context, "why": why, "subject": subject}
    if secret is not None:
        values["secret"] = SECRET_PLACE
        values["link"] = LINK_PLACE
        secret = f"{secret}\n{link}" if link else secret
    mail = Mail.create(
        to=to,
        subject=" ".join(subject.split())[:300],
        text=render_template(f"mail/{template}.txt", **values),
        html=render_template(f"mail/{template}.html", **values),
        kind=template,
        why=why,
        sealed=seal(secret, "mail") if secret is not None else None,
        member_id=member_id,
        expires_at=now() + lives if lives else None,
    )
    if current_app.config["MAIL_URL"]:
        deliver(mail.id)
    return mail


@job()
def deliver(mail_id: int) -> None:
    """Send one waiting mail; a refusal is tried again with growing pauses, at most TRIES times."""
    if not current_app.config["MAIL_URL"] or not _claim(mail_id):
        return
    mail = Mail.get_by_id(mail_id)
    if mail.expires_at and mail.expires_at < now():
        _mark(mail, "dropped", error="It waited longer than what it holds is valid.")
        return
    if not is_address(mail.to):
        _mark(mail, "failed", error="This is no address that mail can go to.")
        return
    try:
        send(mail)
    except (OSError, smtplib.SMTPException) as problem:
        final = mail.tries >= TRIES or _refused_for_good(problem)
        _mark(mail, "failed" if final else "pending", error=str(problem)[:500])
    else:
        _mark(mail, "sent")


@periodic("mail.sweep")
def sweep() -> None:
    """Take up mails that wait: their job was lost, or their next try is due."""
    if not current_app.config["MAIL_URL"]:
        return
    with write_tx():
        stuck = now() - timedelta(minutes=5)
        Mail.update(status="pending").where(
            (Mail.status == "sending") & (Mail.next_try_at < stuck)
        ).execute()
        due = Mail.select(Mail.id).where((Mail.status == "pending") & (Mail.next_try_at <= now()))
        waiting = [mail.id for mail in due.limit(200)]
    for mail_id in waiting:
        deliver.call_local(mail_id)


def send(mail: Mail) -> None:
    """Speak SMTP with the server of MAIL_URL; raises smtplib.SMTPException or OSError."""
    url = urlsplit(current_app.config["MAIL_URL"])
    context = ssl.create_default_context()
    host = url.hostname or "localhost"
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, url.port or 465, timeout=10, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=10)
    with server:
        server.ehlo()
        if url.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        message, sender = as_message(mail), current_app.config["MAIL_FROM"]
        if f"{sender}{mail.to}".isascii():  # send_message writes “>From” where a line begins so
            server.sendmail(sender, [mail.to], message.as_bytes())
        else:
            server.send_message(message)


def as_message(mail: Mail) -> EmailMessage:
    """The MIME message: text first, HTML as the alternative."""
    text, html = mail.filled(mail.secret())
    message = EmailMessage(policy=SMTP)
    sender = current_app.config["MAIL_FROM"]
    message["From"] = formataddr((current_app.config["MAIL_FROM_NAME"]() or "Regulars", sender))
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    domain = sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail.name(secrets.token_hex(8))}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _claim(mail_id: int) -> bool:
    with write_tx():
        return bool(
            Mail.update(status="sending", tries=Mail.tries + 1, next_try_at=now())
            .where((Mail.id == mail_id) & (Mail.status == "pending"))
            .execute()
        )


def _mark(mail: Mail, status: str, error: str | None = None) -> None:
    due = now() + _pause(mail.tries)
    values: dict[str, object] = {"status": status, "error": error, "next_try_at": due}
    if status == "sent":
        values["sent_at"] = now()
    if status != "pending":
        values["sealed"] = None
    with write_tx():
        # A report may be here before the server's own answer was noted.
        Mail.update(**values).where((Mail.id == mail.id) & (Mail.status != "bounced")).execute()


def _pause(tries: int) -> timedelta:
    """How long a mail rests after it was tried that often."""
    return timedelta(seconds=min(3600, 15 * 2**tries))


def _refused_for_good(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code >= 500
