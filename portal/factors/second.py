"""Two-step verification: which step comes after a first one; a passkey is both in one."""

from collections.abc import Callable

from portal.factors import authenticators, passwords, recovery_codes
from portal.lib.jobs import job
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import keys
from portal.members.models import Member, PendingSignIn, SentFactor
from portal.members.steps import register
from portal.shop.models import settings

MAILED = ("code", "link")  # first steps that a mail carries


class WrongProof(Refused):
    """What was typed proves nothing; the sentence says what to do."""

    status = 422


def on(member: Member) -> list[str]:
    """The factors that a member has switched on and that count: app, sms, mail.

    A code by mail counts beside a password only: the mailbox alone is the first step of all
    others. Of who works for the shop only an app counts.
    """
    found = ["app"] if authenticators.of(member) else []
    if member.is_staff:
        return found
    sent = {row.channel for row in SentFactor.select().where(SentFactor.member == member.id)}
    if "sms" in sent:
        found.append("sms")
    if "mail" in sent and passwords.of(member):
        found.append("mail")
    return found


def ways(member: Member, first: str) -> list[str]:
    """What may be the second step after `first`, the likeliest first."""
    found = on(member)
    if "mail" in found and first in MAILED:
        found[found.index("mail")] = "password"  # the mailbox is proved: now what is known
    if "sms" in found and first == "sms":  # a phone is one proof, however often it is asked
        found.remove("sms")
        if not found and passwords.of(member):
            found = ["password"]
    if found and recovery_codes.left(member):
        found.append("recovery")
    return found


def step(member: Member, method: str) -> str:
    """The page that asks for the second step, or "" where one proof is enough."""
    if method == "passkey":
        return ""
    if on(member):
        if not ways(member, method):
            raise Refused(
                _("Your account asks for two steps, and one phone can’t be both. Come in by e-mail "
                  "or with a passkey.")
            )  # fmt: skip
        return "factors.second"
    if member.is_staff:
        raise Refused(
            _(
                "Who works for %(shop)s comes in with a passkey, or with two-step verification.",
                shop=settings().name,
            )
        )
    return ""


def _password(member: Member, typed: str) -> None:
    if not passwords.fits(member, typed[:1024]):  # a wrong one is told as a wrong second step
        raise WrongProof(_("That is not your password."))


def _recovery(member: Member, typed: str) -> None:
    if not recovery_codes.use(member, typed):
        raise WrongProof(_("That is none of your codes, or it was used. Take the next one."))


#: What takes a typed second step, once; raises Refused. Codes that are sent need the browser, too.
TAKERS: dict[str, Callable[[Member, str], None]] = {
    "app": authenticators.use,
    "password": _password,
    "recovery": _recovery,
}


@job()
def note_wrong(pending_id: int) -> None:
    """Write a wrong second step into the member's timeline."""
    pending = PendingSignIn.get_or_none(PendingSignIn.id == pending_id)
    if pending:
        pending.member.record("factor.wrong", device=pending.device)


register(step)


def _keys(member: Member) -> list[keys.Key]:
    """The same by their rows: each app counts by itself."""
    apps = [keys.Key("app", app.id, app.label) for app in authenticators.of(member)]
    return apps + [keys.Key(kind, member.id) for kind in on(member) if kind != "app"]


keys.add_steps("factors", _keys)
