"""How changes of a profile read in the timeline."""

from collections.abc import Mapping
from typing import Any

from portal.lib.text import _
from portal.members.kinds import register

AUDIENCE_WORDS = {
    "me": "only you",
    "members": "members",
    "everyone": "everyone",
}
FIELD_WORDS = {
    "name": "name",
    "picture": "picture",
    "bio": "words about yourself",
    "location": "place",
    "links": "links",
}


def _shown(values: Mapping[str, Any]) -> str:
    return _(
        "Your %(field)s can now be seen by %(audience)s.",
        field=_(FIELD_WORDS[values["field"]]),
        audience=_(AUDIENCE_WORDS[values["audience"]]),
    )


register(
    "profile.changed",
    group="account",
    staff="Changed the profile.",
    member="You changed your profile.",
    own=True,
)
register(
    "profile.username_changed",
    group="account",
    staff="Changed the username to %(subject)s.",
    member="You changed your username to %(subject)s.",
    own=True,
)
register(
    "profile.shown_to",
    group="account",
    staff="Changed who sees a part of the profile.",
    member=_shown,
    own=True,
)
register(
    "profile.picture_changed",
    group="account",
    staff="Changed the picture.",
    member="You changed your picture.",
    own=True,
)
register(
    "profile.picture_removed",
    group="account",
    staff="Removed the picture.",
    member="You removed your picture.",
    own=True,
)
