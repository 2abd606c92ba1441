"""Text messages: like mails, every one is a row first (the outbox), sent by a job to a gateway."""

from datetime import timedelta
from typing import Protocol
from urllib.parse import unquote, urlsplit

import requests
from flask import current_app
from peewee import CharField, DateTimeField, IntegerField, TextField

from portal.lib.clock import now
from portal.lib.db import Base, write_tx
from portal.lib.jobs import job, periodic
from portal.lib.mail import SECRET_PLACE
from portal.lib.tokens import seal, unseal

TRIES = 4  # what it holds lives for ten minutes


class TextMessage(Base):
    """A text message to one number, in an outbox like the mails; its code waits sealed."""

    to = CharField(max_length=20)
    text = CharField(max_length=500)
    kind = CharField(max_length=60)
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

    def filled(self, secret: str | None = None) -> str:
        """The text with the secret in its place, or dots where it is not to be read."""
        return self.text.replace(SECRET_PLACE, secret if secret is not None else "••••••")

    def secret(self) -> str | None:
        """The sealed secret, while the message waits."""
        return unseal(self.sealed, "sms") if self.sealed else None


class NotSent(Exception):
    """The gateway did not take a message; `final` when it never will."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Gateway(Protocol):
    """What sends text messages: anything with this one method."""

    def send(self, to: str, text: str) -> None:
        """Hand one message over to an E.164 number; raises NotSent."""


class Twilio:
    """Twilio's message API: one form, posted with the account's name and token."""

    def __init__(self, url: str) -> None:
        """`twilio://ACCOUNT:TOKEN@api.twilio.com/SENDER`; `twilio+http` is for this machine."""
        parts = urlsplit(url)
        scheme = "http" if parts.scheme == "twilio+http" else "https"
        port = f":{parts.port}" if parts.port else ""
        self.account = unquote(parts.username or "")
        self.token = unquote(parts.password or "")
        self.sender = unquote(parts.path.strip("/"))
        self.address = (
            f"{scheme}://{parts.hostname}{port}/2010-04-01/Accounts/{self.account}/Messages.json"
        )

    def send(self, to: str, text: str) -> None:
        """Post the message; 201 is taken, 4xx is final but for 429, anything else is not."""
        service = self.sender.startswith("MG")
        form = {
            "To": to,
            "Body": text,
            "MessagingServiceSid" if service else "From": self.sender,
        }
        try:
            answer = requests.post(
                self.address,
                data=form,
                auth=(self.account, self.token),
                timeout=10,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            raise NotSent(
                f"The gateway did not answer: {type(problem).__name__}", final=False
            ) from None
        if answer.status_code == 201:
            return
        final = 400 <= answer.status_code < 500 and answer.status_code != 429
        raise NotSent(_said(answer), final=final)


def gateway() -> Gateway | None:
    """The gateway of SMS_URL, or None for a shop without one."""
    url = current_app.config["SMS_URL"]
    return Twilio(url) if url else None


def is_on() -> bool:
    """Whether text messages reach anybody: there is a gateway, or it is the demo shop's outbox."""
    return bool(current_app.config["SMS_URL"] or current_app.config["DEMO"])


def post_text(
    to: str,
    text: str,
    *,
    kind: str,
    secret: str | None = None,
    member_id: int | None = None,
    lives: timedelta | None = None,
) -> TextMessage:
    """Put a message to an E.164 number into the outbox, in the caller's transaction.

    Where SECRET_PLACE stands in `text`, the secret is put when it is sent. After `lives` it is
    not sent any more.
    """
    message = TextMessage.create(
        to=to,
        text=text,
        kind=kind,
        sealed=seal(secret, "sms") if secret is not None else None,
        member_id=member_id,
        expires_at=now() + lives if lives else None,
    )
    if current_app.config["SMS_URL"]:
        deliver_text(message.id)
    return message


@job()
def deliver_text(message_id: int) -> None:
    """Hand one waiting message to the gateway; what is not final is tried again."""
    through = gateway()
    if through is None or not _claim(message_id):
        return
    message = TextMessage.get_by_id(message_id)
    if message.expires_at and message.expires_at < now():
        _mark(message, "dropped", error="It waited longer than what it holds is valid.")
        return
    try:
        through.send(message.to, message.filled(message.secret()))
    except NotSent as problem:
        final = problem.final or message.tries >= TRIES
        _mark(message, "failed" if final else "pending", error=str(problem)[:500])
    else:
        _mark(message, "sent")


@periodic("sms.sweep")
def sweep_texts() -> None:
    """Take up messages that wait: their job was lost, or their next try is due."""
    if gateway() is None:
        return
    with write_tx():
        stuck = now() - timedelta(minutes=5)
        TextMessage.update(status="pending").where(
            (TextMessage.status == "sending") & (TextMessage.next_try_at < stuck)
        ).execute()
        due = (TextMessage.status == "pending") & (TextMessage.next_try_at <= now())
        waiting = [row.id for row in TextMessage.select(TextMessage.id).where(due).limit(200)]
    for message_id in waiting:
        deliver_text.call_local(message_id)


def _claim(message_id: int) -> bool:
    with write_tx():
        return bool(
            TextMessage.update(status="sending", tries=TextMessage.tries + 1, next_try_at=now())
            .where((TextMessage.id == message_id) & (TextMessage.status == "pending"))
            .execute()
        )


def _mark(message: TextMessage, status: str, error: str | None = None) -> None:
    pause = timedelta(seconds=15 * 2**message.tries)
    values: dict[str, object] = {"status": status, "error": error, "next_try_at": now() + pause}
    if status == "sent":
        values["sent_at"] = now()
    if status != "pending":
        values["sealed"] = None
    with write_tx():
        TextMessage.update(**values).where(TextMessage.id == message.id).execute()


def _said(answer: requests.Response) -> str:
    """The gateway's own words for a refusal, never what was sent to it."""
    try:
        body = answer.json()
        return f"{answer.status_code}: {body['message']} ({body.get('code', '')})"[:400]
    except (ValueError, KeyError, TypeError):
        return f"The gateway answered {answer.status_code}."
