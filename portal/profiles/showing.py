"""What a profile shows, and to whom: one function decides it for every page and picture."""

from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN

from portal.lib.db import Compiled
from portal.members.models import Member
from portal.profiles.models import AUDIENCES, FIELDS, Picture, Profile

#: From the one who sees least to the one who sees all.
VIEWERS = ("everyone", "members", "me")

_FOUND = Compiled(
    lambda p: (
        Member.select(
            Member.id,
            Member.number,
            Member.username,
            Member.name,
            Member.merged_into.alias("merged_into_id"),
            Profile.bio,
            Profile.location,
            Profile.links,
            Profile.visibility,
            Picture.digest.alias("picture"),
        )
        .join(Profile, JOIN.LEFT_OUTER, on=(Profile.member == Member.id))
        .join(Picture, JOIN.LEFT_OUTER, on=(Picture.member == Member.id))
        .where(Member.username == p("username"))
    )
)


@dataclass(frozen=True)
class Shown:
    """What one viewer may see of a profile; a hidden field is as empty as one never filled."""

    username: str
    name: str = ""
    picture: str = ""  # the digest that its address ends with
    bio: str = ""
    location: str = ""
    links: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to see."""
        return not (self.name or self.picture or self.bio or self.location or self.links)


def find(username: str) -> Any | None:
    """The whole profile behind an address, for `visible` alone."""
    found = _FOUND.first(username=username.lower()[:40]) if username.isprintable() else None
    if found is None or found.merged_into_id is None:
        return found
    return _FOUND.first(username=Member.get_by_id(found.merged_into_id).username)


def viewer_of(profile: Any, member_id: int | None, asked: str = "") -> str:
    """As whom somebody looks; asking to see it as others do may only ever show less."""
    own = "everyone" if member_id is None else "me" if member_id == profile.id else "members"
    wanted = asked if asked in VIEWERS else own
    return min(own, wanted, key=VIEWERS.index)


def visible(profile: Any, viewer: str) -> Shown:
    """What `viewer` (everyone, members or me) may see of a profile."""
    visibility = profile.visibility or {}
    parts = {
        name: getattr(profile, name)
        for name in FIELDS
        if getattr(profile, name) and sees(viewer, visibility.get(name, "me"))
    }
    return Shown(username=profile.username, **parts)


def sees(viewer: str, audience: str) -> bool:
    """Whether a viewer belongs to the audience that a field was opened to."""
    if audience not in AUDIENCES:
        return viewer == "me"
    return AUDIENCES.index(audience) >= AUDIENCES.index(viewer)
