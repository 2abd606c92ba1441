"""What opens an account, in two sentences: the truth in the head of the security page."""

from dataclasses import dataclass

from portal.lib.text import _, ngettext
from portal.members import keys
from portal.members.models import Member

MOST = 3  # kinds that a headline names; more are counted
_KINDS = {
    "passkey": "a passkey",
    "code": "a mailed code",
    "password": "your password",
    "phone": "a code by text message",
}
_STEPS = {
    "app": "a code from your app",
    "sms": "a code by text message",
    "mail": "a mailed code",
}


@dataclass(frozen=True)
class Opening:
    """The headline, and how the ways go together."""

    headline: str
    explanation: str


def tell(member: Member) -> Opening:
    """What opens a member's account now, and whether two steps are asked."""
    found, steps = keys.of(member), keys.steps(member)
    if member.is_staff and not steps:  # nothing else lets them in
        found = [key for key in found if key.kind == keys.PASSKEY]
    passkeys = sum(key.kind == keys.PASSKEY for key in found)
    others = _names([key for key in found if key.kind != keys.PASSKEY])
    if not found:
        return Opening(
            _("Nothing opens your account once you sign out."),
            _("Make a passkey now, so that you can come back."),
        )
    if not others:
        return _passkeys_alone(passkeys, member.is_staff)
    if steps:
        return _in_two_steps(bool(passkeys), others, list(dict.fromkeys(s.kind for s in steps)))
    return _each_alone([_(_KINDS[keys.PASSKEY]), *others] if passkeys else others, bool(passkeys))


def _passkeys_alone(count: int, staff: bool) -> Opening:
    headline = ngettext(
        "One passkey opens your account.", "%(count)s passkeys open your account.", count
    )
    if staff:
        return Opening(
            headline, _("People who run the shop come in with a passkey, or in two steps.")
        )
    return Opening(headline, _("There is nothing to remember, and nothing that can be guessed."))


def _in_two_steps(passkeys: bool, first: list[str], steps: list[str]) -> Opening:
    headline = (
        _("A passkey opens your account; anything else takes two steps.")
        if passkeys
        else _("Two steps open your account.")
    )
    if steps == ["mail"]:
        return Opening(
            headline,
            _("Two-step verification is on: your password and a mailed code are asked together."),
        )
    second = [_(_STEPS[kind]) for kind in steps if kind != "mail"]
    return Opening(
        headline,
        _(
            "Two-step verification is on: first %(first)s, then %(second)s.",
            first=_either(first),
            second=_either(second),
        ),
    )


def _each_alone(ways: list[str], passkeys: bool) -> Opening:
    off, listed = _("Two-step verification is off."), _capital(_either(ways))
    if len(ways) > MOST:
        return Opening(
            _("%(count)s ways open your account.", count=len(ways)),
            _("%(ways)s: each is enough alone.", ways=listed) + " " + off,
        )
    return Opening(
        _("%(ways)s opens your account.", ways=listed),
        (
            _("Each is enough alone.")
            if passkeys
            else _("A passkey is quicker, and nobody can guess it.")
        )
        + " "
        + off,
    )


def _names(found: list[keys.Key]) -> list[str]:
    """Each kind once, accounts elsewhere by the names of who keeps them."""
    words = (_(_KINDS[key.kind]) if key.kind in _KINDS else key.name for key in found)
    return list(dict.fromkeys(words))


def _either(words: list[str]) -> str:
    *most, last = words
    return _("%(most)s or %(last)s", most=", ".join(most), last=last) if most else last


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
