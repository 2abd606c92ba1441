"""What ways back add to the member's security page."""

from typing import Any

from portal.members.models import EmailAddress, Member
from portal.members.ways import Part, Way, add_part, add_way
from portal.recovery import questions


def _address(member: Member) -> dict[str, Any]:
    return {"email": EmailAddress.of(member)}


def _nothing(_member: Member) -> dict[str, Any]:
    return {}


def _questions(member: Member) -> dict[str, Any] | None:
    return {"questions": questions.of(member)} if questions.are_on() else None


add_part(Part("questions", 45, "recovery/_questions_part.html", _questions))
add_part(Part("address", 50, "recovery/_address_part.html", _address))
add_part(Part("close", 95, "recovery/_closing_part.html", _nothing))
add_way(Way("recover", 99, "recovery/_door.html", dict))
