"""A letter of the owner to somebody who joined and got stuck; once for each form, and logged."""

from portal.joining.steps import next_step
from portal.lib import sms
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.letters import write_to
from portal.members.models import Event, Member
from portal.members.notices import numbers
from portal.shop.models import settings

KIND = "joining.written"
TEXTED = 300  # characters of a letter that goes as a text message


def write(member: Member, by: Member, text: str, key: str) -> bool:
    """Send a member a few words; False for the second of two clicks. Raises Refused.

    They go by mail, or as a text message to who has only a phone.
    """
    shop = settings().name
    with write_tx():
        member.touch()  # holds their row, so that the second click sees what the first did
        written = (Event.member == member) & (Event.kind == KIND) & (Event.subject == key)
        if Event.select().where(written).exists():
            return False
        sent = write_to(
            member,
            "letter",
            subject=_("A word from %(shop)s", shop=shop),
            why=_("Somebody from %(shop)s wrote this to you by hand.", shop=shop),
            text=text,
            step=bool(next_step(member)),
        )
        if not sent:
            _text(member, text)
        member.record(KIND, actor=by, subject=key, text=text)
    return True


def _text(member: Member, text: str) -> None:
    to = numbers(member)[:1]
    if not to or not sms.is_on():
        raise Refused(_("This member proved no address and no number that the shop can write to."))
    if len(text) > TEXTED:
        raise Refused(
            _(
                "Only a phone number of theirs is known, and a text message holds %(most)s "
                "characters. Make the letter shorter.",
                most=TEXTED,
            )
        )
    words = f"{settings().name[:80]}: {text}"
    sms.post_text(to[0], words, kind="letter", member_id=member.id)
