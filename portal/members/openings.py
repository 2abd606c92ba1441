"""What opens an account, in two sentences: the truth in the head of the security page."""

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


def headline(member: Member) -> str:
    """Which ways open the account, and whether two steps are asked."""
    found = keys.of(member)
    ways, passkeys = _ways(found), sum(key.kind == keys.PASSKEY for key in found)
    if not _opens(member, ways, passkeys):
        return _("Nothing opens your account once you sign out.")
    if len(ways) == 1 and passkeys:
        return ngettext(
            "One passkey opens your account.", "%(count)s passkeys open your account.", passkeys
        )
    if keys.steps(member) and passkeys:
        return _("A passkey opens your account, anything else takes two steps.")
    if keys.steps(member):
        return _("Two steps open your account.")
    if len(ways) > MOST:
        return _("%(count)s ways open your account.", count=len(ways))
    return _("%(ways)s opens your account.", ways=_capital(_either(ways)))


def explanation(member: Member) -> str:
    """What stands below the headline: how the ways go together."""
    found = keys.of(member)
    passkeys = any(key.kind == keys.PASSKEY for key in found)
    ways, steps = _ways(found), [step.kind for step in keys.steps(member)]
    others = _ways([key for key in found if key.kind != keys.PASSKEY])
    if not _opens(member, ways, passkeys):
        return _("Make a passkey now, so that you can come back.")
    if member.is_staff and not steps:
        return _("People who run the shop come in with a passkey, or in two steps.")
    if others and steps == ["mail"]:
        return _("Two-step verification is on: your password and a mailed code are asked together.")
    if others and steps:
        return _(
            "Two-step verification is on: first %(first)s, then %(second)s.",
            first=_either(others),
            second=_either([_(_STEPS[kind]) for kind in dict.fromkeys(steps) if kind != "mail"]),
        )
    if not others:
        return _("Nobody can guess it, and there is nothing to remember.")
    if len(ways) > MOST:
        return _("%(ways)s: each is enough alone.", ways=_capital(_either(ways)))
    if passkeys:
        return _("Each is enough alone. Two-step verification is off.")
    return _("A passkey is quicker, and nobody can guess it. Two-step verification is off.")


def _opens(member: Member, ways: list[str], passkeys: int | bool) -> bool:
    """Whether somebody gets in at all; staff need a passkey or two steps."""
    return bool(passkeys or (ways and (not member.is_staff or keys.steps(member))))


def _ways(found: list[keys.Key]) -> list[str]:
    """Each kind once, accounts elsewhere by the names of who keeps them."""
    words = (_(_KINDS[key.kind]) if key.kind in _KINDS else key.name for key in found)
    return list(dict.fromkeys(words))


def _either(words: list[str]) -> str:
    *most, last = words
    return _("%(most)s or %(last)s", most=", ".join(most), last=last) if most else last


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
