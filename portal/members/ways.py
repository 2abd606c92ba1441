"""The ways in beside passkey and mailed code, and the parts of the security page, of later domains.

A domain registers a `Way` for the sign-in page and a `Part` for the security page; both are a
template and what it needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.members.models import Member


@dataclass(frozen=True)
class Way:
    """A part of the sign-in page: its template, which values it needs, None to leave it out."""

    name: str
    rank: int
    template: str
    values: Callable[[], dict[str, Any] | None]


@dataclass(frozen=True)
class Part:
    """A part of the member's security page, likewise."""

    name: str
    rank: int
    template: str
    values: Callable[[Member], dict[str, Any] | None]


_ways: dict[str, Way] = {}
_parts: dict[str, Part] = {}


def add_way(way: Way) -> None:
    """Offer a way in at the door; the lowest rank stands first."""
    _ways[way.name] = way


def add_part(part: Part) -> None:
    """Show a part on the security page."""
    _parts[part.name] = part


def ways() -> list[tuple[str, dict[str, Any]]]:
    """Template and values of each way in that the shop offers now."""
    found = ((way.template, way.values()) for way in sorted(_ways.values(), key=_rank))
    return [(template, values) for template, values in found if values is not None]


def parts(member: Member) -> list[tuple[str, dict[str, Any]]]:
    """Template and values of each part of a member's security page."""
    found = ((part.template, part.values(member)) for part in sorted(_parts.values(), key=_rank))
    return [(template, values) for template, values in found if values is not None]


def _rank(item: Way | Part) -> tuple[int, str]:
    return item.rank, item.name
