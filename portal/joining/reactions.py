"""What joining does when somebody is in for the first time, whatever way they came."""

from flask import current_app

from portal.joining.arrival import close_invitation
from portal.joining.checklist import items
from portal.lib.text import _
from portal.members.events import first_visit
from portal.members.letters import write_to
from portal.members.models import EmailAddress, Member
from portal.shop.models import settings


@first_visit.connect
def on_first_visit(_sender: object, member: Member) -> None:
    """End their invitation and mail them what to do first, in the transaction of the sign-in."""
    if member.is_staff:
        return
    for email in EmailAddress.select().where(EmailAddress.member == member):
        close_invitation(email.address)
    shop, base = settings().name, current_app.config["BASE_URL"]
    write_to(
        member,
        "welcome",
        subject=_("Welcome to %(shop)s", shop=shop),
        why=_("You joined %(shop)s just now. This mail comes once.", shop=shop),
        tasks=[(item.words, item.why, base + item.url) for item in items(member) if not item.done],
    )
