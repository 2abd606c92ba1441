"""The mails to a member as their timeline tells them: what they were about and what became of them.

Never what they say: a code or a link is in no timeline.
"""

from portal.lib.mail import Mail
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source

_MEMBER = {
    "sent": "We mailed you “%(subject)s”.",
    "failed": "Our mail “%(subject)s” could not be delivered.",
    "dropped": "Our mail “%(subject)s” was not sent, because it came too late.",
}
_STAFF = {
    "sent": "The mail “%(subject)s” went to %(to)s.",
    "failed": "The mail “%(subject)s” to %(to)s could not be delivered: %(error)s.",
    "dropped": "The mail “%(subject)s” to %(to)s was not sent, because it came too late.",
}


def _for_member(values: Values) -> str:
    words = _MEMBER.get(values["status"], "Our mail “%(subject)s” is on its way to you.")
    return _(words, subject=values["subject"])


def _for_staff(values: Values) -> str:
    words = _STAFF.get(values["status"], "The mail “%(subject)s” to %(to)s waits in the outbox.")
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
