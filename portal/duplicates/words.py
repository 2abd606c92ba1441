"""What moved, and why two people look alike, in words."""

from collections.abc import Mapping
from typing import Any

from portal.lib.text import _, ngettext


def what_moved(counts: Mapping[str, Any]) -> str:
    """`2 orders, 1 e-mail address, 120 points`; `nothing` where nothing went."""
    parts = [words for table, one, many in _THINGS if (words := _count(counts, table, one, many))]
    points = counts.get("points") or 0
    if points > 0:
        parts.append(ngettext("%(count)s point", "%(points)s points", points, points=f"{points:,}"))
    if points < 0:
        parts.append(_("%(points)s points that are owed", points=f"{-points:,}"))
    return ", ".join(parts) or _("nothing")


def _count(counts: Mapping[str, Any], table: str, one: str, many: str) -> str:
    count = counts.get(table) or 0
    return ngettext(one, many, count, number=f"{count:,}") if count else ""


_THINGS = (
    ("order", "%(count)s order", "%(number)s orders"),
    ("email_address", "%(count)s e-mail address", "%(number)s e-mail addresses"),
    ("phone_number", "%(count)s phone number", "%(number)s phone numbers"),
    ("wishlist_item", "%(count)s saved thing", "%(number)s saved things"),
    ("note", "%(count)s note", "%(number)s notes"),
)

#: Reasons by which two people look alike, as the agent reads them.
REASONS = {
    "email": "Their e-mail addresses reach the same mailbox",
    "typo": "Their e-mail addresses differ by a slip of the keyboard",
    "local": "Same name, and the same e-mail name at another provider",
    "phone": "Same phone number and similar names",
    "nameless": "Same phone number, and no name to tell them apart",
    "address": "Same name and the same street and postcode",
}


def reasons(codes: list[str]) -> list[str]:
    """The reasons in words; a code that an older version wrote is left out."""
    return [_(REASONS[code]) for code in codes if code in REASONS]
