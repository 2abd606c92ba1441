"""How the deeds of the shop's staff read in a member's timeline."""

from collections.abc import Mapping
from typing import Any

from portal.lib.text import _
from portal.members import kinds
from portal.shop.models import settings


def _looked_for_staff(values: Mapping[str, Any]) -> str:
    if values["subject"]:
        return _("%(who)s looked at order %(subject)s.") % values
    return _("%(who)s opened this page.") % values


def _looked_for_member(values: Mapping[str, Any]) -> str:
    shop = settings().name
    if values["subject"]:
        return _(
            "Somebody from %(shop)s looked at your order %(subject)s.",
            shop=shop,
            subject=values["subject"],
        )
    return _("Somebody from %(shop)s looked at your orders.", shop=shop)


def _sessions_for_member(values: Mapping[str, Any]) -> str:
    return _("%(shop)s signed you out everywhere.", shop=settings().name)


kinds.register("staff.looked", group="looks", staff=_looked_for_staff, member=_looked_for_member)
kinds.register("staff.noted", group="looks", staff="%(who)s wrote a note.", member=None)
kinds.register("staff.note_removed", group="looks", staff="%(who)s took a note away.", member=None)
kinds.register(  # the member reads of the mail itself
    "staff.sign_in_mail", group="mails", staff="%(who)s sent a sign-in mail.", member=None
)
kinds.register(
    "staff.sessions_ended",
    group="sign-ins",
    staff="%(who)s ended all sessions.",
    member=_sessions_for_member,
)
kinds.register(
    "staff.settings_changed",
    group="account",
    staff="%(who)s changed the shop’s settings.",
    member="You changed the shop’s settings.",
    own=True,
)
kinds.register(
    "exports.taken",
    group="account",
    staff="%(who)s took %(subject)s away as %(format)s.",
    member="You took %(subject)s away as %(format)s.",
    own=True,
)
