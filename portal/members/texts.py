"""The text messages to a member as their timeline tells them: to which number, what became of them.

Never what they say: a code is in no timeline. Of a number only the end is shown to the member.
"""

from portal.lib.phones import masked
from portal.lib.sms import TextMessage
from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.members.sources import Source, add_source

_MEMBER = {
    "sent": "We sent a text message to %(number)s.",
    "failed": "Our text message to %(number)s could not be delivered.",
    "dropped": "Our text message to %(number)s was not sent, because it came too late.",
}
_STAFF = {
    "sent": "A text message went to %(number)s.",
    "failed": "The text message to %(number)s could not be delivered: %(error)s.",
    "dropped": "The text message to %(number)s was not sent, because it came too late.",
}


def _for_member(values: Values) -> str:
    words = _MEMBER.get(values["status"], "Our text message to %(number)s is on its way to you.")
    return _(words, number=masked(values["subject"]))


def _for_staff(values: Values) -> str:
    words = _STAFF.get(values["status"], "The text message to %(number)s waits to be sent.")
    error = (values["error"] or _("no reason given")).rstrip(".")
    return _(words, number=masked(values["subject"]), error=error)


register("text.sent", group="mails", staff=_for_staff, member=_for_member, own=True)
add_source(
    Source(
        kind="text.sent",
        rank=81,
        at=TextMessage.created_at,
        member=TextMessage.member_id,
        subject=TextMessage.to,
        data={"status": TextMessage.status, "error": TextMessage.error},
    )
)
