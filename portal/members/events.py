"""How signing in, passkeys, sessions and mails read in the timeline."""

from blinker import signal

from portal.lib.text import _, ngettext
from portal.members.kinds import Values, register

#: Sent in the transaction of somebody’s first sign-in: `first_visit.send(None, member=member)`.
first_visit = signal("members.first_visit")
#: Sent when a signed-in member says that a sign-in was not theirs, in that transaction:
#: `not_me.send(None, member=member, about="what it was, in words")`.
not_me = signal("members.not_me")

METHODS = {  # for the member, and for staff
    "passkey": (
        "You signed in with a passkey on %(device)s.",
        "Signed in with a passkey on %(device)s.",
    ),
    "code": (
        "You signed in with a mailed code on %(device)s.",
        "Signed in with a mailed code on %(device)s.",
    ),
    "link": (
        "You signed in with a one-time link on %(device)s.",
        "Signed in with a one-time link on %(device)s.",
    ),
    "demo": (
        "You walked into the demo shop on %(device)s.",
        "Walked into the demo shop on %(device)s.",
    ),
}
#: What else proves somebody, alone or as one of two (`password+app`).
PROOFS = {
    "passkey": "a passkey",
    "code": "a mailed code",
    "link": "a one-time link",
    "password": "a password",
    "oidc": "an account elsewhere",
    "app": "an authenticator app",
    "mail": "a mailed code",
    "sms": "a code by text message",
    "recovery": "a recovery code",
    "waited": "a recovery of 48 hours",
}
NEW = "It was the first time on this device."


def _where(values: Values) -> str:
    """The browser, and the place where the shop has a file of places."""
    if not values.get("place"):
        return str(values["device"])
    return _("%(device)s near %(place)s", device=values["device"], place=values["place"])


def _proofs(method: str) -> str:
    return _(" and ").join(_(PROOFS.get(proof, proof)) for proof in method.split("+"))


def _signed_in_member(values: Values) -> str:
    if words := METHODS.get(values["method"]):
        return _(words[0], device=_where(values))
    proofs = _proofs(values["method"])
    return _("You signed in with %(proofs)s on %(device)s.", proofs=proofs, device=_where(values))


def _signed_in_staff(values: Values) -> str:
    if words := METHODS.get(values["method"]):
        return _(words[1], device=_where(values))
    proofs = _proofs(values["method"])
    return _("Signed in with %(proofs)s on %(device)s.", proofs=proofs, device=_where(values))


def _ended_member(values: Values) -> str:
    return ngettext(
        "You ended another session.", "You ended %(count)s other sessions.", values["count"]
    )


def _ended_staff(values: Values) -> str:
    return ngettext("Ended another session.", "Ended %(count)s other sessions.", values["count"])


register(
    "sign_in.code_asked",
    group="sign-ins",
    staff="Asked for a sign-in code.",
    member="A sign-in code was asked for your address.",
    own=True,
)
register(
    "sign_in.code_wrong",
    group="sign-ins",
    staff="A wrong sign-in code was typed.",
    member="A wrong sign-in code was typed.",
    outcome="out",
    asks=True,
)
register(
    "link.dead",
    group="sign-ins",
    staff="A link of ours that works no more was opened.",
    member="A link from one of our mails was opened that works no more. It did nothing.",
    own=True,
    outcome="out",
)
register(
    "sign_in.done",
    group="sign-ins",
    staff=_signed_in_staff,
    member=_signed_in_member,
    own=True,
    outcome="in",
)
register(
    "sign_in.new_device",
    group="sign-ins",
    staff=lambda values: f"{_signed_in_staff(values)} {_(NEW)}",
    member=lambda values: f"{_signed_in_member(values)} {_(NEW)}",
    own=True,
    outcome="in",
    asks=True,
)
register(  # the member reads the answer beside what it was about
    "sign_in.was_me",
    group="sign-ins",
    staff="Said “this was me” of what was asked.",
    member=None,
    own=True,
)
register(
    "sign_in.was_not_me",
    group="sign-ins",
    staff="Said “this was not me” of what was asked.",
    member=None,
    own=True,
)
register(
    "sign_in.refused",
    group="sign-ins",
    staff=lambda values: _(
        "Proved themselves with %(proofs)s, and was not let in.", proofs=_proofs(values["method"])
    ),
    member=lambda values: _(
        "Somebody came with %(proofs)s, and was not let in.", proofs=_proofs(values["method"])
    ),
    outcome="out",
    asks=True,
)
register(
    "passkey.wrong",
    group="sign-ins",
    staff="The passkey “%(label)s” was shown and did not check. Nobody got in.",
    member="Somebody showed your passkey “%(label)s” and it did not check. Nobody got in.",
    outcome="out",
    asks=True,
)
register(
    "setup.refused",
    group="sign-ins",
    staff="A set-up link was used, and the passkey did not check. Nobody got in.",
    member="Your set-up link was used, and the passkey did not check. Nobody got in.",
    outcome="out",
)
register(
    "sign_in.too_late",
    group="sign-ins",
    staff="A sign-in was to be finished that had ended. Nobody got in.",
    member="Somebody wanted to finish a sign-in of yours that had ended. Nobody got in.",
    outcome="out",
)
register(
    "sign_in.ended",
    group="sign-ins",
    staff="Signed out on %(device)s.",
    member="You signed out on %(device)s.",
    own=True,
)
register(
    "sessions.ended_one",
    group="sign-ins",
    staff="Ended the session on %(device)s.",
    member="You ended the session on %(device)s.",
    own=True,
)
register("sessions.ended", group="sign-ins", staff=_ended_staff, member=_ended_member, own=True)
register(
    "passkey.added",
    group="account",
    staff="Made the passkey “%(label)s”.",
    member="You made the passkey “%(label)s”.",
    own=True,
)
register(
    "passkey.renamed",
    group="account",
    staff="Renamed the passkey “%(before)s” to “%(label)s”.",
    member="You renamed the passkey “%(before)s” to “%(label)s”.",
    own=True,
)
register(
    "passkey.removed",
    group="account",
    staff="Removed the passkey “%(label)s”.",
    member="You removed the passkey “%(label)s”.",
    own=True,
)
register(
    "passkey.refused",
    group="account",
    staff="The passkey “%(label)s” was refused: its counter went back, as that of a copy would.",
    member="The passkey “%(label)s” was refused, because it behaved like a copy.",
    outcome="out",
    asks=True,
)
register(
    "role.given",
    group="account",
    staff="Became %(role)s of the shop.",
    member="You became %(role)s of the shop.",
)
register(
    "role.taken",
    group="account",
    staff="Is %(role)s of the shop no more.",
    member="You are %(role)s of the shop no more.",
)
