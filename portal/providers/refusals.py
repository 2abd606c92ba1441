"""Why a sign-in with another service did not go on: each case has its sentence and next step."""

from collections.abc import Callable
from functools import wraps

from portal.lib.refused import Refused
from portal.lib.text import _


class NoKey(Refused):
    """The provider's word was not taken; the sentence says why and what to do next."""

    status = 403
    reason = ""  # which of the functions below made it, for the log


class Silent(Refused):
    """The provider can't be reached, or answers with nonsense."""

    status = 502
    reason = "no_answer"

    def __init__(self, name: str) -> None:
        super().__init__(
            _(
                "%(name)s does not answer at the moment. Nothing was changed. Come in another way, "
                "or try again in a few minutes.",
                name=name,
            )
        )


def _reasoned(make: Callable[[str], NoKey]) -> Callable[[str], NoKey]:
    @wraps(make)
    def reasoned(name: str) -> NoKey:
        refusal = make(name)
        refusal.reason = make.__name__
        return refusal

    return reasoned


@_reasoned
def unknown_answer(name: str) -> NoKey:
    """No sign-in of this shop waits for such an answer."""
    return NoKey(
        _("This answer of %(name)s belongs to no sign-in that began here. Begin again.", name=name)
    )


@_reasoned
def used_answer(name: str) -> NoKey:
    """The answer came a second time."""
    return NoKey(_("This answer of %(name)s was used already. Begin again.", name=name))


@_reasoned
def late_answer(name: str) -> NoKey:
    """The sign-in took longer than it may."""
    return NoKey(_("That took longer than ten minutes. Begin again with %(name)s.", name=name))


@_reasoned
def foreign_answer(name: str) -> NoKey:
    """Another browser began, or this one forgot its cookie."""
    return NoKey(
        _(
            "This sign-in with %(name)s began in another browser, or this one keeps no cookies. "
            "Begin again here.",
            name=name,
        )
    )


@_reasoned
def cancelled(name: str) -> NoKey:
    """The person said no at the provider."""
    return NoKey(_("You stopped at %(name)s. Nothing was changed.", name=name))


@_reasoned
def refused_there(name: str) -> NoKey:
    """The provider itself refused."""
    return NoKey(
        _(
            "%(name)s refused the sign-in. Nothing was changed. Begin again, or come in "
            "another way.",
            name=name,
        )
    )


@_reasoned
def not_believed(name: str) -> NoKey:
    """What the provider said does not check."""
    return NoKey(
        _(
            "What %(name)s said about you did not check, so nobody was let in. Begin again; if it "
            "stays so, come in another way and tell the shop.",
            name=name,
        )
    )


@_reasoned
def not_fresh(name: str) -> NoKey:
    """A fresh proof was asked, and the provider gave an old one."""
    return NoKey(
        _(
            "%(name)s does not show that it asked you again, so this is no fresh proof. Show in "
            "another way that it is you.",
            name=name,
        )
    )


@_reasoned
def wrong_house(name: str) -> NoKey:
    """The account is of no organisation that the shop allows."""
    return NoKey(
        _(
            "This account of %(name)s is not of the organisation that this shop lets in. Use "
            "another account, or come in another way.",
            name=name,
        )
    )


@_reasoned
def other_person(name: str) -> NoKey:
    """Who wanted the link is not who is signed in now."""
    return NoKey(
        _(
            "Somebody else is signed in here now, or nobody. Sign in, then link %(name)s again.",
            name=name,
        )
    )
