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


def _mail_for_member(values: Mapping[str, Any]) -> str:
    return _("%(shop)s sent you a mail to sign in with.", shop=settings().name)


def _sessions_for_member(values: Mapping[str, Any]) -> str:
    return _("%(shop)s signed you out everywhere.", shop=settings().name)


_ALL = (
    ("staff.looked", "looks", _looked_for_staff, _looked_for_member),
    ("staff.sign_in_mail", "mails", "%(who)s sent a sign-in mail to %(address)s.", _mail_for_member),
    ("staff.sessions_ended", "sign-ins", "%(who)s ended all sessions.", _sessions_for_member),
    ("staff.noted", "looks", "%(who)s wrote a note.", None),
    ("staff.settings_changed", "account", "%(who)s changed the shop’s settings.", "You changed the shop’s settings."),
)  # fmt: skip

for _name, _group, _staff, _member in _ALL:
    if _name not in kinds.names():
        kinds.register(_name, group=_group, staff=_staff, member=_member)
