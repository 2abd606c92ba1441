"""Ten failures within an hour, whichever way they were tried: the member gets one mail."""

from datetime import timedelta

from portal.lib.clock import now
from portal.lib.text import _
from portal.members import kinds
from portal.members.letters import tell_change
from portal.members.models import Event, Member
from portal.members.models.member import FAILURES
from portal.shop.models import settings

MANY = 10
WITHIN = timedelta(hours=1)
AGAIN = timedelta(days=1)  # a stranger who goes on guessing must not fill a mailbox

kinds.register(
    "sign_in.failed_often",
    group="sign-ins",
    staff="Failed to sign in %(count)s times within an hour, and was mailed about it.",
    member="Somebody failed to sign in to your account %(count)s times within an hour.",
    outcome="out",
    asks=True,
)


def note(member: Member) -> None:
    """Tell the member once it is ten; inside the transaction of the failure's event.

    That event wrote the member's row first, so failures at the same moment come here one by one.
    """
    moment = now()
    mine = Event.select().where(Event.member == member)
    told = mine.where((Event.kind == "sign_in.failed_often") & (Event.at > moment - AGAIN))
    if told.exists():
        return
    run = mine.where(Event.kind.in_(FAILURES) & (Event.at > moment - WITHIN))
    count = run.count()
    if count < MANY:
        return
    member.record("sign_in.failed_often", count=count)
    _tell(member, first_proof_known=run.where(Event.kind == "factor.wrong").exists())


def _tell(member: Member, *, first_proof_known: bool) -> None:
    tell_change(
        member,
        subject=_(
            "Somebody failed ten times to get into your account at %(shop)s", shop=settings().name
        ),
        sentence=_(
            "Somebody gave the first proof of your account, and failed at the second. Nobody got "
            "in by these ten tries."
        )
        if first_proof_known
        else _("Wrong codes, passwords or passkeys were tried ten times. Nobody got in by them."),
        advice=_(
            "If it was not you, somebody else knows your password or reads your mail: change that "
            "first."
        )
        if first_proof_known
        else _("You need not do anything. A passkey would make guessing pointless."),
    )
