"""What became of the mail that somebody waits for, to the second, and what to do about it.

Read from the outbox row alone, so it says nothing about whether the shop knows the address.
"""

import re
from datetime import datetime

from flask import current_app

from portal.duplicates.mailboxes import mailbox, meant
from portal.lib.bounces import reason
from portal.lib.clock import now
from portal.lib.mail import Mail
from portal.lib.text import _
from portal.members.delivery import SOON, USUAL, Stage, Wait, second, text_of
from portal.members.models import ProofCode
from portal.shop.models import settings

#: `(550, b'no such person')`, as smtplib tells what a server answered.
_ANSWER = re.compile(r"\((\d{3}), b(['\"])(.*?)\2")
_OURS = ("53", "454", "503")  # the server is at odds with the shop, not with the address


def wait(row: ProofCode) -> Wait:
    """The diagnosis for the person who waits."""
    if row.channel == "sms" and not row.used_at:
        return text_of(row)
    mail = Mail.get_or_none(Mail.id == row.mail_id)
    if row.used_at:
        return Wait([], _("Your address is confirmed, in another browser. Sign in here too."), 0)
    if mail is None:
        return Wait([], _("This mail is gone. Send another one."), 0)
    written = Stage(_("Written"), "done", second(mail.created_at))
    stages, advice, pause = _TELL.get(mail.status, _waits)(mail)
    if row.expires_at <= now() and mail.status not in ("failed", "bounced"):
        advice, pause = _("Ten minutes are over, so its code and link ended. Send another one."), 0
    return Wait([written, *stages], advice, pause, perhaps(mail.to))


def perhaps(address: str) -> str:
    """The address with the mail provider that was probably meant, or nothing."""
    local_part, _at, domain = address.rpartition("@")
    folded = address.casefold()
    probable = meant(folded).rpartition("@")[2]
    slip = probable != mailbox(folded).rpartition("@")[2] and probable != domain.casefold()
    return f"{local_part}@{probable}" if slip else ""


def _waits(mail: Mail) -> tuple[list[Stage], str, int]:
    later = Stage(_("In your mailbox"))
    if not current_app.config["MAIL_URL"]:
        words = _("%(shop)s has no mail server yet, so the mail waits here.", shop=settings().name)
        return [Stage(_("Queued"), "now"), later], words, 15
    if mail.tries and mail.status == "pending":
        tried = Stage(_("Not taken yet"), "now", _why(mail, mail.tried_at))
        again = _("We try again at %(time)s.", time=second(mail.next_try_at))
        return [tried, later], again, 5
    if now() - mail.created_at > SOON:
        slow = _("The shop’s own queue is slow just now. The mail is not lost; it goes out soon.")
        return [Stage(_("Queued"), "now"), later], slow, 5
    return [Stage(_("Queued"), "now"), later], _("It goes out within seconds."), 2


def _sent(mail: Mail) -> tuple[list[Stage], str, int]:
    if mail.error:
        return _late(mail)
    moment = mail.sent_at or mail.created_at
    stages = [
        Stage(_("Taken by the mail server"), "done", second(moment)),
        Stage(_("In your mailbox"), "now"),
    ]
    if now() - moment <= USUAL:
        return stages, _("It should be there within a minute."), 5
    advice = _(
        "Longer than a minute is unusual. Look into your spam folder for a mail from %(sender)s.",
        sender=current_app.config["MAIL_FROM"],
    )
    return stages, advice, 30


def _failed(mail: Mail) -> tuple[list[Stage], str, int]:
    stage = Stage(_("Refused"), "stop", _why(mail, mail.tried_at))
    return [stage], _("No mail reaches this address. Look for a slip in it, and change it."), 0


def _bounced(mail: Mail) -> tuple[list[Stage], str, int]:
    taken = Stage(_("Taken by the mail server"), "done", second(mail.sent_at or mail.created_at))
    back = Stage(_("Came back"), "stop", _returned(mail))
    return (
        [taken, back],
        _("No mail reaches this address. Look for a slip in it, and change it."),
        0,
    )


def _late(mail: Mail) -> tuple[list[Stage], str, int]:
    taken = Stage(_("Taken by the mail server"), "done", second(mail.sent_at or mail.created_at))
    stages = [taken, Stage(_("Not in your mailbox yet"), "now", _returned(mail))]
    return stages, _("The mail servers go on trying. Another address may be quicker."), 30


def _returned(mail: Mail) -> str:
    """`10:02:40: the mailbox does not exist (5.1.1 User unknown)`."""
    words, at = reason(mail.error), second(mail.reported_at)
    theirs = (mail.error or "")[:160]
    told = f"{words} ({theirs})" if words else theirs
    return f"{at}: {told}" if told else at


def _dropped(_mail: Mail) -> tuple[list[Stage], str, int]:
    late = Stage(_("Not sent"), "stop")
    return [late], _("It waited longer than its code lives. Send another one."), 0


_TELL = {"sent": _sent, "failed": _failed, "bounced": _bounced, "dropped": _dropped}


def _why(mail: Mail, at: datetime) -> str:
    answer = _answer(mail)
    return f"{second(at)}: {answer}" if answer else second(at)


def _answer(mail: Mail) -> str:
    """What the mail server answered, never what is between it and the shop."""
    found = _ANSWER.search(mail.error or "")
    if found is None:
        return "" if mail.status != "pending" else _("the mail server did not answer")
    if found[1].startswith(_OURS):
        return _("the shop’s mail server does not work as it should")
    return said(mail.error or "")


def said(error: str) -> str:
    """`550 no such person`: what a mail server said, out of what is kept of it."""
    found = _ANSWER.search(error)
    if found is None:
        return error
    code, text = found[1], found[3]
    plain = " ".join(text.replace("\\r", " ").replace("\\n", " ").split())
    return f"{code} {''.join(c for c in plain if c.isprintable())[:160]}"
