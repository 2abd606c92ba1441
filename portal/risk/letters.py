"""Mails to a member about what the shop decided: the text, what does not work, and until when."""

from portal.lib.dates import day
from portal.lib.text import _
from portal.members.letters import write_to
from portal.members.models import Restriction
from portal.members.standing import off, whom_to_ask
from portal.shop.models import settings


def tell(made: Restriction) -> None:
    """Mail the member what was decided, in the caller's transaction."""
    shop = settings().name
    subjects = {
        "warn": _("A warning from %(shop)s", shop=shop),
        "restrict": _("%(shop)s restricted your account", shop=shop),
        "suspend": _("%(shop)s suspended your account", shop=shop),
    }
    write_to(
        made.member,
        "standing",
        subject=subjects[made.kind],
        why=_why(),
        text=made.text,
        headline=headline(made),
        off=off(made.what),
        ask=whom_to_ask(),
    )


def tell_lifted(held: Restriction) -> None:
    """Mail the member that it holds no more, in the caller's transaction."""
    shop = settings().name
    subjects = {
        "warn": _("%(shop)s took a warning back", shop=shop),
        "restrict": _("Everything works again in your account at %(shop)s", shop=shop),
        "suspend": _("Your account at %(shop)s is open again", shop=shop),
    }
    headlines = {
        "warn": _("%(shop)s took a warning back.", shop=shop),
        "restrict": _("%(shop)s lifted a restriction. Everything works again.", shop=shop),
        "suspend": _("%(shop)s lifted the suspension. You can sign in again.", shop=shop),
    }
    write_to(
        held.member,
        "standing",
        subject=subjects[held.kind],
        why=_why(),
        text="",
        headline=headlines[held.kind],
        off="",
        ask="",
    )


def headline(held: Restriction) -> str:
    """What holds and until when, in a sentence to the member."""
    shop = settings().name
    said = {
        "warn": _("%(shop)s has warned you.", shop=shop),
        "restrict": _("%(shop)s has restricted your account.", shop=shop),
        "suspend": _("%(shop)s has suspended your account. Nobody can sign in to it.", shop=shop),
    }[held.kind]
    if held.ends_at and held.kind != "warn":
        return said + " " + _("It ends by itself on %(day)s.", day=day(held.ends_at))
    return said


def _why() -> str:
    return _(
        "You got this mail because %(shop)s decided something about your account there. "
        "Mails like this one cannot be switched off.",
        shop=settings().name,
    )
