"""The mails to a member as their timeline tells them: what they were about and what became of them.

Never what they say: a code or a link is in no timeline.
"""

from portal.lib.bounces import reason, reported
from portal.lib.mail import Mail
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.models import Member, fold_email
from portal.members.sources import Source, add_source

RECENT = 30  # mails that tell which addresses take none

_MEMBER = {
    "sent": "We mailed you “%(subject)s”.",
    "failed": "Our mail “%(subject)s” could not be delivered.",
    "bounced": "Our mail “%(subject)s” came back: %(reason)s.",
    "dropped": "Our mail “%(subject)s” was not sent, because it came too late.",
}
_STAFF = {
    "sent": "The mail “%(subject)s” went to %(to)s.",
    "failed": "The mail “%(subject)s” to %(to)s could not be delivered: %(error)s.",
    "bounced": "The mail “%(subject)s” to %(to)s came back: %(error)s.",
    "dropped": "The mail “%(subject)s” to %(to)s was not sent, because it came too late.",
}


def _for_member(values: Values) -> str:
    words = _MEMBER.get(values["status"], "Our mail “%(subject)s” is on its way to you.")
    late = values["status"] == "sent" and values["error"]
    words = "Our mail “%(subject)s” is late: %(reason)s." if late else words
    why = reason(values["error"]) or _("their mail server did not take it")
    return _(words, subject=values["subject"], reason=why)


def _for_staff(values: Values) -> str:
    words = _STAFF.get(values["status"], "The mail “%(subject)s” to %(to)s waits in the outbox.")
    if values["status"] == "sent" and values["error"]:
        words = "The mail “%(subject)s” to %(to)s is late: %(error)s."
    error = (values["error"] or _("no reason given")).rstrip(".")
    return _(words, subject=values["subject"], to=values["to"], error=error)


register("mail.sent", group="mails", staff=_for_staff, member=_for_member, own=True)
add_source(
    Source(
        kind="mail.sent",
        rank=80,
        at=Mail.created_at,
        member=Mail.member_id,
        subject=Mail.subject,
        data={"status": Mail.status, "to": Mail.to, "error": Mail.error},
    )
)


def returned(member: Member) -> dict[str, str]:
    """The addresses (folded) whose newest mail came back or was refused, and why."""
    rows = Mail.select(Mail.to, Mail.status, Mail.error).where(
        (Mail.member_id == member.id) & Mail.status.in_(("sent", "failed", "bounced"))
    )
    newest: dict[str, str] = {}
    for mail in rows.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(RECENT):
        came = mail.status == "sent"
        why = "" if came else reason(mail.error) or mail.error or _("refused")
        newest.setdefault(fold_email(mail.to), why)
    return {address: why for address, why in newest.items() if why}


@reported.connect
def _seen_anew(_sender: object, mail: Mail) -> None:
    """A timeline that a browser kept is fetched once more."""
    if mail.member_id:
        Member.update(version=Member.version + 1).where(Member.id == mail.member_id).execute()
