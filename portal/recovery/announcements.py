"""What a slow recovery tells every address and proved number of the account.

Each function writes into the outbox in the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.lib.dates import clock_time, day
from portal.lib.text import _
from portal.lib.tokens import keyed, new_token
from portal.members import notices
from portal.members.models import Member, Recovery
from portal.recovery.letters import addresses, send_link, tell, text_all
from portal.shop.models import settings

ASKED = timedelta(hours=1)  # how long the first link can begin the 48 hours


def unknown(address: str) -> None:
    """Nobody has the address; whoever reads it learns that, and only they."""
    send_link(
        None,
        address,
        subject=_("Nobody at %(shop)s has this address", shop=settings().name),
        sentences=[_("Somebody wanted to get back into an account with this address. "
                     "No account has it. Try another address of yours.")],
        why=_asked_here(),
        secret=new_token(),
        lives=ASKED,
    )  # fmt: skip


def way(recovery: Recovery, token: str) -> None:
    """The link that begins it, and lets them in at its end."""
    send_link(
        None,
        recovery.address,
        subject=_("Your way back into your account at %(shop)s", shop=settings().name),
        sentences=[
            _("This link begins the slow way back, and lets you in at its end. Keep this mail."),
            _("It takes 48 hours, so that nobody else can take your account away from you."),
        ],
        path="/recover/way/",
        button=_("Begin the 48 hours"),
        secret=token,
        after=[_("Begin within an hour. If you did not ask for it, leave it alone.")],
        why=_asked_here(),
        lives=ASKED,
    )


def running(recovery: Recovery, address: str) -> None:
    """It was asked for again while it is under way."""
    send_link(
        recovery.member,
        address,
        subject=_("A recovery of your account at %(shop)s is under way", shop=settings().name),
        sentences=[
            _("Use the link of the mail that began it; you can come in with it from %(at)s.",
              at=moment(recovery.ready_at))
            if recovery.ready_at
            else _("It waits: for who got its first mail, or for two people of %(shop)s to agree. "
                   "Go on with the link of that mail.", shop=settings().name),
        ],
        path="/recover/stop/",
        button=_("Stop it"),
        secret=stop_token(recovery),
        why=_asked_here(),
    )  # fmt: skip


def waiting(recovery: Recovery, ready_at: datetime) -> None:
    """The 48 hours began: every address and number that the member proved hears of it."""
    member: Member = recovery.member
    words = _("Somebody wants to get back into your account at %(shop)s, and gets in on %(at)s. "
              "Stop it here:", shop=settings().name, at=moment(ready_at))  # fmt: skip
    for number in notices.numbers(member):
        notices.text_link(member, number, words, "/recover/stop/", stop_token(recovery))
    for address in {*addresses(member), recovery.address}:
        send_link(
            member,
            address,
            subject=_("Somebody wants to get back into your account at %(shop)s",
                      shop=settings().name),
            sentences=[
                _("They say that every way in is lost. They get in on %(at)s, unless somebody "
                  "stops it before.", at=moment(ready_at)),
                _("If it was not you, stop it now. It takes no sign-in."),
            ],
            path="/recover/stop/",
            button=_("Stop it"),
            secret=stop_token(recovery),
            after=[_("If it was you, there is nothing to do until then.")],
        )  # fmt: skip


def ready(recovery: Recovery) -> None:
    """The 48 hours are over."""
    send_link(
        None,
        recovery.address,
        subject=_("Your way back at %(shop)s is open", shop=settings().name),
        sentences=[
            _("The 48 hours are over. Open the link of the mail that began it, and enter."),
            _("It stays open for seven days."),
        ],
        why=_asked_here(),
    )


def stopped(recovery: Recovery) -> None:
    """Somebody stopped it."""
    for address in {recovery.address, *addresses(recovery.member)}:
        tell(
            recovery.member,
            address,
            subject=_("The recovery of your account at %(shop)s was stopped",
                      shop=settings().name),
            sentences=[_("Nobody gets in by it. Everything is as it was.")],
        )  # fmt: skip


def done(member: Member, told: Iterable[str]) -> None:
    """Somebody is in again; also addresses that open nothing any more are told."""
    subject = _("Somebody got back into your account at %(shop)s", shop=settings().name)
    text_all(member, subject)
    for address in told:
        tell(
            member,
            address,
            subject=subject,
            sentences=[_("The 48 hours went by and nobody stopped it. Every passkey and password "
                         "of before is gone, and two-step verification is off.")],
        )  # fmt: skip


def stop_token(recovery: Recovery) -> str:
    """The link that stops it stands in many mails; it is made anew from the row and the key."""
    return keyed("recovery-stop", recovery.token_hash)


def moment(at: datetime) -> str:
    """A day and a time of the days to come: `24 November at 10:02`."""
    return _("%(day)s at %(time)s", day=day(at), time=clock_time(at))


def _asked_here() -> str:
    return _(
        "Somebody asked at %(shop)s for a way back into an account with this address.",
        shop=settings().name,
    )
