"""How ways back read in the timeline; no whole address stands there, since it is never erased."""

from portal.lib.text import _
from portal.members.kinds import Values, register
from portal.shop.models import settings


def _changed_member(values: Values) -> str:
    if values.get("first"):
        return _("You proved the address %(new)s.", new=values["new"])
    return _("You changed your address from %(old)s to %(new)s.", **_pair(values))


def _changed_staff(values: Values) -> str:
    if values.get("first"):
        return _("Proved the address %(new)s.", new=values["new"])
    return _("Changed the address from %(old)s to %(new)s.", **_pair(values))


def _pair(values: Values) -> dict[str, str]:
    return {"old": values["old"], "new": values["new"]}


def _thawed_member(values: Values) -> str:
    if values["how"] == "recovery":
        return _("You got your account back. It works again.")
    return _("%(shop)s thawed your account. It works again.", shop=settings().name)


def _thawed_staff(values: Values) -> str:
    if values["how"] == "recovery":
        return _("Thawed by a recovery.")
    return _("%(who)s agreed and thawed the account.", who=values["who"])


STOPPED = {
    "link": "A recovery was stopped by the link of a mail.",
    "session": "A recovery was stopped from a browser that was signed in.",
    "not-me": "A recovery was stopped by “this was not me”.",
}


def _stopped_member(values: Values) -> str:
    if values["how"] == "agent":
        return _("%(shop)s stopped a recovery.", shop=settings().name)
    return _(STOPPED[values["how"]])


def _stopped_staff(values: Values) -> str:
    if values["how"] == "agent":
        return _("%(who)s stopped a recovery.", who=values["who"])
    return _(STOPPED[values["how"]])


register(
    "email.change_asked",
    group="account",
    staff="Asked to change the address to %(new)s.",
    member="You asked to change your address to %(new)s.",
    own=True,
)
register(
    "email.change_stopped",
    group="account",
    staff="Stopped the change of the address.",
    member="You stopped the change of your address.",
    own=True,
)
register("email.changed", group="account", staff=_changed_staff, member=_changed_member, own=True)
register(
    "email.taken_back",
    group="account",
    staff="The change from %(old)s to %(new)s was taken back by a link to the old address.",
    member="The change from %(old)s to %(new)s was taken back by a link to the old address.",
)
register(
    "closing.asked",
    group="account",
    staff="Asked to close the account on %(day)s.",
    member="You asked to close your account on %(day)s.",
    own=True,
)
register(
    "closing.kept",
    group="account",
    staff="Decided to keep the account.",
    member="You decided to keep your account.",
    own=True,
)
register(
    "closing.done",
    group="account",
    staff="The account was closed, two weeks after it was asked for.",
    member="The account was closed.",
)
register(
    "account.frozen",
    group="account",
    staff="“This was not me”, said of “%(about)s”: sessions ended, account frozen.",
    member="You said “this was not me” of “%(about)s”. The account was frozen.",
)
register(
    "account.thaw_proposed",
    group="account",
    staff="%(who)s wants to thaw the account; somebody else has to agree.",
    member=None,
)
register("account.thawed", group="account", staff=_thawed_staff, member=_thawed_member)
register(
    "recovery.started",
    group="account",
    staff="%(who)s started a recovery: %(reason)s",
    member=lambda _values: _("%(shop)s started a recovery for you.", shop=settings().name),
)
register(
    "recovery.agreed",
    group="account",
    staff="%(who)s agreed to a recovery.",
    member=None,
)
register(
    "recovery.waiting",
    group="account",
    staff="A recovery began; they can come in from %(until)s.",
    member="A recovery of your account began; whoever began it can come in from %(until)s.",
)
register(
    "questions.set",
    group="account",
    staff=lambda values: (
        _("Chose security questions anew.")
        if values.get("again")
        else _("Chose security questions.")
    ),
    member="You chose your security questions.",
    own=True,
)
register(
    "questions.removed",
    group="account",
    staff="Removed the security questions.",
    member="You removed your security questions.",
    own=True,
)
register(
    "recovery.wrong_answers",
    group="account",
    staff="Wrong answers to the security questions inside a recovery; tries left: %(left)s.",
    member="Somebody who reads your mail gave wrong answers to your security questions.",
    outcome="out",
    asks=True,
)
register(
    "recovery.refused",
    group="account",
    staff="A recovery ended, since the answers were wrong five times.",
    member="A recovery ended, since the answers were wrong five times.",
)
register("recovery.stopped", group="account", staff=_stopped_staff, member=_stopped_member)
register(
    "recovery.done",
    group="account",
    staff="Got back in by a recovery; every earlier way in is gone.",
    member="You got back in by a recovery. Every earlier way in is gone.",
)
