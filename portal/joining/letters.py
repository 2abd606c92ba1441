"""A letter of the owner to somebody who joined and got stuck; once for each form, and logged."""

from portal.joining.steps import next_step
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.letters import write_to
from portal.members.models import Event, Member
from portal.shop.models import settings

KIND = "joining.written"


def write(member: Member, by: Member, text: str, key: str) -> bool:
    """Mail a member a few words; False for the second of two clicks. Raises Refused."""
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
            raise Refused(_("No address of this member is known."))
        member.record(KIND, actor=by, subject=key, text=text)
    return True
