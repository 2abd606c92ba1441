"""A browser that changed how its member comes in goes on with a new token; the old one is dead."""

from flask import g, has_request_context
from flask_login import current_user

from portal.lib.db import after
from portal.members.models import Member
from portal.members.sign_in import renew

#: The kinds of events that change who can come in.
CHANGES = frozenset(
    {
        "passkey.added",
        "passkey.removed",
        "password.set",
        "password.changed",
        "password.removed",
        "factor.added",
        "factor.removed",
        "recovery_codes.made",
        "provider.linked",
        "provider.unlinked",
        "email.changed",
        "email.taken_back",
    }
)


def note(member: Member, kind: str) -> None:
    """Renew the session of this request, once, when its own member did it; after the commit.

    A deed that is rolled back renews nothing, or the browser would hold a token that was never
    kept.
    """
    if kind not in CHANGES or not has_request_context():
        return
    if current_user.is_authenticated and current_user.member.id == member.id:
        after(_once)


def _once() -> None:
    if "renewed" not in g:
        g.renewed = True
        renew()
