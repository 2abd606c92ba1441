"""What became of a message that somebody waits for, to the second, and what to do about it.

Read from the outbox row alone, so it says nothing about whether the shop knows who waits.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from portal.lib.clock import now
from portal.lib.dates import local
from portal.lib.sms import TextMessage
from portal.lib.text import _
from portal.members.models import ProofCode
from portal.shop.models import settings

SOON = timedelta(seconds=20)
USUAL = timedelta(minutes=1)
_CODE = re.compile(r"\((\d{5})\)")  # the gateway's own number of a refusal
#: Refusals that are about the number, not about the shop and its gateway.
_ABOUT_NUMBER = {
    "21211": "nobody has this number",
    "21214": "nobody has this number",
    "21610": "this phone answered STOP to an earlier message; answer START to it",
    "21612": "no text message reaches this number",
    "21614": "this is not the number of a mobile phone",
}


@dataclass(frozen=True)
class Stage:
    """A stage of its way; `state` is done, now, stop or nothing yet, `below` a time or why."""

    words: str
    state: str = ""
    below: str = ""


@dataclass(frozen=True)
class Wait:
    """What a waiting page says; `pause` is after how many seconds it asks again, 0: never."""

    stages: list[Stage]
    advice: str
    pause: int = 2
    perhaps: str = ""  # the address that was meant, where one letter makes the difference

    @property
    def lost(self) -> bool:
        """Whether this message will never arrive."""
        return any(stage.state == "stop" for stage in self.stages)


def second(at: datetime) -> str:
    """A time to the second in the shop's zone: `10:02:11`."""
    return f"{local(at):%H:%M:%S}"


def text_of(row: ProofCode) -> Wait:
    """The diagnosis for the person who waits for the code of this proof on their phone."""
    text = TextMessage.get_or_none(TextMessage.id == row.mail_id)
    if text is None:
        return Wait([], _("This message is gone. Send another one."), 0)
    written = Stage(_("Written"), "done", second(text.created_at))
    stages, advice, pause = _TELL.get(text.status, _waits)(text)
    if row.expires_at <= now() and text.status != "failed":
        advice, pause = _("Ten minutes are over, so its code ended. Send another one."), 0
    return Wait([written, *stages], advice, pause)


def _waits(text: TextMessage) -> tuple[list[Stage], str, int]:
    later = Stage(_("On your phone"))
    if not current_app.config["SMS_URL"]:
        words = _("%(shop)s sends no text messages yet, so it waits here.", shop=settings().name)
        return [Stage(_("Queued"), "now"), later], words, 15
    if text.tries and text.status == "pending":
        tried = Stage(_("Not taken yet"), "now", _why(text))
        again = _("We try again at %(time)s.", time=second(text.next_try_at))
        return [tried, later], again, 5
    if now() - text.created_at > SOON:
        slow = _("The shop’s own queue is slow just now. It is not lost; it goes out soon.")
        return [Stage(_("Queued"), "now"), later], slow, 5
    return [Stage(_("Queued"), "now"), later], _("It goes out within seconds."), 2


def _sent(text: TextMessage) -> tuple[list[Stage], str, int]:
    moment = text.sent_at or text.created_at
    stages = [
        Stage(_("Taken by the network"), "done", second(moment)),
        Stage(_("On your phone"), "now"),
    ]
    if now() - moment <= USUAL:
        return stages, _("It should be there within a minute."), 5
    advice = _("Longer than a minute is unusual. Is the number right, and is the phone on?")
    return stages, advice, 30


def _failed(text: TextMessage) -> tuple[list[Stage], str, int]:
    stage = Stage(_("Refused"), "stop", _why(text))
    return [stage], _("No text message reaches this number from here. Look for a slip in it."), 0


def _dropped(_text: TextMessage) -> tuple[list[Stage], str, int]:
    late = Stage(_("Not sent"), "stop")
    return [late], _("It waited longer than its code lives. Send another one."), 0


_TELL = {"sent": _sent, "failed": _failed, "dropped": _dropped}


def _why(text: TextMessage) -> str:
    """Why it was refused; what is between the shop and its gateway stays there."""
    found = _CODE.search(text.error or "")
    number = found and _ABOUT_NUMBER.get(found[1])
    if number:
        words = _(number)
    elif text.status == "pending":
        words = _("the shop’s gateway did not answer")
    else:
        words = _("the shop’s gateway did not take it")
    return words
